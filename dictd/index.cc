// Two texts in the order of addition, the words and the meanings; and over the words a hash table and two
// sorted lists of the keys' places. Matching never touches the meanings, and so stays in the cache: they are
// most of the memory. The lists serve as tries, from the front of the keys and from their back: the keys with
// a common beginning (or ending) are a range, and a longer one narrows it.
#define XXH_INLINE_ALL
#include "dictd/index.h"

#include <sys/mman.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <utility>

#include "dictd/fold.h"

namespace dictd {
namespace {

using Place = Index::Place;

// A key read from its front. `taken` bytes are those already matched; what is left begins behind them.
struct FromFront {
  static constexpr bool kAscending = true;
  static std::span<const Place> keys(const Index& index) { return index.by_front(); }
  static std::string_view taken(std::string_view key, std::size_t taken) { return key.substr(0, taken); }
  static std::string_view left(std::string_view key, std::size_t taken) { return key.substr(taken); }
  static std::string_view first_character(std::string_view left) {
    std::size_t bytes = left.empty() ? 0 : 1;
    while (bytes < left.size() && is_continuation(left[bytes])) ++bytes;
    return left.substr(0, bytes);
  }
  static bool begins(std::string_view left, std::string_view with) { return left.starts_with(with); }
  static std::strong_ordering order(std::string_view left, std::string_view other) { return left <=> other; }
  static char byte(std::string_view key, std::size_t n) { return key[n]; }
  static std::string& join(std::string& out, std::string_view taken, std::string_view middle, std::string_view left) {
    return out.assign(taken).append(middle).append(left);
  }

  static bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }
};

// The same read from its back: the first character is the last, and order is that of the bytes reversed.
struct FromBack {
  static constexpr bool kAscending = false;
  static std::span<const Place> keys(const Index& index) { return index.by_back(); }
  static std::string_view taken(std::string_view key, std::size_t taken) { return key.substr(key.size() - taken); }
  static std::string_view left(std::string_view key, std::size_t taken) { return key.substr(0, key.size() - taken); }
  static std::string_view first_character(std::string_view left) {
    std::size_t bytes = left.empty() ? 0 : 1;
    while (bytes < left.size() && FromFront::is_continuation(left[left.size() - bytes])) ++bytes;
    return left.substr(left.size() - bytes);
  }
  static bool begins(std::string_view left, std::string_view with) { return left.ends_with(with); }
  static std::strong_ordering order(std::string_view left, std::string_view other) {
    const auto unsigned_order = [](char a, char b) {
      return static_cast<unsigned char>(a) <=> static_cast<unsigned char>(b);
    };
    return std::lexicographical_compare_three_way(left.rbegin(), left.rend(), other.rbegin(), other.rend(),
                                                  unsigned_order);
  }
  static char byte(std::string_view key, std::size_t n) { return key[key.size() - 1 - n]; }
  static std::string& join(std::string& out, std::string_view taken, std::string_view middle, std::string_view left) {
    return out.assign(left).append(middle).append(taken);
  }
};

// What is read at random misses the TLB less often in large pages. An advice: a kernel that has none left, or is older
// than Linux 6.1, leaves things as they are.
void ask_for_large_pages(void* memory, std::size_t size) {
  constexpr std::size_t kLargePage = std::size_t{2} << 20;
  constexpr int kCollapse = 25;  // MADV_COLLAPSE, which older headers do not name
  const std::size_t before = (kLargePage - reinterpret_cast<std::uintptr_t>(memory) % kLargePage) % kLargePage;
  if (size < before + kLargePage) return;
  (void)::madvise(static_cast<char*>(memory) + before, (size - before) / kLargePage * kLargePage, kCollapse);
}

// Sorts by key, then by place, which is the order of addition. Compares the first eight bytes as one number,
// which settles most pairs without a look at the words.
template <typename Side>
void sort_places(const Index& index, std::vector<Place>& places) {
  struct Item {
    std::uint64_t first_bytes = 0;
    Place place = 0;
  };
  std::vector<Item> items;
  items.reserve(places.size());
  for (const auto place : places) {
    const auto key = index.key(place);
    Item item{0, place};
    for (std::size_t n = 0; n < sizeof item.first_bytes; ++n) {
      const unsigned char byte = n < key.size() ? static_cast<unsigned char>(Side::byte(key, n)) : 0;
      item.first_bytes = item.first_bytes << 8U | byte;
    }
    items.push_back(item);
  }
  std::sort(items.begin(), items.end(), [&](const Item& one, const Item& other) {
    if (one.first_bytes != other.first_bytes) return one.first_bytes < other.first_bytes;
    const auto order = Side::order(index.key(one.place), index.key(other.place));
    return std::is_eq(order) ? one.place < other.place : std::is_lt(order);
  });
  std::ranges::transform(items, places.begin(), &Item::place);
}

using Range = std::span<const Place>;

// Those keys of a range, all of which agree in `taken` bytes, whose next bytes are `with`.
template <typename Side>
Range narrow(const Index& index, Range range, std::size_t taken, std::string_view with) {
  const auto left = [&](Place place) { return Side::left(index.key(place), taken); };
  const auto begin = std::partition_point(range.begin(), range.end(),
                                          [&](Place place) { return std::is_lt(Side::order(left(place), with)); });
  const auto end =
      std::partition_point(begin, range.end(), [&](Place place) { return Side::begins(left(place), with); });
  return {begin, end};
}

// How many keys at the front of a range have `character` next, as its first one has. Doubles its steps, as
// the ranges of a trie are mostly short.
template <typename Side>
std::size_t count_alike(const Index& index, Range range, std::size_t taken, std::string_view character) {
  const auto alike = [&](std::size_t n) { return Side::begins(Side::left(index.key(range[n]), taken), character); };
  std::size_t last = 0;
  std::size_t step = 1;
  for (; last + step < range.size() && alike(last + step); step *= 2) last += step;
  auto past = std::min(last + step, range.size());
  while (past - last > 1) {
    const auto middle = last + (past - last) / 2;
    (alike(middle) ? last : past) = middle;
  }
  return past;
}

// Finds the keys one edit away from a word; lives for one call of lev.
//
// An edit leaves what is before it and what is behind it. One in the second half of the word is looked for
// among the keys that begin with its first half, one in the first half among those that end with its second
// half, and only characters that do occur there in some key are tried.
class Neighbours {
 public:
  Neighbours(const Index& index, std::string_view word, std::size_t limit)
      : index_(index), word_(word), limit_(limit) {}

