// The statements, in the order of store.h. All of them are prepared; what varies goes in as a value.
#include "dictd/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "dictd/mysql_connection.h"

namespace dictd {
namespace {

using std::chrono::microseconds;

constexpr microseconds kLongestGrace = std::chrono::hours(1);
constexpr int kGracesInLifetime = 24;
constexpr microseconds kServerGone = std::chrono::days(90);
constexpr std::size_t kRowsPerInsert = 1000;  // four values each; a statement takes 65,535 at most
constexpr int kClaimAttempts = 100;

std::string_view view_of(const TokenHash& token) { return {reinterpret_cast<const char*>(token.data()), token.size()}; }

User user_of(const SqlRow& row) {
  return {row.number(0), std::string(row.text(1)), std::string(row.text(2)), row.number(3)};
}

// The statement that inserts `rows` events. Those that are there already stay as they are; IGNORE would do
// that too, but hide what does not fit as well.
std::string insert_statement(std::size_t rows) {
  std::string sql = "INSERT INTO hist (user_id, event, time, word) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) sql += i == 0 ? "(?, ?, ?, ?)" : ", (?, ?, ?, ?)";
  return sql + " ON DUPLICATE KEY UPDATE event = event";
}

// How many of `left` events go into the next statement: few different sizes, so that few statements are
// prepared.
std::size_t rows_of_next_insert(std::size_t left) {
  return left >= kRowsPerInsert ? kRowsPerInsert : std::bit_floor(left);
}

StoreError::Kind kind_of(MysqlConnection::DataFault fault, std::size_t rows) {
  using DataFault = MysqlConnection::DataFault;
  if (fault == DataFault::kYes) return StoreError::Kind::kRejected;
  const bool doubtful = fault == DataFault::kPerhaps || (fault == DataFault::kIfMany && rows > 1);
  return doubtful ? StoreError::Kind::kDoubtful : StoreError::Kind::kUnavailable;
}

tl::unexpected<StoreError> rejected(std::string message) {
  return tl::unexpected(StoreError{StoreError::Kind::kRejected, std::move(message)});
}

// A dictionary, and where its words are.
struct ListedDictionary {
  std::uint64_t id = 0;
  std::uint64_t edition = 0;
  DictionaryRow row;
};

StoreResult<std::vector<ListedDictionary>> list_dictionaries(MysqlConnection& connection) {
  std::vector<ListedDictionary> listed;
  auto done = connection.query(
      "SELECT id, edition, name, title, entries, loaded FROM dictionary ORDER BY id", {}, [&](const SqlRow& row) {
        const DictionaryRow dictionary{
            std::string(row.text(2)), std::string(row.text(3)), {}, row.number(4), row.signed_number(5)};
        listed.push_back({row.number(0), row.number(1), dictionary});
      });
  if (!done) return tl::unexpected(done.error());
  auto next = listed.begin();  // both come by the dictionary's number
  done = connection.query("SELECT dictionary_id, name, value FROM property ORDER BY dictionary_id, name", {},
                          [&](const SqlRow& row) {
                            while (next != listed.end() && next->id < row.number(0)) ++next;
                            if (next == listed.end() || next->id != row.number(0)) return;
                            next->row.properties.emplace_back(row.text(1), row.text(2));
                          });
  return done.map([&] { return std::move(listed); });
}

// The aliases of one dictionary, by their positions: the texts lie one after the other in one string.
class Aliases {
 public:
  StoreResult<void> read(MysqlConnection& connection, const ListedDictionary& dictionary) {
    const SqlValue values[] = {dictionary.id, dictionary.edition};
    return connection.query(
        "SELECT position, headword, entry FROM alias WHERE dictionary_id = ? AND edition = ? ORDER BY position", values,
        [&](const SqlRow& row) {
          headwords_ += row.text(1);
          aliases_.push_back({row.number(0), row.number(2), headwords_.size()});
        });
  }
  // Visits those before `position` that were not visited yet.
  void visit_until(std::uint64_t position, const WordVisitor& visitor) {
    for (; next_ < aliases_.size() && aliases_[next_].position < position; ++next_) {
      const std::size_t end = aliases_[next_].end;
      visitor.alias(std::string_view(headwords_).substr(begin_, end - begin_), aliases_[next_].entry);
      begin_ = end;
    }
  }

