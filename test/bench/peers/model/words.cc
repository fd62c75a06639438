#include "test/bench/peers/model/words.h"

#include <chrono>
#include <fstream>
#include <functional>
#include <utility>

#include "dictd/fold.h"
#include "words/reader.h"

namespace model {
namespace {

namespace wire = dictd::wire;
using dictd::MysqlConnection;
using dictd::SqlValue;

constexpr std::string_view kDictionary = "bench";
constexpr std::string_view kUser = "bench";
constexpr std::string_view kToken = "a-token-that-no-model-looks-at";
constexpr std::uint32_t kLargestFrame = 64 * 1024;
constexpr std::size_t kRowsPerInsert = 500;
constexpr std::uint16_t kBadRequest = 1;
constexpr std::uint16_t kUnknownType = 2;
constexpr std::uint16_t kUnavailable = 9;

void for_each_entry(const std::string& path, const std::function<void(const words::Entry&)>& visit) {
  std::ifstream file(path);
  if (!file) fail("cannot read " + path);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const words::Line read = words::read_line(line, number);
    if (const auto* const entry = std::get_if<words::Entry>(&read)) visit(*entry);
  }
}

std::shared_ptr<const dictd::Index> make_index(const std::string& path) {
  dictd::IndexBuilder builder;
  bool whole = builder.add_dictionary(std::string(kDictionary), "").has_value();
  for_each_entry(path,
                 [&](const words::Entry& entry) { whole &= builder.add(entry.headword, entry.meaning).has_value(); });
  if (!whole) fail("the index does not take all of " + path);
  return std::move(builder).build();
}

template <typename T>
void must(const dictd::StoreResult<T>& result) {
  if (!result) fail(result.error().message);
}

void insert(MysqlConnection& database, std::vector<std::string>& texts) {
  if (texts.empty()) return;
  std::string sql = "INSERT IGNORE INTO bench_words (headword, meaning) VALUES (?, ?)";
  for (std::size_t row = 1; row < texts.size() / 2; ++row) sql += ", (?, ?)";
  const std::vector<SqlValue> values(texts.begin(), texts.end());
  must(database.execute(sql, values));
  texts.clear();
}

void fill_table(MysqlConnection& database, const std::string& path) {
  must(database.execute("DROP TABLE IF EXISTS bench_words", {}));
  must(
      database.execute("CREATE TABLE bench_words (headword VARCHAR(255) NOT NULL PRIMARY KEY, meaning MEDIUMTEXT NOT "
                       "NULL) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
                       {}));
  std::vector<std::string> texts;  // headword, meaning, headword …
  for_each_entry(path, [&](const words::Entry& entry) {
    texts.emplace_back(entry.headword);
    texts.emplace_back(entry.meaning);
    if (texts.size() == 2 * kRowsPerInsert) insert(database, texts);
  });
  insert(database, texts);
}

}  // namespace

std::shared_ptr<const dictd::Index> read_words(const Options& options) {
  if (options.mysql || options.record) {
    MysqlConnection database(options.database);
    must(
        database.execute("CREATE TABLE IF NOT EXISTS bench_history (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY "
                         "KEY, name VARCHAR(32) NOT NULL, word VARCHAR(255) NOT NULL, time BIGINT NOT NULL) CHARACTER "
                         "SET utf8mb4 COLLATE utf8mb4_general_ci",
                         {}));
    if (options.mysql) fill_table(database, options.words);
  }
  return options.mysql ? nullptr : make_index(options.words);
}

Answerer::Answerer(const Options& options, const dictd::Index* index) : index_(index), record_(options.record) {
  if (index != nullptr && !record_) return;
  // If it cannot be opened now, the look-ups are what fails.
  static_cast<void>(database_.emplace(options.database).ping());
}

bool Answerer::answer(reactor::Buffer& input, reactor::Buffer& output) {
  for (;;) {
    const auto frame = reactor::next_frame(input.view(), {.smallest = wire::kSmallestFrame, .largest = kLargestFrame});
    if (frame.status == reactor::FrameResult::Status::kNeedMore) return true;
    if (frame.status != reactor::FrameResult::Status::kFrame) return false;
    answer_frame(wire::parse_frame(frame.body), output);
    input.consume(frame.consumed);
  }
}

// Whoever wants to log in is let in: a model knows no users.
void Answerer::answer_frame(const wire::Frame& frame, reactor::Buffer& output) {
  switch (frame.type) {
    case wire::Type::kQuery: return look_up(frame, output);
    case wire::Type::kHello:
      return wire::encode(output, frame.id, wire::HelloAnswer{wire::kVersion, "model", kLargestFrame});
    case wire::Type::kLogin: return wire::encode(output, frame.id, wire::LoginAnswer{kToken});
    case wire::Type::kResume: return wire::encode(output, frame.id, wire::ResumeAnswer{kUser});
    case wire::Type::kRegister: return wire::encode(output, frame.id, wire::RegisterAnswer{});
    case wire::Type::kLogout: return wire::encode(output, frame.id, wire::LogoutAnswer{});
    case wire::Type::kPing: return wire::encode(output, frame.id, wire::PingAnswer{});
    case wire::Type::kChangePassword: return wire::encode(output, frame.id, wire::ChangePasswordAnswer{});
    case wire::Type::kForget: return wire::encode(output, frame.id, wire::ForgetAnswer{});
    case wire::Type::kHistory: return wire::encode(output, frame.id, wire::HistoryAnswer{});
    case wire::Type::kMatch: return wire::encode(output, frame.id, wire::MatchAnswer{});
    case wire::Type::kDictionaries: return wire::encode(output, frame.id, wire::DictionariesAnswer{});
    case wire::Type::kError: break;
  }
  wire::encode(output, frame.id, wire::ErrorAnswer{kUnknownType, "unknown type"});
}

void Answerer::look_up(const wire::Frame& frame, reactor::Buffer& output) {
  const auto request = wire::decode<wire::QueryRequest>(frame.fields);
  if (!request) return wire::encode(output, frame.id, wire::ErrorAnswer{kBadRequest, "no word"});
  found_.entries.clear();
  if (index_ != nullptr) ask_index(request->word);
  if (database_) {
    if (const auto asked = ask_mysql(request->word); !asked) {
      return wire::encode(output, frame.id, wire::ErrorAnswer{kUnavailable, asked.error().message});
    }
  }
  wire::encode(output, frame.id, found_);
}

void Answerer::ask_index(std::string_view word) {
  dictd::fold(word, key_);
  index_->exact(key_, entries_);
  for (const dictd::Entry& entry : entries_)
    found_.entries.push_back({entry.dictionary, entry.headword, entry.meaning});
}

dictd::StoreResult<void> Answerer::ask_mysql(std::string_view word) {
  word = dictd::trim(word);
  if (index_ == nullptr) {
    const SqlValue values[] = {word};
    auto asked = database_->query("SELECT headword, meaning FROM bench_words WHERE headword = ?", values,
                                  [this](const dictd::SqlRow& row) {
                                    headword_ = row.text(0);
                                    meaning_ = row.text(1);
                                    found_.entries.push_back({kDictionary, headword_, meaning_});
                                  });
    if (!asked) return asked;
  }
  if (!record_) return {};
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const SqlValue values[] = {kUser, word, now};
  return database_->execute("INSERT INTO bench_history (name, word, time) VALUES (?, ?, ?)", values)
      .map([](std::uint64_t) {});
}

}  // namespace model
