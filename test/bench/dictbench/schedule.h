// When the requests of an open loop are due: evenly spaced from a start, whatever became of those before. Pure.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

namespace dictbench {

// One thread at a time. Of `parties` that share a rate the requests fall due in turns; this is the schedule of one.
class Schedule {
 public:
  using Clock = std::chrono::steady_clock;

  Schedule() = default;
  Schedule(Clock::time_point start, double per_second, std::size_t party = 0, std::size_t parties = 1)
      : start_(start), interval_ns_(1e9 / per_second), number_(party), parties_(parties) {
    set_due();
  }

  // The next one's time.
  [[nodiscard]] Clock::time_point due() const { return due_; }
  void advance() {
    number_ += parties_;
    set_due();
  }

 private:
  // Counted from the start and not from the one before: an interval is seldom a whole number of nanoseconds.
  void set_due() {
    due_ = start_ + std::chrono::nanoseconds(std::llround(static_cast<double>(number_) * interval_ns_));
  }

  Clock::time_point start_, due_;
  double interval_ns_ = 0;
  std::uint64_t number_ = 0, parties_ = 1;
};

}  // namespace dictbench