 private:
  struct Alias {
    std::uint64_t position;
    std::uint64_t entry;
    std::size_t end;  // of its headword
  };
  std::string headwords_;
  std::vector<Alias> aliases_;
  std::size_t next_ = 0;   // to be visited
  std::size_t begin_ = 0;  // of its headword
};

StoreResult<void> visit_words(MysqlConnection& connection, const ListedDictionary& dictionary,
                              const WordVisitor& visitor) {
  Aliases aliases;
  if (auto read = aliases.read(connection, dictionary); !read) return read;
  const SqlValue values[] = {dictionary.id, dictionary.edition};
  return connection
      .query("SELECT position, headword, meaning FROM words WHERE dictionary_id = ? AND edition = ? ORDER BY position",
             values,
             [&](const SqlRow& row) {
               aliases.visit_until(row.number(0), visitor);
               visitor.word(row.number(0), row.text(1), row.text(2));
             })
      .map([&] { aliases.visit_until(std::numeric_limits<std::uint64_t>::max(), visitor); });
}

// Visits the dictionaries that are wanted, all as they are at one moment.
template <typename Wanted>
StoreResult<void> visit(MysqlConnection& connection, const Wanted& wanted, const WordVisitor& visitor) {
  if (auto begun = connection.begin(MysqlConnection::Isolation::kSnapshot); !begun) return begun;
  const auto dictionaries = list_dictionaries(connection);
  if (!dictionaries) return tl::unexpected(dictionaries.error());
  for (const ListedDictionary& dictionary : *dictionaries) {
    if (!wanted(dictionary.row)) continue;
    visitor.dictionary(dictionary.row);
    if (auto visited = visit_words(connection, dictionary, visitor); !visited) return visited;
  }
  return connection.commit();
}

}  // namespace

Store::Store(DatabaseOptions options) : connection_(std::make_unique<MysqlConnection>(std::move(options))) {}
Store::~Store() = default;

StoreResult<void> Store::ping() { return connection_->ping(); }

// ---- users

StoreResult<std::optional<User>> Store::find_user(std::string_view name) {
  std::optional<User> user;
  const SqlValue values[] = {name};
  return connection_
      ->query("SELECT id, name, password_hash, forgotten_through FROM user WHERE name = ?", values,
              [&](const SqlRow& row) {
                if (row.text(1) == name) user = user_of(row);  // the collation overlooks spaces at the end
              })
      .map([&] { return std::move(user); });
}

StoreResult<std::optional<User>> Store::find_user(std::uint64_t id) {
  std::optional<User> user;
  const SqlValue values[] = {id};
  return connection_
      ->query("SELECT id, name, password_hash, forgotten_through FROM user WHERE id = ?", values,
              [&](const SqlRow& row) { user = user_of(row); })
      .map([&] { return std::move(user); });
}

StoreResult<void> Store::add_user(const User& user, std::int64_t now_us) {
  const SqlValue values[] = {user.id, user.name, user.password_hash, now_us};
  const auto added =
      connection_->execute("INSERT INTO user (id, name, password_hash, created) VALUES (?, ?, ?, ?)", values);
  if (added) return {};
  if (added.error().kind != StoreError::Kind::kDuplicate) return tl::unexpected(added.error());
  // It may be this very user: the connection was lost after the insert, which was then done once more.
  const auto there = find_user(user.id);
  if (!there) return tl::unexpected(there.error());
  if (*there == user) return {};
  return tl::unexpected(added.error());
}

StoreResult<bool> Store::replace_password_hash(std::uint64_t user_id, std::string_view old_hash,
                                               std::string_view new_hash) {
  const SqlValue values[] = {new_hash, user_id, old_hash};
  const auto replaced =
      connection_->execute("UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?", values);
  if (!replaced) return tl::unexpected(replaced.error());
  if (*replaced == 1) return true;
  return find_user(user_id).map([&](const std::optional<User>& user) {  // done already, as above
    return user.has_value() && user->password_hash == new_hash;
  });
}

StoreResult<bool> Store::change_password(std::uint64_t user_id, std::string_view old_hash, std::string_view new_hash,
                                         const TokenHash& keep) {
  if (const auto begun = connection_->begin(MysqlConnection::Isolation::kReadCommitted); !begun) {
    return tl::unexpected(begun.error());
  }
  const SqlValue values[] = {new_hash, user_id, old_hash};
  const auto replaced =
      connection_->execute("UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?", values);
  if (!replaced) return tl::unexpected(replaced.error());
  if (*replaced == 0) {
    connection_->roll_back();
    return false;
  }
  if (const auto ended = end_sessions(user_id, keep); !ended) return tl::unexpected(ended.error());
  return connection_->commit().map([] { return true; });
}

// ---- sessions

microseconds Store::session_grace(microseconds lifetime) {
  return std::min(kLongestGrace, lifetime / kGracesInLifetime);
}

StoreResult<void> Store::add_session(const TokenHash& token, std::uint64_t user_id, std::int64_t now_us,
                                     microseconds lifetime) {
  const SqlValue values[] = {view_of(token), user_id, now_us, now_us, now_us + lifetime.count()};
  return connection_
      ->execute(
          "INSERT INTO session (token_hash, user_id, created, last_used, ends) VALUES (?, ?, ?, ?, ?)"
          " ON DUPLICATE KEY UPDATE last_used = last_used",
          values)
      .map([](std::uint64_t) {});
}

StoreResult<std::optional<SessionUser>> Store::resume_session(const TokenHash& token, std::int64_t now_us,
                                                              microseconds lifetime) {
  const std::int64_t grace = session_grace(lifetime).count();
  std::optional<SessionUser> user;
  std::int64_t last_used = 0;
  const SqlValue find[] = {view_of(token), now_us - grace};
  const auto found = connection_->query(
      "SELECT user_id, name, last_used, forgotten_through FROM session JOIN user ON id = user_id"
      " WHERE token_hash = ? AND ends > ?",
      find, [&](const SqlRow& row) {
        user = SessionUser{row.number(0), std::string(row.text(1)), row.number(3)};
        last_used = row.signed_number(2);
      });
  if (!found) return tl::unexpected(found.error());
  if (!user || now_us - last_used <= grace) return user;
  const SqlValue touch[] = {now_us, now_us + lifetime.count(), view_of(token)};
  return connection_->execute("UPDATE session SET last_used = ?, ends = ? WHERE token_hash = ?", touch)
      .map([&](std::uint64_t rows) { return rows == 0 ? std::nullopt : std::move(user); });
}

StoreResult<void> Store::end_session(const TokenHash& token) {
  const SqlValue values[] = {view_of(token)};
  return connection_->execute("DELETE FROM session WHERE token_hash = ?", values).map([](std::uint64_t) {});
}

StoreResult<void> Store::end_sessions(std::uint64_t user_id, const std::optional<TokenHash>& keep) {
  const SqlValue values[] = {user_id, keep ? view_of(*keep) : std::string_view()};  // no token has an empty hash
  return connection_->execute("DELETE FROM session WHERE user_id = ? AND token_hash <> ?", values)
      .map([](std::uint64_t) {});
}

StoreResult<std::uint64_t> Store::remove_ended_sessions(std::int64_t now_us, std::uint32_t limit) {
  const SqlValue values[] = {now_us - kLongestGrace.count(), std::uint64_t{limit}};
  return connection_->execute("DELETE FROM session WHERE ends <= ? ORDER BY ends LIMIT ?", values);
}

// ---- history

StoreResult<std::vector<Event>> Store::history(std::uint64_t user_id, std::uint32_t limit, std::uint64_t before) {
  std::vector<Event> events;
  const SqlValue values[] = {user_id, before == 0 ? std::numeric_limits<std::uint64_t>::max() : before, user_id,
                             std::uint64_t{limit}};
  return connection_
      ->query(
          "SELECT event, time, word FROM hist WHERE user_id = ? AND event < ?"
          " AND event > (SELECT forgotten_through FROM user WHERE id = ?) ORDER BY event DESC LIMIT ?",
          values,
          [&](const SqlRow& row) {
            events.push_back({row.number(0), user_id, row.signed_number(1), std::string(row.text(2))});
          })
      .map([&] { return std::move(events); });
}

StoreResult<std::uint64_t> Store::remove_event(std::uint64_t user_id, std::uint64_t event) {
  const SqlValue values[] = {user_id, event};
  return connection_->execute("DELETE FROM hist WHERE user_id = ? AND event = ?", values);
}

StoreResult<void> Store::hide_history(std::uint64_t user_id, std::uint64_t through) {
  const SqlValue values[] = {through, user_id};
  return connection_->execute("UPDATE user SET forgotten_through = GREATEST(forgotten_through, ?) WHERE id = ?", values)
      .map([](std::uint64_t) {});
}

StoreResult<std::uint64_t> Store::remove_hidden_history(std::uint64_t user_id) {
  const SqlValue values[] = {user_id, user_id, kRowsPerRemoval};
  return connection_->execute(
      "DELETE FROM hist WHERE user_id = ? AND event <= (SELECT forgotten_through FROM user WHERE id = ?)"
      " ORDER BY event LIMIT ?",
      values);
}

StoreResult<void> Store::insert_history(std::span<const Event> events) {
  std::vector<SqlValue> values;
  while (!events.empty()) {
    const auto batch = events.first(rows_of_next_insert(events.size()));
    values.clear();
    for (const Event& event : batch) {
      values.insert(values.end(), {event.user_id, event.number, event.time_us, std::string_view(event.word)});
    }
    const auto inserted = connection_->execute(insert_statement(batch.size()), values);
    if (!inserted) {
      StoreError error = inserted.error();
      error.kind = kind_of(connection_->last_error_of_data(), batch.size());
      return tl::unexpected(std::move(error));
    }
    events = events.subspan(batch.size());
  }
  return {};
}

// ---- words

StoreResult<void> Store::load_words(const WordVisitor& visitor) {
  return visit(
      *connection_, [](const DictionaryRow&) { return true; }, visitor);
}

StoreResult<bool> Store::visit_dictionary(std::string_view name, const WordVisitor& visitor) {
  bool found = false;
  return visit(
             *connection_, [&](const DictionaryRow& row) { return row.name == name && (found = true); }, visitor)
      .map([&] { return found; });
}

StoreResult<std::vector<DictionaryRow>> Store::dictionaries() {
  std::vector<DictionaryRow> rows;
  const auto keep = [&](const DictionaryRow& row) {
    rows.push_back(row);
    return false;
  };
  return visit(*connection_, keep, {}).map([&] { return std::move(rows); });
}

StoreResult<bool> Store::set_properties(std::string_view dictionary,
                                        const std::map<std::string, std::string>& properties) {
  return WordLoad::set_properties(*connection_, dictionary, properties);
}

StoreResult<bool> Store::remove_dictionary(std::string_view name) { return WordLoad::remove(*connection_, name); }

StoreResult<WordLoad> Store::begin_word_load(std::string_view dictionary, std::string_view title) {
  return WordLoad::begin(*connection_, dictionary, title);
}

// ---- servers

StoreResult<std::uint16_t> Store::claim_server_number(std::string_view instance, std::int64_t now_us) {
  for (int attempts = 0; attempts < kClaimAttempts; ++attempts) {
    // The numbers in use come in order: the first gap is the lowest free one.
    std::uint64_t free = 0;
    std::optional<std::uint64_t> own;
    std::optional<std::uint64_t> abandoned;
    const auto found =
        connection_->query("SELECT number, instance, seen FROM server ORDER BY number", {}, [&](const SqlRow& row) {
          const std::uint64_t number = row.number(0);
          if (number == free) ++free;
          if (row.text(1) == instance) own = number;
          if (!abandoned && row.signed_number(2) < now_us - kServerGone.count()) abandoned = number;
        });
    if (!found) return tl::unexpected(found.error());
    const bool take_over = !own && free >= kServerNumbers;
    if (take_over && !abandoned) {
      return rejected(fmt::format("all {} server numbers are in use; delete from table server those that are gone",
                                  kServerNumbers));
    }
    const std::uint64_t number = own ? *own : take_over ? *abandoned : free;
    const SqlValue renew[] = {now_us, number, instance};
    const SqlValue insert[] = {number, instance, now_us};
    const SqlValue replace[] = {instance, now_us, number, now_us - kServerGone.count()};
    const auto claimed =
        own ? connection_->execute("UPDATE server SET seen = ? WHERE number = ? AND instance = ?", renew)
        : take_over
            ? connection_->execute("UPDATE server SET instance = ?, seen = ? WHERE number = ? AND seen < ?", replace)
            : connection_->execute("INSERT INTO server (number, instance, seen) VALUES (?, ?, ?)", insert);
    if (claimed && *claimed == 1) return static_cast<std::uint16_t>(number);
    if (!claimed && claimed.error().kind != StoreError::Kind::kDuplicate) return tl::unexpected(claimed.error());
    // Another server was quicker; look again.
  }
  return tl::unexpected(StoreError{StoreError::Kind::kUnavailable, "other servers claim every number first"});
}

StoreResult<bool> Store::server_seen(std::uint16_t number, std::string_view instance, std::int64_t now_us) {
  const SqlValue values[] = {now_us, std::uint64_t{number}, instance};
  return connection_->execute("UPDATE server SET seen = ? WHERE number = ? AND instance = ?", values)
      .map([](std::uint64_t rows) { return rows == 1; });
}

}  // namespace dictd
