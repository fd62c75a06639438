#include "reactor/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace reactor {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

}  // namespace

Loop::Loop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      thread_(std::this_thread::get_id()),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratch)) {
  if (!epoll_) fail("epoll_create1");
  wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) fail("eventfd");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // the only one without a watcher
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) fail("epoll_ctl");
}

Loop::~Loop() = default;

void Loop::run() {
  thread_ = std::this_thread::get_id();
  stopping_ = false;
  while (!stopping_) turn();
}

void Loop::stop() {
  assert(in_loop_thread());
  stopping_ = true;
}

void Loop::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int ready = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_limit());
  if (ready < 0 && errno != EINTR) fail("epoll_wait");
  now_ = Clock::now();
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    // A watcher that was buried earlier in this turn is still whole, and ignores its late events.
    if (event.data.ptr != nullptr) static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
  }
  run_posted();
  timers_.run(now_);
  call_all(again_, &Watcher::again_slot_, &Watcher::on_again);
  if (before_flush_) before_flush_();
  call_all(flush_, &Watcher::flush_slot_, &Watcher::on_flush);
  for (const auto& buried : graveyard_) withdraw_from_all(*buried);
  graveyard_.clear();
  const auto took = Clock::now() - now_;
  longest_turn_ = std::max(longest_turn_, took);
  work_.store(work_.load(std::memory_order_relaxed) + took.count(), std::memory_order_relaxed);
}

int Loop::wait_limit() const {
  if (stopping_ || !again_.empty() || !flush_.empty()) return 0;
  const auto next = timers_.next();
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void Loop::post(Task task) {
  bool was_empty = false;
  {
    const std::lock_guard lock(posted_mutex_);
    was_empty = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (!was_empty) return;
  const std::uint64_t one = 1;
  // EAGAIN would mean that the counter is full, and so the loop is about to wake anyway.
  while (::write(wake_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

// The eventfd is never read: as it is edge-triggered, each write is an edge of its own.
void Loop::run_posted() {
  {
    const std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
  }
  for (Task& task : running_) task();
  running_.clear();
}

tl::expected<void, std::error_code> Loop::watch(int fd, Watcher& watcher) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return tl::unexpected(std::error_code(errno, std::system_category()));
}

void Loop::unwatch(int fd, Watcher& watcher) {
  // Fails only for a descriptor that is not registered, which is what is wanted.
  (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  withdraw_from_all(watcher);
}

void Loop::bury(std::unique_ptr<Watcher> watcher) {
  assert(in_loop_thread());
  graveyard_.push_back(std::move(watcher));
}

void Loop::release(Ticket ticket) {
  assert(in_loop_thread());
  if (ticket <= released_) return;
  released_ = ticket;
  List freed;
  freed.swap(held_);
  for (Watcher* const watcher : freed) {
    if (watcher == nullptr) continue;
    watcher->held_slot_ = Watcher::kNoSlot;
    flush_later(*watcher);
  }
}

Buffer Loop::take_spare() {
  if (spares_.empty()) return {};
  Buffer spare = std::move(spares_.back());
  spares_.pop_back();
  return spare;
}

void Loop::keep_spare(Buffer empty) {
  assert(empty.empty());
  if (empty.capacity() > 0 && empty.capacity() <= kLargestSpare && spares_.size() < kSpares) {
    spares_.push_back(std::move(empty));
  }
}

void Loop::enroll(List& list, Watcher& watcher, Slot slot) {
  if (watcher.*slot != Watcher::kNoSlot) return;
  watcher.*slot = static_cast<std::uint32_t>(list.size());
  list.push_back(&watcher);
}

void Loop::withdraw(List& list, Watcher& watcher, Slot slot) {
  const std::uint32_t at = std::exchange(watcher.*slot, Watcher::kNoSlot);
  if (at == Watcher::kNoSlot) return;
  assert(list[at] == &watcher);
  list[at] = nullptr;
}

void Loop::withdraw_from_all(Watcher& watcher) {
  withdraw(again_, watcher, &Watcher::again_slot_);
  withdraw(flush_, watcher, &Watcher::flush_slot_);
  withdraw(held_, watcher, &Watcher::held_slot_);
}

void Loop::call_all(List& list, Slot slot, void (Watcher::*method)()) {
  if (list.empty()) return;
  called_.swap(list);
  std::erase(called_, nullptr);
  // All are off the list before the first is called, so that each can enrol anew, and so that one that is
  // buried by another's call is only called once more while it is still whole.
  for (Watcher* const watcher : called_) watcher->*slot = Watcher::kNoSlot;
  for (Watcher* const watcher : called_) (watcher->*method)();
  called_.clear();
}

}  // namespace reactor
