// Signals come as events of the loop.
#include "reactor/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>
#include <thread>

namespace reactor {
namespace {

using testing::UnorderedElementsAre;

// Leaves the thread's signals as they were.
class SignalsTest : public testing::Test {
 protected:
  SignalsTest() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~SignalsTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  Loop loop_;
  sigset_t before_{};
};

TEST_F(SignalsTest, TellsEachOnTheLoop) {
  std::vector<int> told;
  Signals::block({SIGUSR1, SIGUSR2});
  const Signals signals(loop_, {SIGUSR1, SIGUSR2}, [&](int signal) {
    EXPECT_TRUE(loop_.in_loop_thread());
    told.push_back(signal);
    if (told.size() == 2) loop_.stop();
  });
  ASSERT_EQ(raise(SIGUSR1), 0);
  ASSERT_EQ(raise(SIGUSR2), 0);
  loop_.run();
  EXPECT_THAT(told, UnorderedElementsAre(SIGUSR1, SIGUSR2));
}

TEST_F(SignalsTest, TellsOneThatComesAgain) {
  int told = 0;
  Signals::block({SIGUSR1});
  const Signals signals(loop_, {SIGUSR1}, [&](int /*signal*/) {
    if (++told == 3) return loop_.stop();
    ASSERT_EQ(raise(SIGUSR1), 0);
  });
  ASSERT_EQ(raise(SIGUSR1), 0);
  loop_.run();
  EXPECT_EQ(told, 3);
}

TEST_F(SignalsTest, TellsOneThatCameBeforeIt) {
  Signals::block({SIGUSR1});
  ASSERT_EQ(raise(SIGUSR1), 0);
  const Signals signals(loop_, {SIGUSR1}, [this](int /*signal*/) { loop_.stop(); });
  loop_.run();
}

TEST_F(SignalsTest, BlocksThemInThreadsThatAreMadeLater) {
  Signals::block({SIGUSR1});
  std::thread([] {
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    EXPECT_EQ(sigismember(&blocked, SIGUSR1), 1);
    EXPECT_EQ(sigismember(&blocked, SIGUSR2), 0);
  }).join();
}

}  // namespace
}  // namespace reactor
