// The use cases of dictd: register, log in, look up, history … Every front-end calls only this.
//
// A look-up and a match are answered at once, from memory. A look-up is an event as well: it goes into the
// journal's buffer, and its answer must wait until the ticket it came with is settled (commit). What needs
// the database or a password's hash is handed to a pool and answered by a callback, on the loop, exactly
// once; it may also be called before the method returns, when there is nothing to wait for. Not here:
// sockets, frames, SQL.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/attempts.h"
#include "dictd/error.h"
#include "dictd/event.h"
#include "dictd/history.h"
#include "dictd/index.h"
#include "dictd/journal.h"
#include "dictd/number_source.h"
#include "dictd/password.h"
#include "dictd/pending.h"
#include "dictd/store.h"
#include "reactor/pool.h"

namespace dictd {

// Who a connection speaks for; kept by the front-end. A default-constructed one is nobody.
struct Login {
  std::uint64_t user_id = 0;
  TokenHash token{};

  explicit operator bool() const { return user_id != 0; }
};

struct LoggedIn {
  Login login;
  std::string name;
  std::string token;  // empty when an earlier one was resumed
};

// The answer to a look-up, which may leave once `ticket` is settled. The views are valid until the next call.
struct Found {
  std::span<const Entry> entries;
  Ticket ticket = 0;
};

inline constexpr std::uint32_t kDefaultHistory = 10;
inline constexpr std::uint32_t kDefaultMatches = 20;
inline constexpr std::uint32_t kMostResults = 1000;  // of one HISTORY or MATCH
inline constexpr std::size_t kMostNameCharacters = 32;
inline constexpr std::size_t kFewestPasswordBytes = 6;
inline constexpr std::size_t kMostPasswordBytes = 128;

// Whether a user may have this name: 1 to 32 characters, no white space, no control characters.
[[nodiscard]] Result<void> check_name(std::string_view name);
// 6 to 128 bytes, no control characters.
[[nodiscard]] Result<void> check_password(std::string_view password);

// The loop thread's. What it refers to outlives it, and the pools have ended when it does.
class Service {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;
  using HostKey = Attempts::HostKey;

  struct Options {
    std::chrono::seconds token_lifetime = std::chrono::days(30);  // since its last use
    PasswordCost password_cost;
    Attempts::Limits attempts;
    bool anonymous_lookups = false;  // MATCH and DICTIONARIES without a login
  };
  struct Parts {
    Journal& journal;
    History& history;
    Pending& pending;
    NumberSource& numbers;
    reactor::Loop& loop;
    reactor::Pool& database;  // its worker N uses stores[N]
    std::span<const std::unique_ptr<Store>> stores;
    Store& drain_store;  // the drain thread's
    reactor::Pool& cpu;
  };

  Service(const Options& options, const Parts& parts);

  // Swaps the words in and hands the old ones back, which are better freed elsewhere: that takes time.
  [[nodiscard]] std::shared_ptr<const Index> replace_index(std::shared_ptr<const Index> index);

  // ---- answered at once
  // Look-ups come in runs, in which each is quicker than alone: find() the words, at most kMostAtOnce and with no effect
  // but this one, and then look_up() them by their number, in order, all or as many as there is room for answers;
  // until then they stay where they are.
  static constexpr std::size_t kMostAtOnce = Index::kMostAtOnce;
  void find(std::span<const std::string_view> words);
  [[nodiscard]] Result<Found> look_up(const Login& login, std::size_t n);

  [[nodiscard]] Result<std::span<const Entry>> match(const Login& login, std::string_view strategy,
                                                     std::string_view word, std::uint32_t limit);
  [[nodiscard]] Result<std::span<const Dictionary>> dictionaries(const Login& login) const;

  // ---- answered by a callback
  void register_user(std::string name, std::string password, const Done<void>& done);
  void log_in(const HostKey& host, const std::string& name, std::string password, const Done<LoggedIn>& done);
  void resume(std::string_view token, const Done<LoggedIn>& done);
  void log_out(const Login& login, const Done<void>& done);
  // Ends all other sessions of the user.
  void change_password(const HostKey& host, const Login& login, std::string old_password, std::string new_password,
                       const Done<void>& done);
  // Newest first; a limit of 0 is the default, `before` 0 the newest.
  void history(const Login& login, std::uint32_t limit, std::uint64_t before, const Done<std::vector<Event>>& done);
  // One event, or all with 0; answers how many were removed.
  void forget(const Login& login, std::uint64_t event, const Done<std::uint64_t>& done);

  // ---- the turn
  // What has become of tickets.
  struct Settled {
    Ticket released = 0;  // answers up to this one may leave …
    // … once those after lost_after and up to lost_through are replaced by refusals: their events are not on the disk.
    Ticket lost_after = 0;
    Ticket lost_through = 0;

    [[nodiscard]] bool is_lost(Ticket ticket) const { return ticket > lost_after && ticket <= lost_through; }
  };
  // Writes this turn's events to the journal. Once a turn, before any output leaves.
  [[nodiscard]] Settled commit();
  // What a refused look-up is answered with.
  [[nodiscard]] static Error not_recorded();

 private:
  struct PasswordChange;
  // Between the steps of log_in.
  struct Attempt {
    HostKey host;
    std::string name;
    std::string password;
    Done<LoggedIn> done;
  };

  template <typename T>
  void on_database(std::function<StoreResult<T>(Store&)> job, const Done<T>& done);
  template <typename T>
  void on_cpu(std::function<T()> job, const Done<T>& done);

  void check_credentials(const Attempt& attempt, std::optional<User> user);
  void begin_session(const Attempt& attempt, const User& user, const std::optional<std::string>& renewed_hash);
  void give_up(const Attempt& attempt, const Error& error);
  void read_history(std::uint64_t user_id, std::uint32_t limit, std::uint64_t before, std::vector<Event> pending,
                    const Done<std::vector<Event>>& done);
  void remove_hidden_history(std::uint64_t user_id, std::uint64_t removed, const Done<std::uint64_t>& done);
  template <typename T>
  void after_drain(std::function<StoreResult<T>(Store&)> job, const Done<T>& done);

  const Options options_;
  Parts parts_;
  Attempts attempts_;
  std::string unmatchable_hash_;
  std::shared_ptr<const Index> index_ = std::make_shared<Index>();

  // Events whose tickets are not settled: they leave `pending` again if they are lost.
  struct Unsettled {
    Ticket ticket;
    std::uint64_t first, last;  // their numbers
  };
  std::vector<Unsettled> unsettled_;
  std::vector<Ticket> failed_;  // commits that failed while earlier ones are not settled; ascending

  // Kept for their memory: a look-up allocates nothing.
  std::string key_;
  std::vector<Entry> results_;
  std::array<std::string_view, kMostAtOnce> words_;  // of the last find(): trimmed, or as it came where there is no key
  std::array<std::string, kMostAtOnce> keys_;        // empty where the word is none
  std::array<Index::Place, kMostAtOnce> places_{};
  std::size_t found_ = 0;
  std::int64_t found_at_us_ = 0;
};

}  // namespace dictd
