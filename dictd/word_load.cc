#include "dictd/word_load.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <span>
#include <utility>

#include "dictd/mysql_connection.h"

namespace dictd {
namespace {

constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kBatchBytes = 1 << 20;      // well below any server's max_allowed_packet, but for one huge word
constexpr std::uint64_t kRowsPerDelete = 20'000;  // each statement is to be done well within the io_timeout
constexpr int kBeginAttempts = 3;
constexpr std::string_view kReplaceProperty = "REPLACE INTO property (dictionary_id, name, value) VALUES (?, ?, ?)";

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

constexpr std::string_view kInsertWords =
    "INSERT INTO words (dictionary_id, edition, position, headword, meaning) VALUES ";
constexpr std::string_view kInsertAliases =
    "INSERT INTO alias (dictionary_id, edition, position, headword, entry) VALUES ";

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

// Inserts rows, of which `row` gives the five values, and empties the list.
template <typename Row, typename Values>
StoreResult<void> insert_all(MysqlConnection*& connection, std::string_view insert, std::vector<Row>& rows,
                             const Values& values_of) {
  std::vector<SqlValue> values;
  for (std::span<const Row> left = rows; !left.empty();) {
    const auto batch = left.first(std::bit_floor(left.size()));  // few sizes, so that few statements are prepared
    std::string sql(insert);
    values.clear();
    for (const Row& row : batch) {
      sql += values.empty() ? "(?, ?, ?, ?, ?)" : ", (?, ?, ?, ?, ?)";
      const std::array<SqlValue, 5> next = values_of(row);
      values.insert(values.end(), next.begin(), next.end());
    }
    if (auto inserted = execute(connection, sql, values); !inserted) return tl::unexpected(inserted.error());
    left = left.subspan(batch.size());
  }
  rows.clear();
  return {};
}

// Runs a DELETE of many rows in pieces: its last value is how many rows go at once.
StoreResult<void> delete_all(MysqlConnection*& connection, std::string_view sql, std::uint64_t dictionary_id,
                             std::uint64_t before_edition) {
  const SqlValue values[] = {dictionary_id, before_edition, kRowsPerDelete};
  for (std::uint64_t rows = kRowsPerDelete; rows == kRowsPerDelete;) {
    const auto deleted = execute(connection, sql, values);
    if (!deleted) return tl::unexpected(deleted.error());
    rows = *deleted;
  }
  return {};
}

// Deletes words and aliases of the editions before one.
StoreResult<void> delete_editions(MysqlConnection*& connection, std::uint64_t dictionary_id,
                                  std::uint64_t before_edition) {
  for (const std::string_view sql :
       {"DELETE FROM words WHERE dictionary_id = ? AND edition < ? ORDER BY edition, position LIMIT ?",
        "DELETE FROM alias WHERE dictionary_id = ? AND edition < ? ORDER BY edition, position LIMIT ?"}) {
    if (auto deleted = delete_all(connection, sql, dictionary_id, before_edition); !deleted) return deleted;
  }
  return {};
}

StoreResult<void> replace_properties(MysqlConnection*& connection, std::uint64_t dictionary_id,
                                     const std::map<std::string, std::string>& properties) {
  for (const auto& [name, value] : properties) {
    const SqlValue values[] = {dictionary_id, std::string_view(name), std::string_view(value)};
    const auto done = value.empty() ? execute(connection, "DELETE FROM property WHERE dictionary_id = ? AND name = ?",
                                              std::span(values).first(2))
                                    : execute(connection, kReplaceProperty, values);
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

// Does something to a dictionary, in a transaction; false if there is none of that name.
template <typename Change>
StoreResult<bool> change(MysqlConnection& connection, std::string_view name, const Change& change_it) {
  if (const auto begun = connection.begin(MysqlConnection::Isolation::kReadCommitted); !begun) {
    return tl::unexpected(begun.error());
  }
  const auto found = lock_dictionary(connection, name);
  if (!found) return tl::unexpected(found.error());
  MysqlConnection* transaction = &connection;
  if (found->id != 0) {
    if (const auto changed = change_it(transaction, *found); !changed) return tl::unexpected(changed.error());
  }
  return connection.commit().map([&] { return found->id != 0; });
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
      next_position_(other.next_position_),
      waiting_bytes_(other.waiting_bytes_),
      words_(std::move(other.words_)),
      aliases_(std::move(other.aliases_)),
      properties_(std::move(other.properties_)) {}

WordLoad::~WordLoad() {
  if (connection_ != nullptr) connection_->roll_back();
}

StoreResult<std::uint64_t> WordLoad::add(std::string_view headword, std::string_view meaning) {
  const std::uint64_t position = next_position_++;
  words_.push_back({position, std::string(headword), std::string(meaning)});
  waiting_bytes_ += headword.size() + meaning.size();
  return flush_if_full().map([&] { return position; });
}

StoreResult<void> WordLoad::add_alias(std::string_view headword, std::uint64_t entry) {
  assert(entry < next_position_);
  aliases_.push_back({next_position_++, std::string(headword), entry});
  waiting_bytes_ += headword.size();
  return flush_if_full();
}

void WordLoad::set(std::string_view property, std::string_view value) {
  properties_.insert_or_assign(std::string(property), std::string(value));
}

StoreResult<void> WordLoad::commit(std::int64_t now_us) {
  const SqlValue values[] = {title_, edition_, next_position_, now_us, dictionary_id_};
  return flush()
      .and_then([&] {
        return execute(connection_,
                       "UPDATE dictionary SET title = ?, edition = ?, entries = ?, loaded = ? WHERE id = ?", values);
      })
      .and_then([&](std::uint64_t) { return replace_properties(connection_, dictionary_id_, properties_); })
      .and_then([&] { return delete_editions(connection_, dictionary_id_, edition_); })
      .and_then([&] { return std::exchange(connection_, nullptr)->commit(); });
}

StoreResult<void> WordLoad::flush_if_full() {
  const bool full = words_.size() == kBatchRows || aliases_.size() == kBatchRows || waiting_bytes_ >= kBatchBytes;
  return full ? flush() : StoreResult<void>();
}

StoreResult<void> WordLoad::flush() {
  waiting_bytes_ = 0;
  return insert_all(connection_, kInsertWords, words_,
                    [&](const Word& word) -> std::array<SqlValue, 5> {
                      return {dictionary_id_, edition_, word.position, word.headword, word.meaning};
                    })
      .and_then([&] {
        return insert_all(connection_, kInsertAliases, aliases_, [&](const Alias& alias) -> std::array<SqlValue, 5> {
          return {dictionary_id_, edition_, alias.position, alias.headword, alias.entry};
        });
      });
}

StoreResult<bool> WordLoad::set_properties(MysqlConnection& connection, std::string_view dictionary,
                                           const std::map<std::string, std::string>& properties) {
  return change(connection, dictionary, [&](MysqlConnection*& transaction, const Found& found) {
    return replace_properties(transaction, found.id, properties);
  });
}

StoreResult<bool> WordLoad::remove(MysqlConnection& connection, std::string_view dictionary) {
  return change(connection, dictionary, [](MysqlConnection*& transaction, const Found& found) {
    const SqlValue id[] = {found.id};
    return delete_editions(transaction, found.id, found.edition + 1)
        .and_then([&] { return execute(transaction, "DELETE FROM property WHERE dictionary_id = ?", id); })
        .and_then([&](std::uint64_t) { return execute(transaction, "DELETE FROM dictionary WHERE id = ?", id); })
        .map([](std::uint64_t) {});
  });
}

}  // namespace dictd
