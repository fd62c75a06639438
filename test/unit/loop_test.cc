// The loop: the order of a turn, and what comes to it from other threads.
#include "reactor/loop.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <future>

#include "test/support/loop.h"

namespace reactor {
namespace {

using namespace std::chrono_literals;
using support::on_loop;
using support::run_beside;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// Writes down all that is done to it; `also` is done besides, and told what it was.
class Recorder final : public Watcher {
 public:
  Recorder(std::vector<std::string>& log, std::string name, std::function<void(std::string_view)> also = nullptr)
      : log_(log), name_(std::move(name)), also_(std::move(also)) {}
  ~Recorder() override { log_.push_back(name_ + " freed"); }
  void on_ready(std::uint32_t /*epoll_events*/) override { record("ready"); }
  void on_again() override { record("again"); }
  void on_flush() override { record("flush"); }

 private:
  void record(const std::string& what) {
    log_.push_back(name_ + " " + what);
    if (also_) also_(what);
  }

  std::vector<std::string>& log_;
  std::string name_;
  std::function<void(std::string_view)> also_;
};

// A descriptor that is ready at once, and again after each poke().
class Bell {
 public:
  Bell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  [[nodiscard]] int fd() const { return fd_.get(); }
  void poke() const { ASSERT_EQ(::eventfd_write(fd_.get(), 1), 0); }

 private:
  Fd fd_;
};

class LoopTest : public testing::Test {
 protected:
  void log(const std::string& line) { log_.push_back(line); }
  std::unique_ptr<Recorder> recorder(const std::string& name, std::function<void(std::string_view)> also = nullptr) {
    return std::make_unique<Recorder>(log_, name, std::move(also));
  }
  // Runs so many turns.
  void run_turns(int turns) {
    loop_.before_flush([this, turns]() mutable {
      log("commit");
      if (--turns == 0) loop_.stop();
    });
    loop_.run();
  }

  std::vector<std::string> log_;
  Loop loop_;
};

TEST_F(LoopTest, ATurnHasItsOrder) {
  const Bell bell;
  Timer timer(loop_.timers(), [this] { log("timer"); });
  const auto watched = recorder("watched"), budgeted = recorder("budgeted"), writer = recorder("writer");
  loop_.bury(recorder("buried"));
  loop_.flush_later(*writer);
  loop_.run_again(*budgeted);
  timer.set(Clock::now());
  loop_.post([this] { log("posted"); });
  ASSERT_TRUE(loop_.watch(bell.fd(), *watched));
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("watched ready", "posted", "timer", "budgeted again", "commit", "writer flush",
                                "buried freed"));
  loop_.unwatch(bell.fd(), *watched);
}

TEST_F(LoopTest, WhatIsAskedForInAStepThatHasPassedComesInTheNextTurnWithoutWaiting) {
  std::unique_ptr<Recorder> watcher;
  int asked = 0;
  watcher = recorder("watcher", [&](std::string_view what) {
    if (++asked > 4) return;
    if (what == "again") loop_.flush_later(*watcher);
    if (what == "flush") loop_.flush_later(*watcher), loop_.run_again(*watcher);
  });
  loop_.run_again(*watcher);
  run_turns(3);
  EXPECT_THAT(log_, ElementsAre("watcher again", "commit", "watcher flush",  //
                                "watcher again", "commit", "watcher flush",  //
                                "watcher again", "commit", "watcher flush"));
}

TEST_F(LoopTest, EachIsOnAListOnce) {
  const auto watcher = recorder("watcher");
  for (int i = 0; i < 3; ++i) {
    loop_.run_again(*watcher);
    loop_.flush_later(*watcher);
  }
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("watcher again", "commit", "watcher flush"));
}

TEST_F(LoopTest, WhoIsOffTheLoopIsOffAllItsLists) {
  const Bell bell;
  const auto watcher = recorder("watcher");
  ASSERT_TRUE(loop_.watch(bell.fd(), *watcher));
  loop_.run_again(*watcher);
  loop_.flush_later(*watcher);
  loop_.flush_on_release(*watcher);
  loop_.unwatch(bell.fd(), *watcher);
  loop_.release(1);
  loop_.post([] {});
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("commit"));
}

TEST_F(LoopTest, AnEdgeIsToldOnce) {
  const Bell bell;
  const auto watcher = recorder("watcher");
  ASSERT_TRUE(loop_.watch(bell.fd(), *watcher));
  loop_.post([this] { loop_.post([] {}); });
  run_turns(2);
  EXPECT_THAT(log_, ElementsAre("watcher ready", "commit", "commit"));
  log_.clear();
  bell.poke();
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("watcher ready", "commit"));
  loop_.unwatch(bell.fd(), *watcher);
}

TEST_F(LoopTest, ADescriptorThatCannotBeWatchedIsAnError) {
  const Fd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto watcher = recorder("watcher");
  const auto watched = loop_.watch(directory.get(), *watcher);
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error(), std::errc::operation_not_permitted);
}

// Two are ready in one batch; whichever comes first buries the other.
TEST_F(LoopTest, OneBuriedByAnothersEventInTheSameBatchIsWholeUntilTheTurnsEnd) {
  const std::array<Bell, 2> bells;
  std::array<std::unique_ptr<Recorder>, 2> watchers;
  for (std::size_t i : {0U, 1U}) {
    watchers[i] = recorder("watcher", [&, i, other = 1 - i](std::string_view) {
      if (!watchers[i] || !watchers[other]) return;  // one is dead already
      log("buries the other");
      loop_.unwatch(bells[other].fd(), *watchers[other]);
      loop_.run_again(*watchers[other]);  // late wishes of a dead one are forgotten
      loop_.bury(std::move(watchers[other]));
    });
  }
  for (std::size_t i : {0U, 1U}) ASSERT_TRUE(loop_.watch(bells[i].fd(), *watchers[i]));
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("watcher ready", "buries the other", "watcher ready", "watcher again", "commit",
                                "watcher freed"));
  for (std::size_t i : {0U, 1U}) {
    bells[i].poke();
    if (watchers[i]) loop_.unwatch(bells[i].fd(), *watchers[i]);
  }
}

