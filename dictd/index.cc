// Two texts in the order of addition, the words and the meanings; and over the words two hash tables, by the key and
// by the bare form, and two sorted lists of the keys' places. Matching never touches the meanings, and so stays in the
// cache: they are most of the memory.
#define XXH_INLINE_ALL
#include "dictd/index.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "dictd/answers.h"
#include "dictd/fold.h"

namespace dictd {

namespace {

constexpr std::size_t kMostCompared = 64;  // entries of a key: few have more, and these must not cost their square

// A meaning that several of the headwords found have, as Polish and polish may, is given with the first of them.
void add_once(const Entry& entry, std::vector<Entry>& results) {
  const auto has_its_meaning = [&](const Entry& other) {
    return !other.meaning.empty() && other.meaning.data() == entry.meaning.data();
  };
  if (results.size() < kMostCompared && std::ranges::any_of(results, has_its_meaning)) return;
  results.push_back(entry);
}

}  // namespace

using Place = Index::Place;

PlaceTable::Hash Index::hash_of(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

Place Index::find(std::string_view key) const { return find(key, hash_of(key)); }

Place Index::find(std::string_view key, PlaceTable::Hash hash) const {
  return by_key_.find(hash, [&](Place place) { return this->key(place) == key; });
}

// In three steps, each over all keys: a step fetches what the next one reads.
void Index::find_all(std::span<const std::string> keys, std::span<Place> places) const {
  assert(keys.size() <= kMostAtOnce && keys.size() == places.size());
  if (by_key_.empty()) {
    std::ranges::fill(places, kNowhere);
    return;
  }
  std::array<PlaceTable::Hash, kMostAtOnce> hashes;  // as many as there are keys are written
  for (std::size_t n = 0; n < keys.size(); ++n) {
    hashes[n] = hash_of(keys[n]);
    __builtin_prefetch(&by_key_.first_slot(hashes[n]));
  }
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const Place place = by_key_.first_slot(hashes[n]).place;
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

void Index::entries(Place place, const Sought& sought, const Scope& scope, std::vector<Entry>& results) const {
  results.clear();
  if (!scope.everything || place == kNowhere || has_variants(place)) {
    for (const Place answer : answers(*this, place, sought, scope)) add_once(entry(answer), results);
    return;
  }
  do {
    const Head head = this->head(place);
    add_once(entry(head, place), results);
    place = head.next;
  } while (place != 0);
}

std::vector<Place> Index::variants(std::string_view key) const {
  std::vector<Place> variants;
  std::string bare;
  bare_form(key, bare);
  if (bare.empty()) return variants;
  if (bare != key) {
    if (const Place place = find(bare); place != kNowhere) variants.push_back(place);
  }
  std::string other;
  (void)by_bare_form_.find(hash_of(bare), [&](Place place) {
    bare_form(this->key(place), other);
    if (other == bare && this->key(place) != key) variants.push_back(place);
    return false;
  });
  return variants;
}

std::optional<Scope> Index::scope(std::string_view database) const {
  const bool first_only = database == "!";
  if (!first_only && database != "*") {
    const Dictionary* const named = dictionary(database);
    if (named == nullptr) return std::nullopt;
    return Scope{named->answers, false, false, named->default_strategy};
  }
  Scope scope{default_set_, first_only, chooses_nothing_ && !first_only, {}};
  if (default_set_.size() == 1) scope.default_strategy = dictionaries_[default_set_.front()].default_strategy;
  return scope;
}

const Dictionary* Index::dictionary(std::string_view name) const {
  const auto name_of = [this](std::uint16_t number) -> std::string_view { return dictionaries_[number].name; };
  const auto found = std::ranges::lower_bound(by_name_, name, {}, name_of);
  return found == by_name_.end() || name_of(*found) != name ? nullptr : &dictionaries_[*found];
}

std::vector<Index::MissingMember> Index::missing_members() const {
  std::vector<MissingMember> missing;
  for (const Dictionary& each : dictionaries_) {
    for (const std::string& member : each.members) {
      if (dictionary(member) == nullptr) missing.push_back({each.name, member});
    }
  }
  return missing;
}

}  // namespace dictd
