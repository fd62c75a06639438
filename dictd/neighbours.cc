#include "dictd/neighbours.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dictd/fold.h"
#include "dictd/key_order.h"

namespace dictd {
namespace {

// Finds the keys one edit away from a word; lives for one call.
//
// An edit leaves what is before it and what is behind it. One in the second half of the word is looked for
// among the keys that begin with its first half, one in the first half among those that end with its second
// half, and only characters that do occur there in some key are tried.
class Neighbours {
 public:
  Neighbours(const Index& index, std::string_view word) : index_(index), word_(word) {}

  // Ascending, without repeats.
  std::vector<Index::Place> find() && {
    std::size_t half = 0;
    for (auto n = count_characters(word_) / 2; n > 0; --n) {
      half += FromFront::first_character(word_.substr(half)).size();
    }
    try_left_out_and_exchanged();
    try_inserted_and_replaced<FromFront>(half);
    try_inserted_and_replaced<FromBack>(word_.size() - half);
    std::ranges::sort(found_, {}, [this](Index::Place place) { return index_.key(place); });
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

 private:
  void try_left_out_and_exchanged() {
    std::string_view here;
    for (std::size_t at = 0; at < word_.size(); at += here.size()) {
      here = FromFront::first_character(word_.substr(at));
      const auto before = word_.substr(0, at);
      const auto after = word_.substr(at + here.size());
      try_key(candidate_.assign(before).append(after));
      const auto next = FromFront::first_character(after);
      if (next.empty() || next == here) continue;
      try_key(candidate_.assign(before).append(next).append(here).append(after.substr(next.size())));
    }
  }

  // Edits behind the first `taken` bytes.
  template <typename Side>
  void try_inserted_and_replaced(std::size_t taken) {
    auto range = narrow<Side>(index_, Side::keys(index_), 0, Side::taken(word_, taken));
    while (!range.empty()) {
      const auto here = Side::first_character(Side::left(word_, taken));
      try_characters<Side>(range, taken, here);
      if (here.empty()) break;
      range = narrow<Side>(index_, range, taken, here);
      taken += here.size();
    }
  }

  // Edits right behind the first `taken` bytes, in which all of the range agree with the word; `here` comes
  // next in it.
  template <typename Side>
  void try_characters(KeyRange range, std::size_t taken, std::string_view here) {
    const auto before = Side::taken(word_, taken);
    const auto inserted = Side::left(word_, taken);
    const auto replaced = Side::left(word_, taken + here.size());
    if (index_.key(range.front()).size() == taken) range = range.subspan(1);
    while (!range.empty()) {
      const auto key = index_.key(range.front());
      const auto character = Side::first_character(Side::left(key, taken));
      const auto alike = count_alike<Side>(index_, range, taken, character);
      const bool can_replace = character != here && !here.empty();
      if (alike == 1) {
        const auto left = Side::left(key, taken + character.size());
        if (left == inserted || (can_replace && left == replaced)) found_.push_back(range.front());
      } else {
        try_key(Side::join(candidate_, before, character, inserted));
        if (can_replace) try_key(Side::join(candidate_, before, character, replaced));
      }
      range = range.subspan(alike);
    }
  }

  void try_key(std::string_view key) {
    if (const auto place = index_.find(key); place != Index::kNowhere) found_.push_back(place);
  }

  const Index& index_;
  std::string_view word_;
  std::vector<Index::Place> found_;
  std::string candidate_;
};

}  // namespace

std::vector<Index::Place> neighbours(const Index& index, std::string_view word) {
  return Neighbours(index, word).find();
}

}  // namespace dictd
