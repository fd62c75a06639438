// All that dictd keeps in MySQL or MariaDB, one method for each thing to do. The tables stand in schema.sql.
//
// Behind it is one connection (mysql_connection.h), made at the first call and made anew when it is lost.
// Each call has a limit in time (DatabaseOptions), each is prepared once per connection, and each may safely
// be done twice: a call whose connection was lost under way is tried once more on a new one. While the
// database is away, calls fail at once and a new connection is tried only after 100 ms, 200 ms … 5 s. Times
// are microseconds since the Unix epoch, UTC, and are always passed in: nothing here reads a clock of the
// day. What a name or a word may look like is not decided here; what does not fit its column is kRejected.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dictd/database_options.h"
#include "dictd/event.h"
#include "dictd/password.h"
#include "dictd/store_error.h"
#include "dictd/word_load.h"

namespace dictd {

class MysqlConnection;

struct User {
  std::uint64_t id = 0;  // made by dictd, never used again
  std::string name;
  std::string password_hash;
  std::uint64_t forgotten_through = 0;  // of the events: a server's next number has to be greater

  friend bool operator==(const User&, const User&) = default;
};

// Who a token stands for.
struct SessionUser {
  std::uint64_t user_id = 0;
  std::string name;
  std::uint64_t forgotten_through = 0;  // as above

  friend bool operator==(const SessionUser&, const SessionUser&) = default;
};

struct DictionaryRow {
  std::string name;
  std::string title;
  std::vector<std::pair<std::string, std::string>> properties;  // property.h: name and value, by name
  std::uint64_t entries = 0;                                    // headwords; of a virtual dictionary 0
  std::int64_t loaded_us = 0;
};

// Called for each dictionary and, after it, for each of its headwords in their order: a word, which is an entry of its
// own, or an alias, another headword of an entry that came before. The views end with the call.
struct WordVisitor {
  std::function<void(const DictionaryRow&)> dictionary;
  std::function<void(std::uint64_t position, std::string_view headword, std::string_view meaning)> word;
  std::function<void(std::string_view headword, std::uint64_t entry)> alias;  // `entry` is the position of a word
};

// A connection to the database and the use cases upon it. One thread at a time; each worker has its own.
class Store {
 public:
  explicit Store(DatabaseOptions options);  // does not connect yet
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Connects if need be, and asks the server for a sign of life.
  [[nodiscard]] StoreResult<void> ping();

  // ---- users. Names are compared code point by code point.
  [[nodiscard]] StoreResult<std::optional<User>> find_user(std::string_view name);
  [[nodiscard]] StoreResult<std::optional<User>> find_user(std::uint64_t id);
  // kDuplicate: the name is taken. Adding the very same id and name again is no error.
  [[nodiscard]] StoreResult<void> add_user(const User& user, std::int64_t now_us);
  // False, and nothing changed, if the hash is no longer `old_hash`.
  [[nodiscard]] StoreResult<bool> replace_password_hash(std::uint64_t user_id, std::string_view old_hash,
                                                        std::string_view new_hash);
  // The same, and in the same transaction all sessions of the user but `keep` are ended.
  [[nodiscard]] StoreResult<bool> change_password(std::uint64_t user_id, std::string_view old_hash,
                                                  std::string_view new_hash, const TokenHash& keep);