  // Ascending, without repeats: the first `limit`, perhaps with some that are further on.
  std::vector<Place> find() && {
    std::size_t half = 0;
    for (auto n = count_characters(word_) / 2; n > 0; --n) {
      half += FromFront::first_character(word_.substr(half)).size();
    }
    try_left_out_and_exchanged();
    try_inserted_and_replaced<FromFront>(half);
    try_inserted_and_replaced<FromBack>(word_.size() - half);
    std::ranges::sort(found_, {}, [this](Place place) { return index_.key(place); });
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
  void try_characters(Range range, std::size_t taken, std::string_view here) {
    const auto before = Side::taken(word_, taken);
    const auto inserted = Side::left(word_, taken);
    const auto replaced = Side::left(word_, taken + here.size());
    const auto found_before = found_.size();
    if (index_.key(range.front()).size() == taken) range = range.subspan(1);
    while (!range.empty()) {
      if (Side::kAscending && found_.size() - found_before >= limit_) break;  // those to come are greater
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
  std::size_t limit_;
  std::vector<Place> found_;
  std::string candidate_;
};

void match_exact(const Index& index, std::string_view key, std::size_t limit, std::vector<Entry>& results) {
  if (const auto place = index.find(key); place != Index::kNowhere) index.append(place, limit, results);
}

void match_prefix(const Index& index, std::string_view key, std::size_t limit, std::vector<Entry>& results) {
  const auto key_of = [&](Place place) { return index.key(place); };
  for (auto at = std::ranges::lower_bound(index.by_front(), key, {}, key_of);
       at != index.by_front().end() && results.size() < limit && key_of(*at).starts_with(key); ++at) {
    index.append(*at, limit, results);
  }
}

void match_near(const Index& index, std::string_view key, std::size_t limit, std::vector<Entry>& results) {
  match_exact(index, key, limit, results);
  for (const auto place : Neighbours(index, key, limit).find()) index.append(place, limit, results);
}

constexpr std::string_view kDefaultStrategy = "lev";

constexpr std::array kStrategies = {
    Strategy{"exact", "Match headwords exactly", match_exact},
    Strategy{"prefix", "Match prefixes", match_prefix},
    Strategy{"lev", "Match headwords within Levenshtein distance one", match_near},
};

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

const Strategy* find_strategy(std::string_view name) {
  if (name == ".") name = kDefaultStrategy;
  const auto* const found = std::ranges::find(kStrategies, name, &Strategy::name);
  return found == kStrategies.end() ? nullptr : found;
}

void Index::entries(Place place, std::vector<Entry>& results) const {
  results.clear();
  if (place == kNowhere) return;
  do {
    const auto head = this->head(place);
    results.push_back(entry(head, place));
    place = head.next;
  } while (place != 0);
}

void Index::match(const Strategy& strategy, std::string_view key, std::size_t limit,
                  std::vector<Entry>& results) const {
  results.clear();
  strategy.match(*this, key, limit, results);
}

Index::Hash Index::hash_of(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

Index::Place Index::find(std::string_view key, Hash hash) const {
  if (slots_.empty()) return kNowhere;
  for (auto slot = home_slot(hash);;) {
    const auto [tag, place] = slots_[slot];
    if (place == kNowhere) return kNowhere;
    if (tag == static_cast<std::uint32_t>(hash) && this->key(place) == key) return place;
    if (++slot == slots_.size()) slot = 0;
  }
}

// In three steps, each over all keys: a step fetches what the next one reads.
void Index::find_all(std::span<const std::string> keys, std::span<Place> places) const {
  assert(keys.size() <= kMostAtOnce && keys.size() == places.size());
  if (slots_.empty()) {
    std::ranges::fill(places, kNowhere);
    return;
  }
  std::array<Hash, kMostAtOnce> hashes;  // as many as there are keys are written
  for (std::size_t n = 0; n < keys.size(); ++n) {
    hashes[n] = hash_of(keys[n]);
    __builtin_prefetch(&slots_[home_slot(hashes[n])]);
  }
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const Place place = slots_[home_slot(hashes[n])].place;
    if (place != kNowhere) __builtin_prefetch(words_.data() + place);
  }
  for (std::size_t n = 0; n < keys.size(); ++n) {
    places[n] = find(keys[n], hashes[n]);
    if (places[n] == kNowhere) continue;
    const char* const meaning = meanings_.data() + head(places[n]).meaning;
    __builtin_prefetch(meaning);
    __builtin_prefetch(meaning + 64);  // most are longer than one line of the cache
  }
}

void Index::append(Place place, std::size_t limit, std::vector<Entry>& results) const {
  const auto first_of_key = static_cast<std::ptrdiff_t>(results.size());
  do {
    if (results.size() >= limit) return;
    const auto head = this->head(place);
    const auto candidate = entry(head, place);
    const auto repeats = [&](const Entry& other) {
      return other.dictionary.data() == candidate.dictionary.data() && other.headword == candidate.headword;
    };
    if (std::none_of(results.begin() + first_of_key, results.end(), repeats)) results.push_back(candidate);
    place = head.next;
  } while (place != 0);
}

Index::Head Index::head(Place place) const {
  Head head;
  std::memcpy(&head, words_.data() + place, sizeof head);
  return head;
}

Entry Index::entry(const Head& head, Place place) const {
  const char* const headword = words_.data() + place + sizeof head + (head.headword_is_key ? 0 : head.key_bytes);
  return {dictionaries_[head.dictionary].name,
          {headword, head.headword_bytes},
          {meanings_.data() + head.meaning, head.meaning_bytes}};
}

IndexBuilder::IndexBuilder(std::size_t most_text_bytes) : most_text_bytes_(most_text_bytes) {
  assert(most_text_bytes <= kMaxTextBytes);
}

Result<void> IndexBuilder::add_dictionary(std::string name, std::string title) {
  auto& dictionaries = index_->dictionaries_;
  if (dictionaries.size() == kMaxDictionaries) {
    return tl::unexpected(Error{ErrorCode::kOverloaded, "an index holds at most " + std::to_string(kMaxDictionaries) +
                                                            " dictionaries; remove some"});
  }
  dictionaries.push_back({std::move(name), std::move(title), 0});
  return {};
}

Result<void> IndexBuilder::add(std::string_view headword, std::string_view meaning) {
  auto& index = *index_;
  assert(!index.dictionaries_.empty());
  if (!valid_utf8(headword)) return tl::unexpected(Error{ErrorCode::kBadRequest, "the headword is not valid UTF-8"});
  headword = trim(headword);
  if (headword.empty() || count_characters(headword) > kMaxWordCharacters) {
    return tl::unexpected(
        Error{ErrorCode::kBadRequest, "a headword has 1 to " + std::to_string(kMaxWordCharacters) + " characters"});
  }
  fold(headword, key_);
  const Index::Head head{.next = 0,
                         .meaning = static_cast<std::uint32_t>(index.meanings_.size()),
                         .meaning_bytes = static_cast<std::uint32_t>(meaning.size()),
                         .key_bytes = static_cast<std::uint16_t>(key_.size()),
                         .headword_bytes = static_cast<std::uint16_t>(headword.size()),
                         .dictionary = static_cast<std::uint16_t>(index.dictionaries_.size() - 1),
                         .headword_is_key = key_ == headword};
  const auto word_bytes = sizeof head + key_.size() + (head.headword_is_key ? 0 : headword.size());
  if (word_bytes > most_text_bytes_ - index.words_.size() ||
      meaning.size() > most_text_bytes_ - index.meanings_.size()) {
    return tl::unexpected(Error{ErrorCode::kOverloaded, "an index holds at most " + std::to_string(most_text_bytes_) +
                                                            " bytes of words and as many of meanings; load fewer"});
  }
  index.by_front_.push_back(static_cast<Index::Place>(index.words_.size()));
  index.words_.append(reinterpret_cast<const char*>(&head), sizeof head).append(key_);
  if (!head.headword_is_key) index.words_.append(headword);
  index.meanings_.append(meaning);
  ++index.dictionaries_.back().entries;
  ++index.size_;
  return {};
}

std::shared_ptr<const Index> IndexBuilder::build() && {
  auto& index = *index_;
  index.words_.shrink_to_fit();
  index.meanings_.shrink_to_fit();
  sort_places<FromFront>(index, index.by_front_);
  chain_entries();
  index.by_back_ = index.by_front_;
  sort_places<FromBack>(index, index.by_back_);
  fill_slots();
  ask_for_large_pages(index.words_.data(), index.words_.size());
  ask_for_large_pages(index.meanings_.data(), index.meanings_.size());
  ask_for_large_pages(index.slots_.data(), index.slots_.size() * sizeof index.slots_[0]);
  return std::move(index_);
}

void IndexBuilder::chain_entries() {
  auto& places = index_->by_front_;
  const auto same_key = [this](Index::Place one, Index::Place other) { return index_->key(one) == index_->key(other); };
  for (std::size_t n = 1; n < places.size(); ++n) {
    if (!same_key(places[n - 1], places[n])) continue;
    std::memcpy(index_->words_.data() + places[n - 1] + offsetof(Index::Head, next), &places[n], sizeof places[n]);
  }
  places.erase(std::unique(places.begin(), places.end(), same_key), places.end());
  places.shrink_to_fit();
}

void IndexBuilder::fill_slots() {
  auto& slots = index_->slots_;
  if (index_->by_front_.empty()) return;
  slots.resize(index_->by_front_.size() * 8 / 5 + 1);  // one must stay empty, for a miss to end there
  for (const auto place : index_->by_front_) {
    const auto hash = Index::hash_of(index_->key(place));
    auto slot = index_->home_slot(hash);
    while (slots[slot].place != Index::kNowhere) slot = slot + 1 == slots.size() ? 0 : slot + 1;
    slots[slot] = {static_cast<std::uint32_t>(hash), place};
  }
}

}  // namespace dictd