TEST_F(LoopTest, OneBuriedWhileOnTheSameListIsWholeUntilTheTurnsEnd) {
  auto victim = recorder("victim");
  const auto killer = recorder("killer", [&](std::string_view what) {
    if (what != "flush" || !victim) return;
    loop_.flush_later(*victim);
    loop_.flush_on_release(*victim);
    loop_.bury(std::move(victim));
  });
  loop_.flush_later(*killer);
  loop_.flush_later(*victim);
  loop_.post([this] { loop_.post([this] { loop_.release(1); }); });
  run_turns(2);
  EXPECT_THAT(log_, ElementsAre("commit", "killer flush", "victim flush", "victim freed", "commit"));
}

TEST_F(LoopTest, ATicketsReleaseFlushesInTheSameTurnThoseWhoWaitForOne) {
  const auto waiting = recorder("waiting");
  loop_.flush_on_release(*waiting);
  int turn = 0;
  loop_.before_flush([&] {
    log("commit");
    switch (++turn) {
      case 1: loop_.post([] {}); break;
      case 2:
        loop_.release(5);
        loop_.post([] {});
        break;
      case 3:
        loop_.flush_on_release(*waiting);
        loop_.release(5);
        loop_.release(4);
        break;
      default: break;
    }
    if (turn == 3) loop_.stop();
  });
  loop_.post([] {});
  loop_.run();
  EXPECT_THAT(log_, ElementsAre("commit", "commit", "waiting flush", "commit")) << "nothing new: nobody is called";
  EXPECT_EQ(loop_.released(), 5U);
  loop_.release(6);
  run_turns(1);
  EXPECT_THAT(log_, ElementsAre("commit", "commit", "waiting flush", "commit", "commit", "waiting flush"));
}

TEST_F(LoopTest, PostedTasksRunOnceEachAndInTheOrderOfTheirThread) {
  constexpr std::size_t kThreads = 8;
  constexpr int kEach = 5000;
  std::array<std::vector<int>, kThreads> ran;  // the loop's
  run_beside(loop_, [&] {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          loop_.post([&, t, i] {
            EXPECT_TRUE(loop_.in_loop_thread());
            ran[t].push_back(i);
          });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  for (const std::vector<int>& of_thread : ran) {
    ASSERT_EQ(of_thread.size(), static_cast<std::size_t>(kEach));
    EXPECT_TRUE(std::ranges::is_sorted(of_thread));
  }
}

// Each post meets a loop that waits, or is about to: a wake-up that is lost stops the game.
TEST_F(LoopTest, PostingWakesTheLoop) {
  run_beside(loop_, [this] {
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(on_loop(loop_, [i] { return i; }), i);
  });
}

TEST_F(LoopTest, ATaskPostedByATaskRunsInALaterTurn) {
  loop_.post([this] {
    loop_.post([this] { log("second"); });
    log("first");
  });
  run_turns(2);
  EXPECT_THAT(log_, ElementsAre("first", "commit", "second", "commit"));
}

TEST_F(LoopTest, WaitsForTheNextTimerAndNoLonger) {
  const auto start = Clock::now();
  Clock::time_point fired;
  Timer far(loop_.timers(), [] { FAIL() << "an hour is over"; });
  far.set(start + 1h);
  Timer timer(loop_.timers(), [&] {
    fired = loop_.now();
    loop_.stop();
  });
  timer.set(start + 20ms);
  loop_.run();
  EXPECT_GE(fired, start + 20ms);
}

TEST_F(LoopTest, RunsAgainAfterItWasStopped) {
  for (int i = 0; i < 2; ++i) {
    loop_.post([this] {
      log("runs");
      loop_.stop();
    });
    loop_.run();
  }
  EXPECT_THAT(log_, ElementsAre("runs", "runs"));
}

TEST_F(LoopTest, BelongsToTheThreadThatRunsIt) {
  EXPECT_TRUE(loop_.in_loop_thread());
  run_beside(loop_, [this] {
    EXPECT_TRUE(on_loop(loop_, [this] { return loop_.in_loop_thread(); }));
    EXPECT_FALSE(loop_.in_loop_thread());
  });
}

TEST_F(LoopTest, KnowsItsLongestTurnSinceItWasAsked) {
  loop_.post([] {
    for (const auto start = Clock::now(); Clock::now() < start + 3ms;) {
    }
  });
  run_turns(1);
  EXPECT_GE(loop_.take_longest_turn(), 3ms);
  EXPECT_EQ(loop_.take_longest_turn(), Clock::duration::zero());
}

TEST_F(LoopTest, KeepsSpareMemoryWithinItsBounds) {
  Buffer small;
  small.append("sent");
  const char* const memory = small.view().data();
  small.consume(4);
  loop_.keep_spare(std::move(small));
  Buffer large;
  (void)large.prepare(std::size_t{1} << 20);
  loop_.keep_spare(std::move(large));
  Buffer spare = loop_.take_spare();
  spare.append("new");
  EXPECT_EQ(spare.view().data(), memory);
  EXPECT_EQ(loop_.take_spare().capacity(), 0U) << "the large one was given back to the system";
}

}  // namespace
}  // namespace reactor
