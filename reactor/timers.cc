#include "reactor/timers.h"

#include <cassert>
#include <utility>

namespace reactor {
namespace {

constexpr std::uint32_t kDue = UINT32_MAX - 1;  // taken off the heap, waiting in Timers::due_

}  // namespace

void Timer::set(Clock::time_point when) {
  cancel();
  when_ = when;
  timers_.insert(*this);
}

void Timer::cancel() {
  if (is_set()) timers_.remove(*this);
}

std::optional<Clock::time_point> Timers::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->when_;
}

void Timers::run(Clock::time_point now) {
  if (heap_.empty() || heap_.front()->when_ > now) return;
  while (!heap_.empty() && heap_.front()->when_ <= now) {
    Timer* const timer = heap_.front();
    remove(*timer);
    timer->slot_ = kDue;
    due_.push_back(timer);
  }
  for (Timer*& due : due_) {
    if (due == nullptr) continue;
    Timer* const timer = std::exchange(due, nullptr);
    timer->slot_ = Timer::kNowhere;
    // A copy: the callback may destroy the timer that holds it.
    const Timer::Callback callback = timer->callback_;
    callback();
  }
  due_.clear();
}

void Timers::insert(Timer& timer) {
  assert(heap_.size() < kDue);
  heap_.push_back(&timer);
  place(&timer, heap_.size() - 1);
  sift_up(heap_.size() - 1);
}

void Timers::remove(Timer& timer) {
  if (timer.slot_ == kDue) {
    for (Timer*& due : due_) {
      if (due == &timer) due = nullptr;
    }
  } else {
    const std::size_t slot = timer.slot_;
    Timer* const last = heap_.back();
    heap_.pop_back();
    if (last != &timer) {
      place(last, slot);
      sift_up(slot);
      sift_down(last->slot_);
    }
  }
  timer.slot_ = Timer::kNowhere;
}

void Timers::place(Timer* timer, std::size_t slot) {
  heap_[slot] = timer;
  timer->slot_ = static_cast<std::uint32_t>(slot);
}

void Timers::sift_up(std::size_t slot) {
  Timer* const timer = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent]->when_ <= timer->when_) break;
    place(heap_[parent], slot);
    slot = parent;
  }
  place(timer, slot);
}

void Timers::sift_down(std::size_t slot) {
  Timer* const timer = heap_[slot];
  for (;;) {
    std::size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (timer->when_ <= heap_[child]->when_) break;
    place(heap_[child], slot);
    slot = child;
  }
  place(timer, slot);
}

}  // namespace reactor
