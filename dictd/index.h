// The words of all dictionaries in memory, and which entries answer a look-up.
//
// Built aside by one thread, then never changed and so readable by all; a reload builds another and swaps.
// Costs some 40 bytes an entry beside the text itself. Keys are those of fold.h, and who asks has folded the
// word already; results carry headwords as they were written. Finding headwords that are like a word is
// strategy.h's. Not for text search in meanings, and nothing here touches disk or database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/error.h"
#include "dictd/place_table.h"

namespace dictd {

// When a dictionary answers with headwords that differ from the word in accents and punctuation (those with the
// same bare form, see fold.h).
enum class Matching : std::uint8_t {
  kExact,     // never
  kFallback,  // if it has none that is the word
  kLoose,     // always, together with those that are the word
};

struct DictionarySettings {
  std::string name{};   // short, for machines: what QUERY and MATCH answer with
  std::string title{};  // for people
  std::string info{};   // for people: where it comes from, its licence
  std::string mime_header{};
  std::string default_strategy{};      // what "." is, asked of it alone; empty or unknown: the server's default
  std::vector<std::string> members{};  // of a virtual one: who answers in its place, in this order
  bool hidden = false;                 // asked only by its name, or by that of a virtual one
  // Asked also when no dictionary is named: in this order, and those of one rank as they are added.
  static constexpr std::uint32_t kNotInDefault = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t default_rank = 0;
  bool case_sensitive = false;  // headwords that differ from the word in case do not answer a look-up
  Matching matching = Matching::kFallback;
};

struct Dictionary : DictionarySettings {
  std::uint64_t entries = 0;           // headwords; of a virtual one those of its members
  std::vector<std::uint16_t> answers;  // who is asked: itself, or its members and their members, each once
};

// One headword of one dictionary. The views are into the Index and live as long as it does.
struct Entry {
  std::string_view dictionary;
  std::string_view headword;
  std::string_view meaning;

  friend bool operator==(const Entry&, const Entry&) = default;
};

// A word to be found, and the key that fold.h makes of it.
struct Sought {
  std::string_view word;  // as it was asked for
  std::string_view key;
};

// Which dictionaries are asked, in the order in which they answer. Views into the Index.
struct Scope {
  std::span<const std::uint16_t> dictionaries;
  bool first_only = false;  // only the first that has something answers
  bool everything = false;  // whatever has the key answers, in the order of addition: there is nothing to choose
  std::string_view default_strategy{};  // that of the only dictionary; may be empty or unknown
};

// Immutable index of every word; any thread may use it. A default-constructed one has no words.
class Index {
 public:
  Index() = default;
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // A place stands for a key and all its entries, or for one of these; places are in the order of addition.
  using Place = std::uint32_t;
  static constexpr Place kNowhere = PlaceTable::kNowhere;

  [[nodiscard]] Place find(std::string_view key) const;  // of the key's first entry, or kNowhere
  // Finds a few keys at once: places[n] is where keys[n] is. What each needs is fetched while the others are searched, as
  // it is mostly not in the cache; so entries() of them will be quick as well.
  void find_all(std::span<const std::string> keys, std::span<Place> places) const;
  static constexpr std::size_t kMostAtOnce = 16;

  // The dictionaries of that name: "*" are those of the default set, "!" the first of them that has something. A
  // virtual one stands for its members; nobody is asked twice. Null if there is none of the name.
  [[nodiscard]] std::optional<Scope> scope(std::string_view database) const;

  // Replaces results by what a look-up is answered with: in the scope's order, then in the order of addition, the
  // entries of the key that a case-sensitive dictionary does not mind, and those that Matching adds. Of headwords with
  // one meaning in common (see add_alias) only the first answers. `place` is where the key is.
  void entries(Place place, const Sought& sought, const Scope& scope, std::vector<Entry>& results) const;

  [[nodiscard]] std::span<const Dictionary> dictionaries() const { return dictionaries_; }
  [[nodiscard]] const Dictionary* dictionary(std::string_view name) const;  // the first of that name, or null
  [[nodiscard]] std::size_t size() const { return size_; }                  // entries of all dictionaries

  // Members of virtual dictionaries that are the name of none, and so were left out.
  struct MissingMember {
    std::string_view dictionary;
    std::string_view member;
  };
  [[nodiscard]] std::vector<MissingMember> missing_members() const;

