// Indexes made of a list, and what they answer as lists of texts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "dictd/fold.h"
#include "dictd/index.h"
#include "dictd/strategy.h"

namespace dictd {

inline void PrintTo(const Entry& entry, std::ostream* out) {
  *out << entry.dictionary << ": " << testing::PrintToString(std::string(entry.headword)) << " = " << entry.meaning;
}

}  // namespace dictd

namespace dictd::index_test {

constexpr std::size_t kNoLimit = 1'000'000;

struct Addition {
  std::string dictionary;
  std::string headword;
  std::string meaning;

  [[nodiscard]] Entry entry() const { return {dictionary, headword, meaning}; }
};

// Additions of one dictionary stand together.
inline std::shared_ptr<const Index> build(const std::vector<Addition>& additions) {
  IndexBuilder builder;
  const std::string* current = nullptr;
  for (const auto& [dictionary, headword, meaning] : additions) {
    if (current == nullptr || *current != dictionary) {
      EXPECT_TRUE(builder.add_dictionary({.name = dictionary, .title = "The " + dictionary}));
    }
    current = &dictionary;
    EXPECT_TRUE(builder.add(headword, meaning)) << headword;
  }
  return std::move(builder).build();
}

inline std::string key_of(const std::string& word) {
  std::string key;
  fold(word, key);
  return key;
}

inline std::vector<Entry> exact(const Index& index, const std::string& word, std::string_view database = "*") {
  std::vector<Entry> results{{"left", "over", "from the last look-up"}};
  const auto key = key_of(word);
  index.entries(index.find(key), {word, key}, *index.scope(database), results);
  return results;
}

inline std::vector<Entry> match(const Index& index, std::string_view strategy, const std::string& word,
                                std::size_t limit = kNoLimit, std::string_view database = "*") {
  std::vector<Entry> results{{"left", "over", "from the last look-up"}};
  const auto matched = match(index, *find_strategy(strategy), {word, key_of(word)}, *index.scope(database),
                             {limit, std::chrono::steady_clock::time_point::max()}, results);
  EXPECT_TRUE(matched) << strategy << " of " << word << ": " << matched.error().message;
  return results;
}

inline std::vector<std::string> column(const std::vector<Entry>& entries, std::string_view Entry::*member) {
  std::vector<std::string> texts;
  for (const auto& entry : entries) texts.emplace_back(entry.*member);
  return texts;
}

inline std::vector<std::string> headwords(const std::vector<Entry>& entries) {
  return column(entries, &Entry::headword);
}
inline std::vector<std::string> meanings(const std::vector<Entry>& entries) { return column(entries, &Entry::meaning); }

inline std::vector<Addition> in_one_dictionary(const std::vector<std::string>& words) {
  std::vector<Addition> additions;
  for (const auto& word : words) additions.push_back({"d", word, "meaning of " + word});
  return additions;
}

}  // namespace dictd::index_test
