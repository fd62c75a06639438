#include "reactor/yielding.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

#include "reactor/fd.h"

namespace reactor {
namespace {

// What the kernel then does with the processor is the benchmark's to show; here, that the thread comes by its call to
// sched_yield(2): the signal for that ends a wait which SA_RESTART does not restart.
bool interrupted(int milliseconds) {
  const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  const int ready = epoll_wait(epoll.get(), &event, 1, milliseconds);
  EXPECT_LE(ready, 0);
  return ready < 0 && errno == EINTR;
}

// For as long as it exists, at most `count` timers and signals wait in all of this user's processes.
class PendingSignals {
 public:
  explicit PendingSignals(rlim_t count) {
    EXPECT_EQ(getrlimit(RLIMIT_SIGPENDING, &before_), 0);
    const rlimit fewer{.rlim_cur = std::min(count, before_.rlim_max), .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_SIGPENDING, &fewer), 0);
  }
  ~PendingSignals() { setrlimit(RLIMIT_SIGPENDING, &before_); }
  PendingSignals(const PendingSignals&) = delete;
  PendingSignals& operator=(const PendingSignals&) = delete;

 private:
  rlimit before_{};
};

TEST(Yielding, InterruptsItsThreadAgainAndAgain) {
  const Yielding yielding;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(interrupted(10'000)) << i;
}

TEST(Yielding, InterruptsNoOtherThread) {
  const Yielding yielding;
  bool other = true;
  std::thread([&] { other = interrupted(20); }).join();
  EXPECT_FALSE(other);
}

TEST(Yielding, EndsWithTheObject) {
  {
    const Yielding yielding;
    EXPECT_TRUE(interrupted(10'000));
  }
  EXPECT_FALSE(interrupted(20));
}

TEST(Yielding, LeavesNoTimerBehind) {
  const PendingSignals few(64);
  for (int i = 0; i < 1000; ++i) const Yielding yielding;
  const Yielding yielding;
  EXPECT_TRUE(interrupted(10'000));
}

TEST(Yielding, WithoutATimerTheThreadJustWorksOn) {
  const PendingSignals none(0);
  const Yielding yielding;
  EXPECT_FALSE(interrupted(20));
}

}  // namespace
}  // namespace reactor
