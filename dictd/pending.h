// What is in the journal but not yet in the database, so that a user sees its own look-ups at once.
//
// Held per user, the newest only, in a bounded amount of memory. When something had to be left out, that is
// remembered until the drain has passed it, and an answer that would need it says so. Not a cache: what is
// drained is gone.
//
// To answer HISTORY: take newest() first, then ask the database, then merge by event number. In the other
// order an event that is drained in between would be in neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dictd/event.h"

namespace dictd {

// The loop thread's.
class Pending {
 public:
  static constexpr std::size_t kPerUser = 1000;
  static constexpr std::size_t kInAll = std::size_t{1} << 20;

  explicit Pending(std::size_t per_user = kPerUser, std::size_t in_all = kInAll);

  // An event that is in the journal, or will be when this turn commits. One user's numbers grow; one that is
  // not greater than the last is a repetition, and ignored.
  void add(const EventView& event);

  // What is in the database now, in the order of the journal: of these users, all up to these numbers.
  struct Drained {
    std::uint64_t user_id;
    std::uint64_t through;
  };
  void drained(std::span<const Drained> users);

  struct Page {
    std::vector<Event> events;  // newest first
    // False: events that are not held may belong among these or right behind them, and are not in the
    // database yet either. History::run_after_drain waits until they are.
    bool complete = true;
  };
  // Up to `limit` of the user's events with a smaller number than `before` (0: any).
  [[nodiscard]] Page newest(std::uint64_t user_id, std::size_t limit, std::uint64_t before) const;

  // Removes the events of all users from number `first` to number `last`.
  void take_back(std::uint64_t first, std::uint64_t last);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  // One user's events, oldest first, packed: see pending.cc.
  struct User {
    std::string bytes;
    std::size_t begin = 0;  // of the oldest in `bytes`
    std::size_t count = 0;
    std::uint64_t newest = 0;           // number of the last one added
    std::uint64_t evicted_through = 0;  // left out up to here, and not drained; every number held is greater
  };

  void evict_oldest(User& user);
  void drop_oldest(User& user);

  using Users = std::unordered_map<std::uint64_t, User>;
  void erase(Users::iterator user);

  Users users_;
  // Look-ups come in runs of one user's.
  std::uint64_t last_user_id_ = 0;
  User* last_user_ = nullptr;
  std::size_t per_user_;
  std::size_t in_all_;
  std::size_t size_ = 0;
};

}  // namespace dictd
