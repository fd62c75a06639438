// The use cases of dictd: look up, match, history … and, in accounts.h, register and log in. Every front-end calls only
// this.
//
// A look-up is answered at once, from memory. That of a user is an event as well: it goes into the journal's buffer, and
// its answer must wait until the ticket it came with is settled (commit). What needs the database, or looks at too many
// words for the loop, is handed to a pool and answered by a callback, on the loop, exactly once; it may also be called
// before the method returns, when there is nothing to wait for. Not here: sockets, frames, SQL.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/accounts.h"
#include "dictd/error.h"
#include "dictd/event.h"
#include "dictd/history.h"
#include "dictd/index.h"
#include "dictd/journal.h"
#include "dictd/number_source.h"
#include "dictd/offload.h"
#include "dictd/pending.h"
#include "dictd/store.h"
#include "dictd/strategy.h"
#include "reactor/pool.h"

namespace dictd {

// Whether somebody who is not logged in may do it: that is for each front-end to say.
enum class Access : std::uint8_t { kUsers, kEverybody };

// The answer to a look-up, which may leave once `ticket` is settled; at once if that is 0, when nothing was recorded. The
// views are valid until the next call.
struct Found {
  std::span<const Entry> entries;
  Ticket ticket = 0;
};

// Of the entries only dictionary and headword count. The views are valid within the callback.
struct Headwords {
  std::span<const Entry> entries;
  bool more = false;  // there are more than were asked for
};

inline constexpr std::uint32_t kDefaultHistory = 10;
inline constexpr std::uint32_t kMostHistory = 1000;  // results of one request

// The loop thread's. What it refers to outlives it, and the pools have ended when it does.
class Service {
 public:
  struct Options {
    Accounts::Options accounts;
    std::chrono::milliseconds match_timeout{2000};  // of one that looks at many words
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

  [[nodiscard]] Accounts& accounts() { return accounts_; }

  // ---- answered at once
  [[nodiscard]] std::span<const Dictionary> dictionaries() const { return index_->dictionaries(); }
  [[nodiscard]] std::vector<const Dictionary*> listed_dictionaries() const;  // without the hidden ones
  [[nodiscard]] const Dictionary* dictionary(std::string_view name) const { return index_->dictionary(name); }
  // Views into the index: to be used at once. kBadRequest: there is no such dictionary, or strategy.
  [[nodiscard]] Result<Scope> scope(std::string_view database) const;
  [[nodiscard]] static Result<Strategy> strategy(std::string_view name);

  // Look-ups come in runs, in which each is quicker than alone: find() the words, at most kMostAtOnce and with no effect
  // but this one, and then look_up() them by their number, in order, all or as many as there is room for answers;
  // until then they stay where they are.
  static constexpr std::size_t kMostAtOnce = Index::kMostAtOnce;
  void find(std::span<const std::string_view> words);
  // Recorded for the user, if there is one.
  [[nodiscard]] Result<Found> look_up(const Login& login, Access access, const Scope& scope, std::size_t n);

  // ---- answered by a callback
  // At most `limit` headwords. kBadRequest: the pattern is none.
  void match(const Login& login, Access access, const Scope& scope, const Strategy& strategy, std::string_view word,
             std::size_t limit, const Done<Headwords>& done);
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
  struct OwnedMatches;

  void read_history(std::uint64_t user_id, std::uint32_t limit, std::uint64_t before, std::vector<Event> pending,
                    const Done<std::vector<Event>>& done);
  void remove_hidden_history(std::uint64_t user_id, std::uint64_t removed, const Done<std::uint64_t>& done);
  template <typename T>
  void after_drain(std::function<StoreResult<T>(Store&)> job, const Done<T>& done);

  const Options options_;
  Parts parts_;
  Offload offload_;
  Accounts accounts_;
  std::shared_ptr<const Index> index_ = std::make_shared<Index>();

  // Events whose tickets are not settled: they leave `pending` again if they are lost.
  struct Unsettled {
    Ticket ticket;
    std::uint64_t first, last;  // their numbers
  };
  std::vector<Unsettled> unsettled_;
  std::vector<Ticket> failed_;  // commits that failed while earlier ones are not settled; ascending

  // Kept for their memory: a look-up allocates nothing.
  std::vector<Entry> results_;
  std::array<std::string_view, kMostAtOnce> words_;  // of the last find(): trimmed, or as it came where there is no key
  std::array<std::string, kMostAtOnce> keys_;        // empty where the word is none
  std::array<Index::Place, kMostAtOnce> places_{};
  std::size_t found_ = 0;
  std::int64_t found_at_us_ = 0;
};

}  // namespace dictd
