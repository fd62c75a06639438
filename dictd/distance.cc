// The keys are walked through as a trie: the textbook's table has a row for each character of a key, keys that begin
// alike share rows, and where a row has no number small enough all keys that begin so are passed over. Only the numbers
// near the diagonal can be small.
#include "dictd/distance.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dictd/fold.h"
#include "dictd/key_order.h"
#include "dictd/matches.h"
#include "dictd/neighbours.h"

namespace dictd {
namespace {

using Place = Index::Place;

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    characters.push_back(FromFront::first_character(text));
    text.remove_prefix(characters.back().size());
  }
  return characters;
}

// One walk through all keys; lives for it.
class Walk {
 public:
  // By distance, and in the order of keys.
  using Found = std::array<std::vector<Place>, kMaxDistance + 1>;

  Walk(const Question& question, bool exchanges)
      : question_(question),
        word_(characters_of(question.sought.key)),
        most_(question.distance),
        exchanges_(exchanges),
        rows_((word_.size() + most_ + 2) * width(), static_cast<std::uint8_t>(most_ + 1)) {
    path_.reserve(word_.size() + most_ + 1);
    for (std::size_t n = 0; n <= std::min<std::size_t>(word_.size(), most_); ++n) {
      row(0)[n] = static_cast<std::uint8_t>(n);
    }
  }

  Result<Found> find() && {
    KeyRange keys = question_.index.by_front();
    for (std::size_t looked_at = 0; !keys.empty(); ++looked_at) {
      if (looked_at % kKeysBetweenLooksAtTheClock == 0 && is_overdue(question_)) return tl::unexpected(took_too_long());
      keys = keys.subspan(pass(keys));
    }
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kKeysBetweenLooksAtTheClock = 1024;

  // Takes the first of the keys, or leaves out all that begin too far away, and answers how many that were.
  std::size_t pass(KeyRange keys) {
    const auto key = question_.index.key(keys.front());
    keep_common(key);
    while (bytes_ < key.size()) {
      const auto character = FromFront::first_character(key.substr(bytes_));
      if (!fill_row(character)) {
        return count_alike<FromFront>(question_.index, keys, 0, key.substr(0, bytes_ + character.size()));
      }
      path_.push_back(character);
      bytes_ += character.size();
    }
    if (const auto distance = row(path_.size())[word_.size()]; distance <= most_) {
      found_[distance].push_back(keys.front());
    }
    return 1;
  }

  // Goes back to the rows that this key has in common with the last.
  void keep_common(std::string_view key) {
    std::size_t characters = 0;
    bytes_ = 0;
    for (; characters < path_.size() && key.substr(bytes_).starts_with(path_[characters]); ++characters) {
      bytes_ += path_[characters].size();
    }
    path_.resize(characters);
  }

  // Fills the row behind those of the path. False if nothing that begins so can be near enough.
  bool fill_row(std::string_view character) {
    const auto depth = path_.size() + 1;
    if (depth > word_.size() + most_) return false;
    const auto* const before = row(depth - 1);
    auto* const here = row(depth);
    const auto first = depth > most_ ? depth - most_ : 0;
    auto least = most_ + 1;
    for (auto n = first; n <= std::min(word_.size(), depth + most_); ++n) {
      auto distance = before[n] + 1U;
      if (n > 0) {
        distance = std::min(distance, before[n - 1] + (character == word_[n - 1] ? 0U : 1U));
        if (n > first) distance = std::min(distance, here[n - 1] + 1U);
        if (exchanges_ && n > 1 && depth > 1 && character == word_[n - 2] && path_.back() == word_[n - 1]) {
          distance = std::min(distance, row(depth - 2)[n - 2] + 1U);
        }
      }
      distance = std::min(distance, most_ + 1);
      here[n] = static_cast<std::uint8_t>(distance);
      least = std::min(least, distance);
    }
    return least <= most_;
  }

  [[nodiscard]] std::size_t width() const { return word_.size() + 1; }
  std::uint8_t* row(std::size_t depth) { return rows_.data() + depth * width(); }

  const Question& question_;
  std::vector<std::string_view> word_;
  unsigned most_;
  bool exchanges_;
  std::vector<std::uint8_t> rows_;      // numbers off the diagonal stay most_ + 1
  std::vector<std::string_view> path_;  // characters of the last key whose rows are filled
  std::size_t bytes_ = 0;               // of the path
  Found found_;
};

Result<void> find_within(const Question& question, bool exchanges, Matches& matches) {
  auto found = Walk(question, exchanges).find();
  if (!found) return tl::unexpected(std::move(found).error());
  for (const auto& places : *found) {
    for (const auto place : places) {
      if (!matches.add(place)) return {};
    }
  }
  return {};
}

}  // namespace

Result<void> find_near(const Question& question, Matches& matches) {
  const auto& index = question.index;
  const auto key = question.sought.key;
  if (const auto place = index.find(key); place != Index::kNowhere && !matches.add(place)) return {};
  for (const auto place : neighbours(index, key)) {
    if (!matches.add(place)) break;
  }
  return {};
}

// A single character may be replaced by all that a key can begin with.
bool is_quick_near(const Question& question) {
  return count_characters(question.sought.key) > 1 || has_few_keys(question);
}

Result<void> find_lev(const Question& question, Matches& matches) { return find_within(question, false, matches); }
Result<void> find_dlev(const Question& question, Matches& matches) { return find_within(question, true, matches); }

}  // namespace dictd