  // What strategies are written with: the keys in two lists, of which bytes of UTF-8 sort as code points do, and the
  // entries of each.
  [[nodiscard]] std::span<const Place> by_front() const { return by_front_; }  // ascending by key
  [[nodiscard]] std::span<const Place> by_back() const { return by_back_; }    // by the key's bytes reversed
  // Behind a key kReadableBehindKey bytes can be read as well, whatever they are.
  [[nodiscard]] std::string_view key(Place place) const { return key(head(place), place); }
  static constexpr std::size_t kReadableBehindKey = 16;
  // Fetches the key of a place that will be asked for soon, as it is mostly not in the cache.
  void fetch(Place place) const { __builtin_prefetch(words_.data() + place); }
  // Calls visit(entry's place, its dictionary's number) for each entry of a key, in the order of addition.
  template <typename Visit>
  void each_entry(Place key, Visit visit) const {
    Place place = key;
    do {
      const Head head = this->head(place);
      visit(place, head.dictionary);
      place = head.next;
    } while (place != 0);
  }
  [[nodiscard]] Entry entry(Place place) const { return entry(head(place), place); }
  [[nodiscard]] std::uint16_t dictionary_of(Place place) const { return head(place).dictionary; }
  // The other keys with the bare form of this one, and whether a key that is there has any.
  [[nodiscard]] std::vector<Place> variants(std::string_view key) const;
  [[nodiscard]] bool has_variants(Place key) const { return head(key).has_variants; }

 private:
  friend class IndexBuilder;

  // An entry among the words is a head, then the key, then the headword unless it is the same bytes. A place
  // is where the head begins.
  struct Head {
    Place next;             // entry of the same key; 0 after the last, as the first of all is never a next one
    std::uint32_t meaning;  // where it begins among the meanings
    std::uint32_t meaning_bytes;
    std::uint16_t key_bytes;
    std::uint16_t headword_bytes;
    std::uint16_t dictionary;
    bool headword_is_key;
    bool has_variants;  // in the first head of a key: there are other keys with its bare form
  };

  [[nodiscard]] static PlaceTable::Hash hash_of(std::string_view key);
  [[nodiscard]] Place find(std::string_view key, PlaceTable::Hash hash) const;
  [[nodiscard]] Head head(Place place) const {
    Head head;
    std::memcpy(&head, words_.data() + place, sizeof head);
    return head;
  }
  [[nodiscard]] std::string_view key(const Head& head, Place place) const {
    return {words_.data() + place + sizeof(Head), head.key_bytes};
  }
  [[nodiscard]] Entry entry(const Head& head, Place place) const {
    const char* const headword = words_.data() + place + sizeof head + (head.headword_is_key ? 0 : head.key_bytes);
    return {dictionaries_[head.dictionary].name,
            {headword, head.headword_bytes},
            {meanings_.data() + head.meaning, head.meaning_bytes}};
  }

  std::vector<Dictionary> dictionaries_;
  std::vector<std::uint16_t> by_name_;      // ascending
  std::vector<std::uint16_t> default_set_;  // none of them virtual
  bool chooses_nothing_ = true;             // the default set is all there are, as added, and none minds the case
  std::size_t size_ = 0;
  std::string words_;
  std::string meanings_;
  std::vector<Place> by_front_;
  std::vector<Place> by_back_;
  PlaceTable by_key_;
  PlaceTable by_bare_form_;  // only of keys that are not their own bare form
};

// An entry that was added, for further headwords of it.
struct EntryRef {
  Index::Place place;
};

// Makes an Index, entry by entry in the order they shall be answered in; for one thread.
class IndexBuilder {
 public:
  static constexpr std::size_t kMaxTextBytes = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kMaxDictionaries = std::numeric_limits<std::uint16_t>::max();

  // `most_text_bytes`, at most kMaxTextBytes, bounds the meanings, and apart from them the headwords and keys
  // with 20 bytes for each entry, and so the number of entries too. Only tests set it.
  explicit IndexBuilder(std::size_t most_text_bytes = kMaxTextBytes);

  // The entries that follow belong to this dictionary. kOverloaded after kMaxDictionaries; nothing has
  // changed then.
  [[nodiscard]] Result<void> add_dictionary(DictionarySettings settings);

  // Adds to the last dictionary, without white space around the headword. The meaning is taken as it is.
  // kBadRequest if the headword is no word (see fold.h) or the dictionary a virtual one, kOverloaded if the text is
  // full; nothing has changed then. There is a dictionary, else programmer's error.
  [[nodiscard]] Result<EntryRef> add(std::string_view headword, std::string_view meaning);
  // Adds another headword of an entry of the last dictionary: with the same meaning, which is not stored again.
  [[nodiscard]] Result<void> add_alias(std::string_view headword, EntryRef of);

  // Spends the builder.
  [[nodiscard]] std::shared_ptr<const Index> build() &&;

 private:
  struct Meaning {
    std::uint32_t begin;
    std::uint32_t bytes;
  };
  [[nodiscard]] Result<EntryRef> add_head(std::string_view headword, Meaning meaning);
  [[nodiscard]] Error too_much_text() const;
  void name_dictionaries();
  void choose_default_set();
  [[nodiscard]] std::vector<std::uint16_t> real_members(const Dictionary& of) const;
  void chain_entries();
  void fill_tables();
  void mark_variants(Index::Place key);

  std::shared_ptr<Index> index_ = std::make_shared<Index>();
  std::size_t most_text_bytes_;
  bool has_aliases_ = false;
  std::string key_;  // kept for its memory
};

}  // namespace dictd
