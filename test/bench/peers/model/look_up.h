// Where a model finds its meanings, and where it records who asked: what such courses leave to MySQL, and beside it
// the index that dictd has in memory, so that the cost of a model and that of the database can be told apart.
//
// Tables of their own: bench_words, filled from the wordbook unless it has as many rows already, and bench_history. An
// asked word is compared as it was typed. Not dictd's way to the database: a statement for each look-up, and whoever
// asks waits for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "dictd/index.h"
#include "dictd/mysql_connection.h"
#include "dictd/wire.h"
#include "test/bench/peers/model/options.h"

namespace model {

// One who looks words up; it has a connection to MySQL of its own where it needs one. One thread at a time.
class LookUp {
 public:
  LookUp(const Options& options, std::shared_ptr<const dictd::Index> index);

  // False if the database failed. The answer's texts live until the next call.
  [[nodiscard]] bool find(std::string_view word, dictd::wire::QueryAnswer& answer);

 private:
  [[nodiscard]] bool ask_index(std::string_view word, dictd::wire::QueryAnswer& answer);
  [[nodiscard]] bool ask_mysql(std::string_view word, dictd::wire::QueryAnswer& answer);
  [[nodiscard]] bool record(std::string_view word);

  std::shared_ptr<const dictd::Index> index_;  // null: MySQL is asked
  std::unique_ptr<dictd::MysqlConnection> database_;
  bool records_;
  std::string key_;
  std::vector<dictd::Entry> entries_;
  std::string headword_;
  std::string meaning_;
};

// What all who look up share. Any thread, once it is made; also the children of the process that made it, as it keeps
// no connection.
class Words {
 public:
  // Reads the wordbook into the index, or into the table. The error is a sentence.
  [[nodiscard]] static tl::expected<Words, std::string> prepare(const Options& options);
  [[nodiscard]] LookUp look_up() const { return {options_, index_}; }

 private:
  explicit Words(const Options& options) : options_(options) {}

  Options options_;
  std::shared_ptr<const dictd::Index> index_;
};

}  // namespace model
