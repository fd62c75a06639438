// The way to MySQL or MariaDB: one connection, made anew when it is lost, and prepared statements upon it.
// Its .cc is the only file that includes mysql.h; it uses what MySQL 8 and MariaDB have in common.
//
// After a loss a new connection is tried at the next call; while that fails, after 100 ms, 200 ms … 5 s, and
// calls in between fail at once. Outside a transaction a statement must be one that can be done twice: it is
// done once more when its connection was lost, and a few times when it lost against another transaction
// (deadlock, Galera). What statements mean is not for here: see store.cc and word_load.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "dictd/database_options.h"
#include "dictd/store_error.h"

namespace dictd {

// A value for a `?`. Text and bytes are not copied.
using SqlValue = std::variant<std::uint64_t, std::int64_t, std::string_view>;

// A row of a result. It and its texts live for the length of the call that gets it.
class SqlRow {
 public:
  struct Column {
    std::uint64_t number = 0;  // of an integer column, signed ones in two's complement
    std::string_view text;     // of any other
  };
  explicit SqlRow(std::span<const Column> columns) : columns_(columns) {}

  [[nodiscard]] std::uint64_t number(std::size_t column) const { return columns_[column].number; }
  [[nodiscard]] std::int64_t signed_number(std::size_t column) const {
    return static_cast<std::int64_t>(number(column));
  }
  [[nodiscard]] std::string_view text(std::size_t column) const { return columns_[column].text; }

 private:
  std::span<const Column> columns_;
};

// A connection and what it takes to keep one. One thread at a time.
class MysqlConnection {
 public:
  explicit MysqlConnection(DatabaseOptions options);
  ~MysqlConnection();
  MysqlConnection(const MysqlConnection&) = delete;
  MysqlConnection& operator=(const MysqlConnection&) = delete;

  [[nodiscard]] StoreResult<void> ping();
  // Runs a statement, and says how many rows it changed.
  [[nodiscard]] StoreResult<std::uint64_t> execute(std::string_view sql, std::span<const SqlValue> values);
  // Runs a query and visits its rows as they come. After the first row nothing is repeated any more. The
  // visitor does not use this connection.
  using Visitor = std::function<void(const SqlRow&)>;
  [[nodiscard]] StoreResult<void> query(std::string_view sql, std::span<const SqlValue> values, const Visitor& visitor);

  // A transaction: nothing is repeated until its end. An error in it ends it, undone.
  enum class Isolation { kReadCommitted, kSnapshot };
  [[nodiscard]] StoreResult<void> begin(Isolation isolation);
  [[nodiscard]] StoreResult<void> commit();
  void roll_back();  // no error if there is no transaction

  // Whether the last error came of the data that were sent.
  enum class DataFault {
    kNo,       // of the account, the schema or the server
    kIfMany,   // the connection was lost, and the new one as well: they may be too many at once
    kPerhaps,  // the server is there, and says no for a reason that is not known here
    kYes,
  };
  [[nodiscard]] DataFault last_error_of_data() const { return last_error_of_data_; }

 private:
  class Session;  // what one open connection holds
  struct Problem;
  template <typename T>
  using Outcome = tl::expected<T, Problem>;

  Outcome<Session*> session();
  // Runs `attempt` upon a session until it succeeds, or is not worth another try.
  template <typename T>
  StoreResult<T> run(const std::function<Outcome<T>(Session&)>& attempt);
  StoreError give_up(const Problem& problem);

  DatabaseOptions options_;
  std::unique_ptr<Session> session_;  // null while not connected
  bool in_transaction_ = false;
  DataFault last_error_of_data_ = DataFault::kNo;
  std::chrono::milliseconds back_off_{0};  // 0 while connected
  std::chrono::steady_clock::time_point next_try_;
  std::string why_away_;
};

}  // namespace dictd
