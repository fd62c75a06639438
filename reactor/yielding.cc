#include "reactor/yielding.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace reactor {
namespace {

constexpr long kEveryNanoseconds = 400'000;

void yield_processor(int /*signal*/) { ::sched_yield(); }

bool handle_signal() {
  struct sigaction action {};
  action.sa_handler = yield_processor;
  action.sa_flags = SA_RESTART;
  return ::sigaction(SIGRTMIN, &action, nullptr) == 0;
}

// struct sched_attr of sched_setattr(2), which the C library does not have yet; its first version, of 48 bytes.
struct Attributes {
  std::uint32_t size = sizeof(Attributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // nanoseconds: for SCHED_OTHER the slice
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(Attributes) == 48);

// What a thread gives up by yielding is the rest of its slice, which is 3 ms unless said else. With a slice of no more
// than it uses until it yields again, it keeps the share of the processor that its priority is worth. (Linux 6.12; older
// ones ignore it.)
void shorten_slice() {
  Attributes attributes;
  attributes.nice = ::getpriority(PRIO_PROCESS, 0);  // of this thread, on Linux
  attributes.runtime = kEveryNanoseconds;
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

Yielding::Yielding() {
  static const bool handled = handle_signal();
  if (!handled) return;
  shorten_slice();
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGRTMIN;
  event._sigev_un._tid = ::gettid();
  has_timer_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
  if (!has_timer_) return;
  const itimerspec every{.it_interval = {0, kEveryNanoseconds}, .it_value = {0, kEveryNanoseconds}};
  (void)::timer_settime(timer_, 0, &every, nullptr);
}

Yielding::~Yielding() {
  if (has_timer_) (void)::timer_delete(timer_);
}

}  // namespace reactor
