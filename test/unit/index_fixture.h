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
constexpr auto kNoDeadline = std::chrono::steady_clock::time_point::max();

struct Addition {
  std::string dictionary;
  std::string headword;
  std::string meaning;

  [[nodiscard]] Entry entry() const { return {dictionary, headword, meaning}; }
};

// The dictionaries in the order of their settings; one of which there are none is as by default, and comes last.
inline std::shared_ptr<const Index> build(std::vector<DictionarySettings> dictionaries,
                                          const std::vector<Addition>& additions) {
  for (const auto& addition : additions) {
    if (std::ranges::find(dictionaries, addition.dictionary, &DictionarySettings::name) != dictionaries.end()) continue;
    dictionaries.push_back({.name = addition.dictionary, .title = "The " + addition.dictionary});
  }
  IndexBuilder builder;
  for (const auto& settings : dictionaries) {
    EXPECT_TRUE(builder.add_dictionary(settings));
    for (const auto& [dictionary, headword, meaning] : additions) {
      if (dictionary == settings.name) {
        EXPECT_TRUE(builder.add(headword, meaning)) << headword;
      }
    }
  }
  return std::move(builder).build();
}

inline std::shared_ptr<const Index> build(const std::vector<Addition>& additions) { return build({}, additions); }

inline std::string key_of(const std::string& word) {
  std::string key;
  fold(word, key);
  return key;
}

inline std::vector<Entry> look_up(const Index& index, const std::string& word, std::string_view database = "*") {
  std::vector<Entry> results{{"left", "over", "from the last look-up"}};
  const auto key = key_of(word);
  index.entries(index.find(key), {word, key}, *index.scope(database), results);
  return results;
}

struct Asked {
  std::string_view database = "*";
  std::size_t limit = kNoLimit;
  std::chrono::steady_clock::time_point deadline = kNoDeadline;
};

inline Result<Matched> try_match(const Index& index, std::string_view strategy, const std::string& word,
                                 const Asked& asked, std::vector<Entry>& results) {
  return match(index, *find_strategy(strategy), {word, key_of(word)}, *index.scope(asked.database),
               {asked.limit, asked.deadline}, results);
}

inline std::vector<Entry> match(const Index& index, std::string_view strategy, const std::string& word,
                                const Asked& asked = {}) {
  std::vector<Entry> results{{"left", "over", "from the last look-up"}};
  const auto matched = try_match(index, strategy, word, asked, results);
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
