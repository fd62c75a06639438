// Timers on the steady clock: a binary heap of pointers to timers that their users own.
//
// Setting, moving and cancelling cost O(log n) and allocate nothing but the heap's own array; each timer
// knows its place in it. 100,000 idle connections cost a pointer each here, and their deadlines are moved
// lazily (connection.h). Not for wall-clock times.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace reactor {

using Clock = std::chrono::steady_clock;

class Timers;

// One deadline and what to do then. Lives on the loop thread; its owner may destroy it at any time, also from
// within its own callback, and it may be set again from there.
class Timer {
 public:
  using Callback = std::function<void()>;
  Timer(Timers& timers, Callback callback) : timers_(timers), callback_(std::move(callback)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(Clock::time_point when);
  void cancel();
  [[nodiscard]] bool is_set() const { return slot_ != kNowhere; }
  [[nodiscard]] Clock::time_point when() const { return when_; }

 private:
  friend class Timers;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  Timers& timers_;
  Callback callback_;
  Clock::time_point when_{};
  std::uint32_t slot_ = kNowhere;
};

// The loop's timers. Loop thread only; outlives every Timer.
class Timers {
 public:
  [[nodiscard]] std::optional<Clock::time_point> next() const;
  // Calls what is due at `now`, earliest first. A timer that is set again from a callback, even for the past,
  // waits for the next turn: a timer cannot starve the loop.
  void run(Clock::time_point now);

 private:
  friend class Timer;
  void insert(Timer& timer);
  void remove(Timer& timer);
  void place(Timer* timer, std::size_t slot);
  void sift_up(std::size_t slot);
  void sift_down(std::size_t slot);

  std::vector<Timer*> heap_;
  std::vector<Timer*> due_;  // of the run in progress; a timer cancelled meanwhile is null
};

}  // namespace reactor
