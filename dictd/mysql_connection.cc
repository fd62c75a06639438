#include "dictd/mysql_connection.h"

#include <errmsg.h>
#include <fmt/format.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

namespace dictd {
namespace {

constexpr std::chrono::milliseconds kFirstBackOff{100};
constexpr std::chrono::milliseconds kLongestBackOff{5000};
constexpr int kAttemptsOnLoss = 2;
constexpr int kAttemptsOnConflict = 3;
constexpr std::size_t kColumnBytes = 4096;  // read with the row; what is longer is fetched by itself

// What holds for each session, whatever the server's settings. How long a statement waits for a lock stays
// below any io_timeout worth having, so that a lock is not taken for a lost connection.
constexpr const char* kSessionSettings[] = {
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 1,"
    " SESSION innodb_lock_wait_timeout = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
};

enum class Failure {
  kLost,      // the connection; another may do
  kLostLate,  // the connection, too late to do it again: it hung, or rows had been seen
  kConflict,  // lost against another transaction
  kDuplicate,
  kData,     // the data do not fit
  kSetup,    // account, database or schema
  kRefused,  // the server is there and says no for a reason that is not known here
  kOther,
};

// Error numbers that only one of MySQL and MariaDB names.
constexpr unsigned kRecordChangedSinceRead = 1020;  // MariaDB 11: the snapshot is older than the row
constexpr unsigned kConnectionKilled = 1927;        // MariaDB
constexpr unsigned kClientIdleTooLong = 4031;       // MySQL
constexpr unsigned kReadFailed = 5013;              // MariaDB
constexpr unsigned kWriteFailed = 5014;             // MariaDB
constexpr unsigned kCheckViolated = 3819;           // MySQL

// Made here, and not sent by the server.
bool is_of_client(unsigned number) {
  const unsigned thousand = number / 1000;
  return thousand == 0 || thousand == 2 || thousand == 5;
}

Failure failure_of(unsigned number, std::string_view sql_state) {
  switch (number) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_MALFORMED_PACKET:
    case CR_COMMANDS_OUT_OF_SYNC:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_UNKNOWN_STMT_HANDLER:  // a proxy changed the server behind the connection
    case ER_NEED_REPREPARE:
    case kConnectionKilled:
    case kClientIdleTooLong:
    case kReadFailed:
    case kWriteFailed: return Failure::kLost;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case kRecordChangedSinceRead: return Failure::kConflict;
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:  // passes, though its class says that access was denied
    // Small statements may succeed where larger ones fail, and still no row is to blame.
    case ER_DISK_FULL:
    case ER_ERROR_ON_WRITE:
    case ER_GET_ERRNO:
    case ER_OPEN_AS_READONLY:
    case ER_OUT_OF_RESOURCES:
    case ER_RECORD_FILE_FULL:
    case ER_LOCK_TABLE_FULL:
    case ER_CANT_UPDATE_WITH_READLOCK:
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_READ_ONLY_MODE: return Failure::kOther;
    case CR_NET_PACKET_TOO_LARGE:
    case ER_NET_PACKET_TOO_LARGE: return Failure::kRefused;
    case ER_DUP_ENTRY: return Failure::kDuplicate;
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_INVALID_CHARACTER_STRING:
    case ER_NO_PARTITION_FOR_GIVEN_VALUE:
    case kCheckViolated: return Failure::kData;
    default: break;
  }
  const std::string_view sql_class = sql_state.substr(0, 2);
  if (sql_class == "22" || sql_class == "23") return Failure::kData;
  if (sql_class == "28" || sql_class == "3D" || sql_class == "42") return Failure::kSetup;
  // Connections, transactions that may not write, conflicts, statements that were interrupted or took too long.
  if (sql_class == "08" || sql_class == "25" || sql_class == "40" || sql_class == "70") return Failure::kOther;
  if (sql_state == "HY001") return Failure::kOther;  // no memory
  return is_of_client(number) ? Failure::kOther : Failure::kRefused;
}

const char* advice_for(unsigned number) {
  switch (number) {
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR: return "; apply schema.sql to the database";
    case ER_BAD_DB_ERROR: return "; create the database and apply schema.sql to it";
    case ER_LOCK_WAIT_TIMEOUT: return "; another program is changing the same rows, try again";
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR: return "; check the database's user and password";
    default: return "";
  }
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// What the library keeps for each thread, for the life of the thread.
struct LibraryThread {
  LibraryThread() {
    static const int initialised = mysql_library_init(0, nullptr, nullptr);
    static_cast<void>(initialised);  // if it failed, so does mysql_init
    mysql_thread_init();
  }
  ~LibraryThread() { mysql_thread_end(); }
  LibraryThread(const LibraryThread&) = delete;
  LibraryThread& operator=(const LibraryThread&) = delete;
};

bool is_integer(const MYSQL_FIELD& field) {
  switch (field.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG: return true;
    default: return false;
  }
}

using Flag = decltype(MYSQL_BIND::is_unsigned);  // char with MariaDB, bool with MySQL

MYSQL_BIND bind_value(const SqlValue& value) {
  MYSQL_BIND bind{};
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    bind.buffer_type = MYSQL_TYPE_STRING;
    // The library only reads it, and takes a null pointer for NULL.
    bind.buffer = const_cast<char*>(text->data() != nullptr ? text->data() : "");
    bind.buffer_length = text->size();
  } else {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.is_unsigned = static_cast<Flag>(std::holds_alternative<std::uint64_t>(value));
    bind.buffer = const_cast<void*>(std::visit([](const auto& number) -> const void* { return &number; }, value));
  }
  return bind;
}

// A prepared statement and the memory its rows are read into.
class Statement {
 public:
  explicit Statement(MYSQL* mysql) : native_(mysql_stmt_init(mysql)) {}
  ~Statement() {
    if (native_ != nullptr) mysql_stmt_close(native_);
  }
  Statement(Statement&& other) noexcept = delete;
  Statement& operator=(Statement&&) = delete;

