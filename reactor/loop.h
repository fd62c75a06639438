// The event loop: one thread, edge-triggered epoll.
//
// A turn, in this order:
//   1. wait: not at all while somebody is on the `again` list, else until the next timer;
//   2. events: each ready watcher's on_ready(), in the order the kernel gave them;
//   3. posted work: all that was posted before this step, by any thread;
//   4. timers that are due;
//   5. the `again` list: watchers that stopped for their budget's sake and for whom no new edge will come;
//   6. commit: the hook that makes this turn's effects durable (before_flush), so that
//   7. flush: no output leaves before it; on_flush() of everyone who asked for it;
//   8. the graveyard: watchers that died in this turn are freed, so that neither their memory nor their descriptor is
//      used again within it.
// Nothing may block. What is slow goes to a Pool and comes back by post().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "reactor/buffer.h"
#include "reactor/fd.h"
#include "reactor/timers.h"

namespace reactor {

class Loop;

// Something with a descriptor on the loop. Loop thread only. It must be off the loop (Loop::unwatch) before
// it is destroyed; one that dies during a turn is given to Loop::bury, and may be called once more before it
// is freed.
class Watcher {
 public:
  Watcher() = default;
  virtual ~Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  virtual void on_ready(std::uint32_t epoll_events) = 0;
  virtual void on_again() {}
  virtual void on_flush() {}

 private:
  friend class Loop;
  static constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t again_slot_ = kNoSlot;
  std::uint32_t flush_slot_ = kNoSlot;
  std::uint32_t held_slot_ = kNoSlot;
};

// Owned by the thread that calls run(); every method but post() is for that thread, or for the time before run().
class Loop {
 public:
  using Task = std::function<void()>;
  // The number of a commit. Output can be held until its commit is done; see before_flush and release.
  using Ticket = std::uint64_t;

  // Throws std::system_error when the system has no epoll instance or eventfd left: there is no loop without
  // them.
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Turns until stop(), which ends it with the turn it is called in; a stop() before run() has no effect.
  void run();
  void stop();

  // Runs `task` on the loop, in step 3 of a turn to come. Any thread; wakes the loop only if nothing was
  // queued.
  void post(Task task);

  // Registers for IN | OUT | RDHUP, edge-triggered, once and for all.
  [[nodiscard]] tl::expected<void, std::error_code> watch(int fd, Watcher& watcher);
  void unwatch(int fd, Watcher& watcher);

  void run_again(Watcher& watcher) { enroll(again_, watcher, &Watcher::again_slot_); }
  void flush_later(Watcher& watcher) { enroll(flush_, watcher, &Watcher::flush_slot_); }
  // The watcher's on_flush() is called when the next ticket is released.
  void flush_on_release(Watcher& watcher) { enroll(held_, watcher, &Watcher::held_slot_); }
  void bury(std::unique_ptr<Watcher> watcher);

  // The hook of step 6.
  void before_flush(Task hook) { before_flush_ = std::move(hook); }
  // Output held for `ticket` or an earlier one may leave, in this turn's step 7.
  void release(Ticket ticket);
  [[nodiscard]] Ticket released() const { return released_; }

  [[nodiscard]] Timers& timers() { return timers_; }
  // The time at which this turn began to work.
  [[nodiscard]] Clock::time_point now() const { return now_; }
  // The longest time a turn took from its events to its end, since the last call.
  [[nodiscard]] Clock::duration take_longest_turn() { return std::exchange(longest_turn_, {}); }
  // How long all turns took, their waiting not counted. Any thread.
  [[nodiscard]] Clock::duration work() const { return Clock::duration(work_.load(std::memory_order_relaxed)); }
  // A place to read into, shared by all of the loop: valid until the callback returns.
  [[nodiscard]] std::span<char> scratch() { return {scratch_.get(), kScratch}; }
  // Memory for output, kept of what was sent: that is still in the cache, and an idle connection has none of its own.
  [[nodiscard]] Buffer take_spare();
  void keep_spare(Buffer empty);
  [[nodiscard]] bool in_loop_thread() const { return thread_ == std::this_thread::get_id(); }

 private:
  static constexpr int kEventsPerTurn = 512;
  static constexpr std::size_t kScratch = 64 * 1024;
  static constexpr std::size_t kSpares = kEventsPerTurn;
  static constexpr std::size_t kLargestSpare = 32 * 1024;
  using List = std::vector<Watcher*>;
  using Slot = std::uint32_t Watcher::*;

  static void enroll(List& list, Watcher& watcher, Slot slot);
  static void withdraw(List& list, Watcher& watcher, Slot slot);
  void withdraw_from_all(Watcher& watcher);
  // Empties the list, calling each; whoever enrols meanwhile is called the next time.
  void call_all(List& list, Slot slot, void (Watcher::*method)());

  void turn();
  [[nodiscard]] int wait_limit() const;
  void run_posted();

  Fd epoll_;
  Fd wake_;  // eventfd
  std::thread::id thread_;
  bool stopping_ = false;
  Clock::time_point now_ = Clock::now();
  Clock::duration longest_turn_{};
  std::atomic<Clock::rep> work_{0};
  Timers timers_;

  List again_, flush_, held_, called_;
  std::vector<std::unique_ptr<Watcher>> graveyard_;
  Task before_flush_;
  Ticket released_ = 0;
  std::unique_ptr<char[]> scratch_;
  std::vector<Buffer> spares_;

  std::mutex posted_mutex_;
  std::vector<Task> posted_;   // guarded by posted_mutex_
  std::vector<Task> running_;  // the queue that was swapped out, kept for its memory
};

}  // namespace reactor