  // ---- sessions
  [[nodiscard]] StoreResult<void> add_session(const TokenHash& token, std::uint64_t user_id, std::int64_t now_us,
                                              std::chrono::microseconds lifetime);
  // Whose token it is, if it is still good, and prolongs it to now + lifetime. A resume is a read: the row is
  // written only when the last time is longer ago than the grace below, which every session lasts beyond its
  // lifetime.
  [[nodiscard]] StoreResult<std::optional<SessionUser>> resume_session(const TokenHash& token, std::int64_t now_us,
                                                                       std::chrono::microseconds lifetime);
  // An hour, or a twenty-fourth of a lifetime shorter than a day.
  [[nodiscard]] static std::chrono::microseconds session_grace(std::chrono::microseconds lifetime);
  [[nodiscard]] StoreResult<void> end_session(const TokenHash& token);  // no error if there is none
  // Ends all of a user's sessions but `keep`.
  [[nodiscard]] StoreResult<void> end_sessions(std::uint64_t user_id, const std::optional<TokenHash>& keep);
  // Deletes at most `limit` rows of sessions that nobody can resume any more, and says how many.
  [[nodiscard]] StoreResult<std::uint64_t> remove_ended_sessions(std::int64_t now_us, std::uint32_t limit);

  // ---- history
  // Newest first, at most `limit` events with numbers below `before` (0: from the newest).
  [[nodiscard]] StoreResult<std::vector<Event>> history(std::uint64_t user_id, std::uint32_t limit,
                                                        std::uint64_t before);
  // These two say how many rows they removed: one event, or none; and of those that hide_history has hidden at most
  // kRowsPerRemoval, so that no other request waits long for the same connection.
  [[nodiscard]] StoreResult<std::uint64_t> remove_event(std::uint64_t user_id, std::uint64_t event);
  [[nodiscard]] StoreResult<std::uint64_t> remove_hidden_history(std::uint64_t user_id);
  static constexpr std::uint64_t kRowsPerRemoval = 5000;
  // Forgets all up to and including number `through`, also those of them that are only inserted later. Their rows stay.
  [[nodiscard]] StoreResult<void> hide_history(std::uint64_t user_id, std::uint64_t through);
  // Inserts those that are not there yet. On an error some of them may be in. kRejected is only ever said of
  // the data: one of these events does not fit. An account or a schema that is wrong is kUnavailable here, so
  // that no event is given up for it; what may be the events' fault or not is kDoubtful.
  [[nodiscard]] StoreResult<void> insert_history(std::span<const Event> events);

  // ---- words
  // Visits all dictionaries and all words as they are at one moment, streaming. On an error the visitor has
  // seen a part, which is worth nothing.
  [[nodiscard]] StoreResult<void> load_words(const WordVisitor& visitor);
  // The same of one dictionary; false if there is none of that name.
  [[nodiscard]] StoreResult<bool> visit_dictionary(std::string_view name, const WordVisitor& visitor);
  // All dictionaries, in the order in which they are searched.
  [[nodiscard]] StoreResult<std::vector<DictionaryRow>> dictionaries();
  // These two say false if there is no dictionary of that name. kUnavailable when a load of it is under way.
  // Sets properties, as WordLoad::set does; the words stay.
  [[nodiscard]] StoreResult<bool> set_properties(std::string_view dictionary,
                                                 const std::map<std::string, std::string>& properties);
  [[nodiscard]] StoreResult<bool> remove_dictionary(std::string_view name);
  // Begins to replace the words of one dictionary, or to add it; see word_load.h. The store must outlive the
  // load and be used for nothing else until its end. kUnavailable when another load of that dictionary is
  // under way.
  [[nodiscard]] StoreResult<WordLoad> begin_word_load(std::string_view dictionary, std::string_view title);

  // ---- servers: who owns which part of the event numbers (number_source.h)
  static constexpr std::uint16_t kServerNumbers = 4096;
  // The number of this instance (32 hexadecimal digits), the same one each time: a free one, the lowest, or
  // when none is free one that was not seen for 90 days. kRejected when all are in use.
  [[nodiscard]] StoreResult<std::uint16_t> claim_server_number(std::string_view instance, std::int64_t now_us);
  // Says that the number is still in use. False if it is no longer this instance's: it must be claimed again.
  [[nodiscard]] StoreResult<bool> server_seen(std::uint16_t number, std::string_view instance, std::int64_t now_us);

 private:
  std::unique_ptr<MysqlConnection> connection_;
};

}  // namespace dictd