  [[nodiscard]] MYSQL_STMT* native() const { return native_; }

  [[nodiscard]] bool prepare(std::string_view sql) {
    return mysql_stmt_prepare(native_, sql.data(), sql.size()) == 0 && prepare_columns();
  }

  [[nodiscard]] bool execute(std::span<const SqlValue> values) {
    binds_.clear();
    std::transform(values.begin(), values.end(), std::back_inserter(binds_), bind_value);
    return (values.empty() || mysql_stmt_bind_param(native_, binds_.data()) == 0) && mysql_stmt_execute(native_) == 0;
  }

  // Visits the rows of the last execution.
  [[nodiscard]] bool fetch(const MysqlConnection::Visitor& visitor) {
    if (mysql_stmt_bind_result(native_, column_binds_.data()) != 0) return false;
    for (;;) {
      std::fill(lengths_.begin(), lengths_.end(), 0UL);
      const int result = mysql_stmt_fetch(native_);
      if (result == MYSQL_NO_DATA) return mysql_stmt_free_result(native_) == 0;
      if (result != 0 && result != MYSQL_DATA_TRUNCATED) return false;
      if (!read_texts()) return false;
      visitor(SqlRow(columns_));
    }
  }

 private:
  bool prepare_columns() {
    MYSQL_RES* result = mysql_stmt_result_metadata(native_);
    if (result == nullptr) return mysql_stmt_errno(native_) == 0;  // not a query
    const std::span<const MYSQL_FIELD> fields(mysql_fetch_fields(result), mysql_num_fields(result));
    columns_.resize(fields.size());
    column_binds_.resize(fields.size());
    lengths_.resize(fields.size());
    texts_.resize(fields.size());
    long_texts_.resize(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      MYSQL_BIND& bind = column_binds_[i];
      bind.length = &lengths_[i];
      if (is_integer(fields[i])) {
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.is_unsigned = static_cast<Flag>((fields[i].flags & UNSIGNED_FLAG) != 0);
        bind.buffer = &columns_[i].number;
      } else {
        texts_[i].resize(kColumnBytes);
        bind.buffer_type = MYSQL_TYPE_STRING;
        bind.buffer = texts_[i].data();
        bind.buffer_length = kColumnBytes;
      }
    }
    mysql_free_result(result);
    return true;
  }

  bool read_texts() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (texts_[i].empty()) continue;
      columns_[i].text = std::string_view(texts_[i]).substr(0, lengths_[i]);
      if (lengths_[i] <= kColumnBytes) continue;
      std::string& text = long_texts_[i];
      text.resize(lengths_[i]);
      MYSQL_BIND bind{};
      unsigned long length = 0;
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = text.data();
      bind.buffer_length = lengths_[i];
      bind.length = &length;
      if (mysql_stmt_fetch_column(native_, &bind, static_cast<unsigned>(i), 0) != 0) return false;
      columns_[i].text = text;
    }
    return true;
  }

  MYSQL_STMT* native_;
  std::vector<MYSQL_BIND> binds_;
  std::vector<MYSQL_BIND> column_binds_;
  std::vector<unsigned long> lengths_;
  std::vector<std::string> texts_;       // empty for an integer column
  std::vector<std::string> long_texts_;  // longer than kColumnBytes
  std::vector<SqlRow::Column> columns_;
};

}  // namespace

