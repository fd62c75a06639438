// The words of all dictionaries in memory: look-up by key, and the matching strategies of RFC 2229.
//
// Built aside by one thread, then never changed and so readable by all; a reload builds another and swaps.
// Costs some 40 bytes an entry beside the text itself. Keys are those of fold.h, and who asks has folded the
// word already; results carry headwords as they were written. Not for text search in meanings, and nothing
// here touches disk or database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/error.h"

namespace dictd {

class Index;

struct Dictionary {
  std::string name;   // short, for machines: what QUERY and MATCH answer with
  std::string title;  // for people
  std::uint64_t entries = 0;
};

// One headword of one dictionary. The views are into the Index and live as long as it does.
struct Entry {
  std::string_view dictionary;
  std::string_view headword;
  std::string_view meaning;

  friend bool operator==(const Entry&, const Entry&) = default;
};

// One way to find headwords like a word. `match` appends to results what Index::match promises, in the
// strategy's own order; it is a pure function, written with the second half of Index. Another strategy is a
// function and a row.
struct Strategy {
  std::string_view name;         // as RFC 2229 clients ask for it
  std::string_view description;  // one line for SHOW STRATEGIES
  void (*match)(const Index& index, std::string_view key, std::size_t limit, std::vector<Entry>& results);
};

// - exact: the key itself.
// - prefix: the keys that begin with it, in their order; the empty key begins them all.
// - lev: the keys within distance one: the key itself, then in their order those that one character inserted,
//   left out, replaced, or exchanged with its neighbour makes of it. Characters are code points; counting an
//   exchange as one is what dictd of dict.org does, since it is the slip of a typing hand.
std::span<const Strategy> strategies();

// The strategy of that name; "." is the server's default, lev. Null if there is none.
const Strategy* find_strategy(std::string_view name);

// Immutable index of every word; any thread may use it. A default-constructed one has no words.
class Index {
 public:
  Index() = default;
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // Replaces results by all entries of the key: in the order the dictionaries were added, then as they were
  // added.
  void exact(std::string_view key, std::vector<Entry>& results) const { entries(find(key), results); }

  // Replaces results by at most `limit` entries, the first one of each headword of each dictionary; keys in
  // the strategy's order, the entries of a key as in exact().
  void match(const Strategy& strategy, std::string_view key, std::size_t limit, std::vector<Entry>& results) const;

  [[nodiscard]] std::span<const Dictionary> dictionaries() const { return dictionaries_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // entries of all dictionaries

  // What strategies are written with. A place stands for a key and all its entries; places are in no order of
  // themselves, but in two lists. Bytes of UTF-8 sort as code points do.
  using Place = std::uint32_t;
  static constexpr Place kNowhere = std::numeric_limits<Place>::max();
  [[nodiscard]] Place find(std::string_view key) const { return find(key, hash_of(key)); }  // or kNowhere
  // Finds a few keys at once: places[n] is where keys[n] is. What each needs is fetched while the others are searched, as
  // it is mostly not in the cache; so entries() of them will be quick as well.
  void find_all(std::span<const std::string> keys, std::span<Place> places) const;
  static constexpr std::size_t kMostAtOnce = 16;
  // Replaces results by all entries of the key there, as exact() does.
  void entries(Place place, std::vector<Entry>& results) const;
  [[nodiscard]] std::span<const Place> by_front() const { return by_front_; }  // ascending by key
  [[nodiscard]] std::span<const Place> by_back() const { return by_back_; }    // by the key's bytes reversed
  [[nodiscard]] std::string_view key(Place place) const { return key(head(place), place); }
  // Appends the entries of a key as match() promises, until results has `limit`.
  void append(Place place, std::size_t limit, std::vector<Entry>& results) const;

 private:
  friend class IndexBuilder;

  // An entry among the words is a head, then the key, then the headword unless it is the same bytes. A place
  // is where the head of a key's first entry begins.
  struct Head {
    Place next;             // entry of the same key; 0 after the last, as the first of all is never a next one
    std::uint32_t meaning;  // where it begins among the meanings
    std::uint32_t meaning_bytes;
    std::uint16_t key_bytes;
    std::uint16_t headword_bytes;
    std::uint16_t dictionary;
    bool headword_is_key;
  };

  // Open addressing with linear probing. The tag, half of the hash, keeps misses out of the words.
  struct Slot {
    std::uint32_t tag = 0;
    Place place = kNowhere;
  };

  using Hash = std::uint64_t;
  [[nodiscard]] static Hash hash_of(std::string_view key);
  [[nodiscard]] Place find(std::string_view key, Hash hash) const;
  [[nodiscard]] Head head(Place place) const;
  [[nodiscard]] std::string_view key(const Head& head, Place place) const {
    return {words_.data() + place + sizeof(Head), head.key_bytes};
  }
  [[nodiscard]] Entry entry(const Head& head, Place place) const;
  [[nodiscard]] std::size_t home_slot(Hash hash) const { return ((hash >> 32U) * slots_.size()) >> 32U; }

  std::vector<Dictionary> dictionaries_;
  std::size_t size_ = 0;
  std::string words_;
  std::string meanings_;
  std::vector<Place> by_front_;
  std::vector<Place> by_back_;
  std::vector<Slot> slots_;
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
  [[nodiscard]] Result<void> add_dictionary(std::string name, std::string title);

  // Adds to the last dictionary, without white space around the headword. The meaning is taken as it is.
  // kBadRequest if the headword is no word (see fold.h), kOverloaded if the text is full; nothing has changed
  // then. There is a dictionary, else programmer's error.
  [[nodiscard]] Result<void> add(std::string_view headword, std::string_view meaning);

  // Spends the builder.
  [[nodiscard]] std::shared_ptr<const Index> build() &&;

 private:
  void chain_entries();
  void fill_slots();

  std::shared_ptr<Index> index_ = std::make_shared<Index>();
  std::size_t most_text_bytes_;
  std::string key_;  // kept for its memory
};

}  // namespace dictd
