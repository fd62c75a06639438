#include "test/bench/peers/model/look_up.h"

#include <fstream>
#include <functional>
#include <unordered_set>

#include "dictd/fold.h"
#include "dictd/wall_clock.h"
#include "words/reader.h"

namespace model {
namespace {

constexpr std::string_view kDictionary = "bench";
constexpr std::string_view kUser = "bench";  // whose history it is: nobody logs in
constexpr std::size_t kRowsAtOnce = 500;

using Visitor = std::function<bool(const words::Entry&)>;
// Visits the entries of a wordbook until the visitor does not want more. False if there is no such file.
bool visit(const std::string& path, const Visitor& visitor) {
  std::ifstream file(path);
  if (!file) return false;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const words::Line read = words::read_line(line, number);
    const auto* const entry = std::get_if<words::Entry>(&read);
    if (entry != nullptr && !visitor(*entry)) break;
  }
  return true;
}

tl::expected<std::shared_ptr<const dictd::Index>, std::string> read_into_index(const std::string& path) {
  dictd::IndexBuilder builder;
  bool good = builder.add_dictionary({.name = std::string(kDictionary)}).has_value();
  const bool is_there = visit(path, [&](const words::Entry& entry) {
    good = good && builder.add(entry.headword, entry.meaning).has_value();
    return good;
  });
  if (!is_there) return tl::unexpected("there is no " + path);
  if (!good) return tl::unexpected(path + " does not fit into the index");
  return std::move(builder).build();
}

// The table's content, one row for each headword: of several meanings the first.
struct Rows {
  std::vector<std::pair<std::string, std::string>> rows;
  std::unordered_set<std::string> headwords;
};
bool read_rows(const std::string& path, Rows& rows) {
  return visit(path, [&](const words::Entry& entry) {
    if (rows.headwords.emplace(entry.headword).second) rows.rows.emplace_back(entry.headword, entry.meaning);
    return true;
  });
}

dictd::StoreResult<void> run(dictd::MysqlConnection& database, std::string_view sql,
                             std::span<const dictd::SqlValue> values = {}) {
  return database.execute(sql, values).map([](std::uint64_t) {});
}

dictd::StoreResult<void> make_tables(dictd::MysqlConnection& database) {
  constexpr std::string_view kWords =
      "CREATE TABLE IF NOT EXISTS bench_words (headword VARCHAR(255) PRIMARY KEY, meaning MEDIUMTEXT NOT NULL) "
      "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
  constexpr std::string_view kHistory =
      "CREATE TABLE IF NOT EXISTS bench_history (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(32) NOT NULL, "
      "word VARCHAR(255) NOT NULL, time BIGINT NOT NULL) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
  return run(database, kWords).and_then([&] { return run(database, kHistory); });
}

dictd::StoreResult<void> insert(dictd::MysqlConnection& database, const Rows& rows) {
  for (std::size_t begin = 0; begin < rows.rows.size(); begin += kRowsAtOnce) {
    const std::size_t end = std::min(begin + kRowsAtOnce, rows.rows.size());
    std::string sql = "INSERT IGNORE INTO bench_words (headword, meaning) VALUES ";
    std::vector<dictd::SqlValue> values;
    for (std::size_t i = begin; i < end; ++i) {
      sql += i == begin ? "(?, ?)" : ", (?, ?)";
      values.emplace_back(std::string_view(rows.rows[i].first));
      values.emplace_back(std::string_view(rows.rows[i].second));
    }
    if (auto done = run(database, sql, values); !done) return done;
  }
  return {};
}

dictd::StoreResult<void> fill_table(dictd::MysqlConnection& database, const Rows& rows) {
  std::uint64_t there = 0;
  const auto counted =
      database.query("SELECT COUNT(*) FROM bench_words", {}, [&](const dictd::SqlRow& row) { there = row.number(0); });
  if (!counted || there == rows.rows.size()) return counted;
  return database.begin(dictd::MysqlConnection::Isolation::kReadCommitted)
      .and_then([&] { return run(database, "DELETE FROM bench_words"); })
      .and_then([&] { return insert(database, rows); })
      .and_then([&] { return database.commit(); });
}

}  // namespace

LookUp::LookUp(const Options& options, std::shared_ptr<const dictd::Index> index)
    : index_(std::move(index)), records_(options.records) {
  if (options.asks_mysql || options.records) database_ = std::make_unique<dictd::MysqlConnection>(options.database);
}

bool LookUp::find(std::string_view word, dictd::wire::QueryAnswer& answer) {
  answer.entries.clear();
  return (index_ != nullptr ? ask_index(word, answer) : ask_mysql(word, answer)) && (!records_ || record(word));
}

bool LookUp::ask_index(std::string_view word, dictd::wire::QueryAnswer& answer) {
  dictd::fold(word, key_);
  index_->entries(index_->find(key_), {word, key_}, *index_->scope("*"), entries_);
  for (const dictd::Entry& entry : entries_) {
    answer.entries.push_back({.dictionary = entry.dictionary, .headword = entry.headword, .meaning = entry.meaning});
  }
  return true;
}

bool LookUp::ask_mysql(std::string_view word, dictd::wire::QueryAnswer& answer) {
  const dictd::SqlValue value = word;
  bool found = false;
  const auto asked = database_->query("SELECT meaning FROM bench_words WHERE headword = ?", {&value, 1},
                                      [&](const dictd::SqlRow& row) {
                                        meaning_ = row.text(0);
                                        found = true;
                                      });
  headword_ = word;
  if (found) answer.entries.push_back({.dictionary = kDictionary, .headword = headword_, .meaning = meaning_});
  return asked.has_value();
}

bool LookUp::record(std::string_view word) {
  const dictd::SqlValue values[] = {kUser, word, dictd::wall_clock_us()};
  return database_->execute("INSERT INTO bench_history (name, word, time) VALUES (?, ?, ?)", values).has_value();
}

tl::expected<Words, std::string> Words::prepare(const Options& options) {
  Words words(options);
  if (options.asks_mysql || options.records) {
    dictd::MysqlConnection database(options.database);
    dictd::StoreResult<void> done = make_tables(database);
    if (options.asks_mysql) {
      Rows rows;
      if (!read_rows(options.words, rows)) return tl::unexpected("there is no " + options.words);
      done = std::move(done).and_then([&] { return fill_table(database, rows); });
    }
    if (!done) return tl::unexpected(done.error().message);
  }
  if (options.asks_mysql) return words;
  return read_into_index(options.words).map([&](std::shared_ptr<const dictd::Index> index) {
    words.index_ = std::move(index);
    return std::move(words);
  });
}

}  // namespace model