struct MysqlConnection::Problem {
  Failure failure;
  std::string message;
};

class MysqlConnection::Session {
 public:
  // Connects.
  static Outcome<std::unique_ptr<Session>> open(const DatabaseOptions& options) {
    static thread_local const LibraryThread thread;
    if (!options.defaults_file.empty() && access(options.defaults_file.c_str(), R_OK) != 0) {
      return tl::unexpected(
          Problem{Failure::kSetup, fmt::format("cannot read the option file {}: {}", options.defaults_file,
                                               std::generic_category().message(errno))});
    }
    std::unique_ptr<Session> session(new Session(mysql_init(nullptr)));
    if (session->mysql_ == nullptr) return tl::unexpected(Problem{Failure::kOther, "out of memory"});
    session->set(options);
    if (mysql_real_connect(session->mysql_, options.socket.empty() ? or_null(options.host) : nullptr,
                           or_null(options.user), or_null(options.password), or_null(options.name), options.port,
                           or_null(options.socket), CLIENT_FOUND_ROWS) == nullptr) {
      return tl::unexpected(session->problem());
    }
    for (const char* setting : kSessionSettings) {
      if (auto done = session->command(setting); !done) return tl::unexpected(done.error());
    }
    return session;
  }

  ~Session() {
    statements_.clear();
    if (mysql_ != nullptr) mysql_close(mysql_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Outcome<void> ping() {
    if (mysql_ping(mysql_) != 0) return tl::unexpected(problem());
    return {};
  }

  // Runs a fixed text without values: settings and transactions, which cannot be prepared everywhere.
  Outcome<void> command(std::string_view sql) {
    if (mysql_real_query(mysql_, sql.data(), sql.size()) != 0) return tl::unexpected(problem());
    return {};
  }

  Outcome<std::uint64_t> execute(std::string_view sql, std::span<const SqlValue> values) {
    auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    if (!(*statement)->execute(values)) return tl::unexpected(problem(**statement));
    return mysql_stmt_affected_rows((*statement)->native());
  }

  Outcome<void> query(std::string_view sql, std::span<const SqlValue> values, const Visitor& visitor) {
    auto statement = prepared(sql);
    if (!statement) return tl::unexpected(statement.error());
    if (!(*statement)->execute(values)) return tl::unexpected(problem(**statement));
    bool visited = false;
    const auto visit = [&](const SqlRow& row) {
      visited = true;
      visitor(row);
    };
    if ((*statement)->fetch(visit)) return {};
    Problem what = problem(**statement);
    if (visited) what.failure = Failure::kLostLate;
    return tl::unexpected(what);
  }

 private:
  explicit Session(MYSQL* mysql) : mysql_(mysql) {}

  void set(const DatabaseOptions& options) {
    const auto seconds = [](std::chrono::seconds time) {
      return static_cast<unsigned>(std::max<long>(time.count(), 1));
    };
    const unsigned connect_timeout = seconds(options.connect_timeout);
    const unsigned io_timeout = seconds(options.io_timeout);
    mysql_options(mysql_, MYSQL_OPT_CONNECT_TIMEOUT, &connect_timeout);
    mysql_options(mysql_, MYSQL_OPT_READ_TIMEOUT, &io_timeout);
    mysql_options(mysql_, MYSQL_OPT_WRITE_TIMEOUT, &io_timeout);
    mysql_options(mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!options.defaults_file.empty()) {
      mysql_options(mysql_, MYSQL_READ_DEFAULT_FILE, options.defaults_file.c_str());
      mysql_options(mysql_, MYSQL_READ_DEFAULT_GROUP, "dictd");
    }
    const unsigned protocol = !options.socket.empty() ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    if (!options.socket.empty() || options.port != 0) mysql_options(mysql_, MYSQL_OPT_PROTOCOL, &protocol);
  }

  Outcome<Statement*> prepared(std::string_view sql) {
    const auto known = statements_.find(sql);
    if (known != statements_.end()) return known->second.get();
    auto statement = std::make_unique<Statement>(mysql_);
    if (statement->native() == nullptr) return tl::unexpected(problem());
    if (!statement->prepare(sql)) return tl::unexpected(problem(*statement));
    return statements_.emplace(sql, std::move(statement)).first->second.get();
  }

  [[nodiscard]] Problem problem() const {
    return make_problem(mysql_errno(mysql_), mysql_sqlstate(mysql_), mysql_error(mysql_));
  }
  static Problem problem(const Statement& statement) {
    MYSQL_STMT* native = statement.native();
    return make_problem(mysql_stmt_errno(native), mysql_stmt_sqlstate(native), mysql_stmt_error(native));
  }
  static Problem make_problem(unsigned number, std::string_view sql_state, std::string_view text) {
    return {failure_of(number, sql_state), fmt::format("{} ({}){}", text, number, advice_for(number))};
  }

  MYSQL* mysql_;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
};

MysqlConnection::MysqlConnection(DatabaseOptions options) : options_(std::move(options)) {}
MysqlConnection::~MysqlConnection() = default;

MysqlConnection::Outcome<MysqlConnection::Session*> MysqlConnection::session() {
  if (session_ != nullptr) return session_.get();
  if (std::chrono::steady_clock::now() < next_try_) {
    return tl::unexpected(Problem{Failure::kOther, "no connection to the database: " + why_away_});
  }
  auto opened = Session::open(options_);
  if (!opened) {
    back_off_ = std::clamp(back_off_ * 2, kFirstBackOff, kLongestBackOff);
    next_try_ = std::chrono::steady_clock::now() + back_off_;
    why_away_ = opened.error().message;
    return tl::unexpected(opened.error());
  }
  back_off_ = {};
  session_ = std::move(*opened);
  return session_.get();
}

template <typename T>
StoreResult<T> MysqlConnection::run(const std::function<Outcome<T>(Session&)>& attempt) {
  for (int attempts = 1;; ++attempts) {
    auto session = this->session();
    if (!session) return tl::unexpected(give_up(session.error()));
    const auto start = std::chrono::steady_clock::now();
    auto outcome = attempt(**session);
    if (outcome) {
      if constexpr (std::is_void_v<T>) {
        return {};
      } else {
        return *outcome;
      }
    }
    Problem& problem = outcome.error();
    if (problem.failure == Failure::kLost && std::chrono::steady_clock::now() - start >= options_.io_timeout) {
      problem.failure = Failure::kLostLate;
    }
    if (problem.failure == Failure::kLost || problem.failure == Failure::kLostLate) session_.reset();
    const bool again = (problem.failure == Failure::kLost && attempts < kAttemptsOnLoss) ||
                       (problem.failure == Failure::kConflict && attempts < kAttemptsOnConflict);
    if (in_transaction_ || !again) return tl::unexpected(give_up(problem));
  }
}

StoreError MysqlConnection::give_up(const Problem& problem) {
  roll_back();
  switch (problem.failure) {
    case Failure::kData: last_error_of_data_ = DataFault::kYes; break;
    case Failure::kRefused: last_error_of_data_ = DataFault::kPerhaps; break;
    case Failure::kLost: last_error_of_data_ = DataFault::kIfMany; break;
    default: last_error_of_data_ = DataFault::kNo;
  }
  switch (problem.failure) {
    case Failure::kDuplicate: return {StoreError::Kind::kDuplicate, problem.message};
    case Failure::kData:
    case Failure::kSetup: return {StoreError::Kind::kRejected, problem.message};
    default: return {StoreError::Kind::kUnavailable, problem.message};
  }
}

StoreResult<void> MysqlConnection::ping() {
  return run<void>([](Session& session) { return session.ping(); });
}

StoreResult<std::uint64_t> MysqlConnection::execute(std::string_view sql, std::span<const SqlValue> values) {
  return run<std::uint64_t>([&](Session& session) { return session.execute(sql, values); });
}

StoreResult<void> MysqlConnection::query(std::string_view sql, std::span<const SqlValue> values,
                                         const Visitor& visitor) {
  return run<void>([&](Session& session) { return session.query(sql, values, visitor); });
}

StoreResult<void> MysqlConnection::begin(Isolation isolation) {
  auto begun = run<void>([&](Session& session) -> Outcome<void> {
    if (isolation == Isolation::kReadCommitted) return session.command("START TRANSACTION");
    return session.command("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").and_then([&] {
      return session.command("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    });
  });
  in_transaction_ = begun.has_value();
  return begun;
}

StoreResult<void> MysqlConnection::commit() {
  auto committed = run<void>([](Session& session) { return session.command("COMMIT"); });
  in_transaction_ = false;
  return committed;
}

void MysqlConnection::roll_back() {
  if (std::exchange(in_transaction_, false) && session_ != nullptr && !session_->command("ROLLBACK")) session_.reset();
}

}  // namespace dictd
