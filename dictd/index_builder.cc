// The words come in the order of addition, and stay in it: building adds what they are found by.
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <functional>
#include <set>
#include <utility>

#include "dictd/fold.h"
#include "dictd/index.h"
#include "dictd/key_order.h"

namespace dictd {
namespace {

using Place = Index::Place;

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

}  // namespace

IndexBuilder::IndexBuilder(std::size_t most_text_bytes) : most_text_bytes_(most_text_bytes) {
  assert(most_text_bytes <= kMaxTextBytes);
}

Result<void> IndexBuilder::add_dictionary(DictionarySettings settings) {
  if (index_->dictionaries_.size() == kMaxDictionaries) {
    return tl::unexpected(
        Error{ErrorCode::kOverloaded, "an index holds at most " + std::to_string(kMaxDictionaries) + " dictionaries"});
  }
  index_->dictionaries_.emplace_back(Dictionary{std::move(settings), 0, {}});
  return {};
}

Result<EntryRef> IndexBuilder::add(std::string_view headword, std::string_view meaning) {
  auto& meanings = index_->meanings_;
  if (meaning.size() > most_text_bytes_ - meanings.size()) return tl::unexpected(too_much_text());
  const Meaning stored{static_cast<std::uint32_t>(meanings.size()), static_cast<std::uint32_t>(meaning.size())};
  auto added = add_head(headword, stored);
  if (added) meanings.append(meaning);
  return added;
}

Result<void> IndexBuilder::add_alias(std::string_view headword, EntryRef of) {
  const auto head = index_->head(of.place);
  assert(head.dictionary + 1U == index_->dictionaries_.size());
  has_aliases_ = true;
  return add_head(headword, {head.meaning, head.meaning_bytes}).map([](EntryRef) {});
}

Result<EntryRef> IndexBuilder::add_head(std::string_view headword, Meaning meaning) {
  auto& index = *index_;
  assert(!index.dictionaries_.empty());
  if (!index.dictionaries_.back().members.empty()) {
    return tl::unexpected(Error{ErrorCode::kBadRequest, "a virtual dictionary has no words of its own"});
  }
  if (!valid_utf8(headword)) return tl::unexpected(Error{ErrorCode::kBadRequest, "the headword is not valid UTF-8"});
  headword = trim(headword);
  if (headword.empty() || count_characters(headword) > kMaxWordCharacters) {
    return tl::unexpected(
        Error{ErrorCode::kBadRequest, "a headword has 1 to " + std::to_string(kMaxWordCharacters) + " characters"});
  }
  fold(headword, key_);
  const Index::Head head{.next = 0,
                         .meaning = meaning.begin,
                         .meaning_bytes = meaning.bytes,
                         .key_bytes = static_cast<std::uint16_t>(key_.size()),
                         .headword_bytes = static_cast<std::uint16_t>(headword.size()),
                         .dictionary = static_cast<std::uint16_t>(index.dictionaries_.size() - 1),
                         .headword_is_key = key_ == headword,
                         .has_variants = false};
  const auto word_bytes = sizeof head + key_.size() + (head.headword_is_key ? 0 : headword.size());
  if (word_bytes > most_text_bytes_ - index.words_.size()) return tl::unexpected(too_much_text());
  const auto place = static_cast<Place>(index.words_.size());
  index.by_front_.push_back(place);
  index.words_.append(reinterpret_cast<const char*>(&head), sizeof head).append(key_);
  if (!head.headword_is_key) index.words_.append(headword);
  ++index.dictionaries_.back().entries;
  ++index.size_;
  return EntryRef{place};
}

Error IndexBuilder::too_much_text() const {
  return {ErrorCode::kOverloaded, "an index holds at most " + std::to_string(most_text_bytes_) +
                                      " bytes of words and as many of meanings; load fewer"};
}

std::shared_ptr<const Index> IndexBuilder::build() && {
  auto& index = *index_;
  index.words_.append(Index::kReadableBehindKey, '\0');
  index.words_.shrink_to_fit();
  index.meanings_.shrink_to_fit();
  name_dictionaries();
  choose_default_set();
  sort_places<FromFront>(index, index.by_front_);
  chain_entries();
  index.by_back_ = index.by_front_;
  sort_places<FromBack>(index, index.by_back_);
  fill_tables();
  ask_for_large_pages(index.words_.data(), index.words_.size());
  ask_for_large_pages(index.meanings_.data(), index.meanings_.size());
  ask_for_large_pages(index.by_key_.slots().data(), index.by_key_.slots().size() * sizeof(PlaceTable::Slot));
  return std::move(index_);
}

void IndexBuilder::name_dictionaries() {
  auto& dictionaries = index_->dictionaries_;
  auto& by_name = index_->by_name_;
  const auto name_of = [&](std::uint16_t number) -> std::string_view { return dictionaries[number].name; };
  for (std::size_t n = 0; n < dictionaries.size(); ++n) by_name.push_back(static_cast<std::uint16_t>(n));
  std::ranges::stable_sort(by_name, {}, name_of);
  for (std::size_t n = 0; n < dictionaries.size(); ++n) {
    auto& dictionary = dictionaries[n];
    if (dictionary.members.empty()) {
      dictionary.answers = {static_cast<std::uint16_t>(n)};
      continue;
    }
    dictionary.answers = real_members(dictionary);
    for (const auto member : dictionary.answers) dictionary.entries += dictionaries[member].entries;
  }
}

// In the order of a walk through the members and theirs; virtual ones may have each other as members.
std::vector<std::uint16_t> IndexBuilder::real_members(const Dictionary& of) const {
  std::vector<std::uint16_t> members;
  std::vector<bool> seen(index_->dictionaries_.size());
  std::vector<const Dictionary*> waiting{&of};
  while (!waiting.empty()) {
    const Dictionary& next = *waiting.back();
    waiting.pop_back();
    const auto number = static_cast<std::size_t>(&next - index_->dictionaries_.data());
    if (seen[number]) continue;
    seen[number] = true;
    if (next.members.empty()) members.push_back(static_cast<std::uint16_t>(number));
    std::vector<const Dictionary*> named;
    for (const auto& member : next.members) {
      if (const auto* const found = index_->dictionary(member); found != nullptr) named.push_back(found);
    }
    waiting.insert(waiting.end(), named.rbegin(), named.rend());  // the last is looked at first
  }
  return members;
}

void IndexBuilder::choose_default_set() {
  auto& index = *index_;
  std::vector<const Dictionary*> asked;
  for (const auto& dictionary : index.dictionaries_) {
    if (!dictionary.hidden && dictionary.default_rank != DictionarySettings::kNotInDefault)
      asked.push_back(&dictionary);
  }
  std::ranges::stable_sort(asked, {}, &Dictionary::default_rank);
  std::vector<bool> chosen(index.dictionaries_.size());
  for (const auto* const dictionary : asked) {
    for (const auto number : dictionary->answers) {
      if (!chosen[number]) index.default_set_.push_back(number);
      chosen[number] = true;
    }
  }
  std::size_t real = 0;
  for (const auto& dictionary : index.dictionaries_) {
    if (dictionary.members.empty()) ++real;
    if (dictionary.case_sensitive) index.chooses_nothing_ = false;
  }
  if (index.default_set_.size() < real || !std::ranges::is_sorted(index.default_set_)) index.chooses_nothing_ = false;
}

// Leaves out of a key's chain what an earlier entry answers for: with the same meaning, and in the same case where that
// matters. Only aliases can be such, so what has none is spared the search.
void IndexBuilder::chain_entries() {
  auto& index = *index_;
  auto& places = index.by_front_;
  std::set<std::pair<const char*, std::string_view>> answers;  // of one key
  const auto is_new = [&](Place place) {
    const auto entry = index.entry(place);
    const bool minds_case = index.dictionaries_[index.dictionary_of(place)].case_sensitive;
    return entry.meaning.empty() || answers.emplace(entry.meaning.data(), minds_case ? entry.headword : "").second;
  };
  std::size_t keys = 0;
  Place last = 0;  // of the chain
  for (const auto place : places) {
    const bool is_first = keys == 0 || index.key(last) != index.key(place);
    if (is_first) answers.clear();
    if (has_aliases_ && !is_new(place)) continue;
    if (is_first) {
      places[keys++] = place;
    } else {
      std::memcpy(index.words_.data() + last + offsetof(Index::Head, next), &place, sizeof place);
    }
    last = place;
  }
  places.resize(keys);
  places.shrink_to_fit();
}

void IndexBuilder::fill_tables() {
  auto& index = *index_;
  std::vector<Place> with_bare_form;
  std::string bare;
  index.by_key_.reserve(index.by_front_.size());
  for (const auto place : index.by_front_) {
    const auto key = index.key(place);
    index.by_key_.add(Index::hash_of(key), place);
    bare_form(key, bare);
    if (!bare.empty() && bare != key) with_bare_form.push_back(place);
  }
  index.by_bare_form_.reserve(with_bare_form.size());
  for (const auto place : with_bare_form) {
    bare_form(index.key(place), bare);
    index.by_bare_form_.add(Index::hash_of(bare), place);
  }
  for (const auto place : with_bare_form) {
    const auto variants = index.variants(index.key(place));
    if (variants.empty()) continue;
    mark_variants(place);
    std::ranges::for_each(variants, [this](Place variant) { mark_variants(variant); });
  }
}

void IndexBuilder::mark_variants(Place key) { index_->words_[key + offsetof(Index::Head, has_variants)] = 1; }

}  // namespace dictd
