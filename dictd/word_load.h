// The replacement of one dictionary's words, as one transaction: the new words come in under a new edition,
// the dictionary is switched to it, the old ones are deleted, and all of that is seen at once by commit() or,
// whatever stops the load before, not at all. Changes of a dictionary without a load,
// and its removal, are made in the same way.
//
// Got from Store::begin_word_load. Which words are allowed is the loader's to say (words/entry.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/store_error.h"

namespace dictd {

class MysqlConnection;

// One load under way. The thread of its store only; the store outlives it.
class WordLoad {
 public:
  ~WordLoad();  // without commit(): nothing has happened
  WordLoad(WordLoad&&) noexcept;
  WordLoad& operator=(WordLoad&&) = delete;

  // Adds a word after all before it, and says the position of this entry. Rows go out in batches, so an error may be
  // of an earlier one. After an error the load is over: nothing has happened.
  [[nodiscard]] StoreResult<std::uint64_t> add(std::string_view headword, std::string_view meaning);
  // Adds a further headword after all before it, for an entry that was added: its position.
  [[nodiscard]] StoreResult<void> add_alias(std::string_view headword, std::uint64_t entry);
  // Sets a property (property.h) when the load is committed; an empty value removes it. The others stay.
  void set(std::string_view property, std::string_view value);
  void set_title(std::string_view title) { title_ = title; }
  // Switches over; then the load is over. If the connection is lost in just this call, it is not known
  // whether the new words are in; the old or the new are there, wholly.
  [[nodiscard]] StoreResult<void> commit(std::int64_t now_us);

 private:
  friend class Store;
  struct Word {
    std::uint64_t position;
    std::string headword;
    std::string meaning;
  };
  struct Alias {
    std::uint64_t position;
    std::string headword;
    std::uint64_t entry;
  };
  WordLoad(MysqlConnection& connection, std::uint64_t dictionary_id, std::uint64_t edition, std::string title);
  static StoreResult<WordLoad> begin(MysqlConnection& connection, std::string_view dictionary, std::string_view title);
  static StoreResult<bool> set_properties(MysqlConnection& connection, std::string_view dictionary,
                                          const std::map<std::string, std::string>& properties);
  static StoreResult<bool> remove(MysqlConnection& connection, std::string_view dictionary);
  [[nodiscard]] StoreResult<void> flush_if_full();
  [[nodiscard]] StoreResult<void> flush();  // sends what waits

  MysqlConnection* connection_;  // null once the load is over
  std::uint64_t dictionary_id_;
  std::uint64_t edition_;
  std::string title_;
  std::uint64_t next_position_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::vector<Word> words_;     // that wait
  std::vector<Alias> aliases_;  // the same
  std::map<std::string, std::string> properties_;
};

}  // namespace dictd
