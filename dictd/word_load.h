// The replacement of one dictionary's words, as one transaction: the new words come in under a new edition,
// the dictionary is switched to it, the old ones are deleted, and all of that is seen at once by commit() or,
// whatever stops the load before, not at all.
//
// Got from Store::begin_word_load. Which words are allowed is the reader's to say (words/reader.h).
#pragma once

#include <cstdint>
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

  // Adds a word after those before it. Words go out in batches, so an error may be of an earlier one. After
  // an error the load is over: nothing has happened.
  [[nodiscard]] StoreResult<void> add(std::string_view headword, std::string_view meaning);
  // Switches over; then the load is over. If the connection is lost in just this call, it is not known
  // whether the new words are in; the old or the new are there, wholly.
  [[nodiscard]] StoreResult<void> commit(std::int64_t now_us);

 private:
  friend class Store;
  struct Word {
    std::string headword;
    std::string meaning;
  };
  WordLoad(MysqlConnection& connection, std::uint64_t dictionary_id, std::uint64_t edition, std::string title);
  static StoreResult<WordLoad> begin(MysqlConnection& connection, std::string_view dictionary, std::string_view title);
  [[nodiscard]] StoreResult<void> flush();  // sends what waits

  MysqlConnection* connection_;  // null once the load is over
  std::uint64_t dictionary_id_;
  std::uint64_t edition_;
  std::string title_;
  std::uint64_t sent_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::vector<Word> waiting_;
};

}  // namespace dictd
