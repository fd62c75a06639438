#include "dictd/word_load.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "dictd/mysql_connection.h"

namespace dictd {
namespace {

constexpr std::size_t kBatchWords = 512;
constexpr std::size_t kBatchBytes = 1 << 20;      // well below any server's max_allowed_packet, but for one huge word
constexpr std::uint64_t kRowsPerDelete = 20'000;  // each statement is to be done well within the io_timeout
constexpr int kBeginAttempts = 3;

struct Found {
  std::uint64_t id = 0;  // 0: there is none
  std::uint64_t edition = 0;
};

// Finds the dictionary, and locks its row until the end of the transaction.
StoreResult<Found> lock_dictionary(MysqlConnection& connection, std::string_view name) {
  Found found;
  const SqlValue values[] = {name};
  return connection
      .query("SELECT id, edition FROM dictionary WHERE name = ? FOR UPDATE", values,
             [&](const SqlRow& row) {
               found = {row.number(0), row.number(1)};
             })
      .map([&] { return found; });
}

// Makes the row of a dictionary that is not there yet, in the transaction; kDuplicate if another makes it
// too.
StoreResult<Found> add_dictionary(MysqlConnection& connection, std::string_view name) {
  Found found;
  const auto last = connection.query("SELECT id FROM dictionary ORDER BY id DESC LIMIT 1", {},
                                     [&](const SqlRow& row) { found.id = row.number(0); });
  if (!last) return tl::unexpected(last.error());
  ++found.id;
  const SqlValue values[] = {found.id, name, name};
  return connection
      .execute("INSERT INTO dictionary (id, name, title, edition, entries, loaded) VALUES (?, ?, ?, 0, 0, 0)", values)
      .map([&](std::uint64_t) { return found; });
}

std::string insert_statement(std::size_t rows) {
  std::string sql = "INSERT INTO words (dictionary_id, edition, position, headword, meaning) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) sql += i == 0 ? "(?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?)";
  return sql;
}

// Runs a statement of the load's transaction. If that fails, which undoes the transaction, the load is over.
StoreResult<std::uint64_t> execute(MysqlConnection*& connection, std::string_view sql,
                                   std::span<const SqlValue> values) {
  if (connection == nullptr) {
    return tl::unexpected(StoreError{StoreError::Kind::kUnavailable, "the load is over"});
  }
  auto done = connection->execute(sql, values);
  if (!done) connection = nullptr;
  return done;
}

}  // namespace

StoreResult<WordLoad> WordLoad::begin(MysqlConnection& connection, std::string_view dictionary,
                                      std::string_view title) {
  for (int attempts = 1;; ++attempts) {
    if (const auto begun = connection.begin(MysqlConnection::Isolation::kReadCommitted); !begun) {
      return tl::unexpected(begun.error());
    }
    auto found = lock_dictionary(connection, dictionary);
    if (found && found->id == 0) found = add_dictionary(connection, dictionary);
    if (found) return WordLoad(connection, found->id, found->edition + 1, std::string(title));
    if (found.error().kind != StoreError::Kind::kDuplicate || attempts == kBeginAttempts) {
      return tl::unexpected(found.error());
    }
  }
}

WordLoad::WordLoad(MysqlConnection& connection, std::uint64_t dictionary_id, std::uint64_t edition, std::string title)
    : connection_(&connection), dictionary_id_(dictionary_id), edition_(edition), title_(std::move(title)) {}

WordLoad::WordLoad(WordLoad&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      dictionary_id_(other.dictionary_id_),
      edition_(other.edition_),
      title_(std::move(other.title_)),
      sent_(other.sent_),
      waiting_bytes_(other.waiting_bytes_),
      waiting_(std::move(other.waiting_)) {}

WordLoad::~WordLoad() {
  if (connection_ != nullptr) connection_->roll_back();
}

StoreResult<void> WordLoad::add(std::string_view headword, std::string_view meaning) {
  waiting_.push_back({std::string(headword), std::string(meaning)});
  waiting_bytes_ += headword.size() + meaning.size();
  if (waiting_.size() < kBatchWords && waiting_bytes_ < kBatchBytes) return {};
  return flush();
}

StoreResult<void> WordLoad::commit(std::int64_t now_us) {
  if (auto flushed = flush(); !flushed) return flushed;
  const SqlValue values[] = {title_, edition_, sent_, now_us, dictionary_id_};
  if (auto switched = execute(
          connection_, "UPDATE dictionary SET title = ?, edition = ?, entries = ?, loaded = ? WHERE id = ?", values);
      !switched) {
    return tl::unexpected(switched.error());
  }
  for (std::uint64_t rows = kRowsPerDelete; rows == kRowsPerDelete;) {
    const SqlValue old[] = {dictionary_id_, edition_, kRowsPerDelete};
    const auto deleted =
        execute(connection_,
                "DELETE FROM words WHERE dictionary_id = ? AND edition < ? ORDER BY edition, position LIMIT ?", old);
    if (!deleted) return tl::unexpected(deleted.error());
    rows = *deleted;
  }
  return std::exchange(connection_, nullptr)->commit();
}

StoreResult<void> WordLoad::flush() {
  std::vector<SqlValue> values;
  for (std::span<const Word> left = waiting_; !left.empty();) {
    const auto batch = left.first(std::bit_floor(left.size()));  // few sizes, so that few statements are prepared
    values.clear();
    for (const Word& word : batch) {
      values.insert(values.end(), {dictionary_id_, edition_, sent_++, std::string_view(word.headword),
                                   std::string_view(word.meaning)});
    }
    if (auto inserted = execute(connection_, insert_statement(batch.size()), values); !inserted) {
      return tl::unexpected(inserted.error());
    }
    left = left.subspan(batch.size());
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  return {};
}

}  // namespace dictd
