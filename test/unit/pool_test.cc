// The worker pool: bounded, and every job it took is answered once, on the loop.
#include "reactor/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>

#include "test/support/loop.h"

namespace reactor {
namespace {

using testing::ElementsAre;
template <typename T>
using Outcome = tl::expected<T, std::exception_ptr>;

class PoolTest : public testing::Test {
 protected:
  // Occupies every worker until release(); returns when they all are at it.
  void occupy(Pool& pool) {
    std::latch all(static_cast<std::ptrdiff_t>(pool.threads()));
    for (std::size_t i = 0; i < pool.threads(); ++i) {
      ASSERT_TRUE(pool.submit(
          [this, &all](std::size_t) {
            all.count_down();
            gate_.wait();
            return 0;
          },
          [this](const Outcome<int>&) { finished(); }));
    }
    all.wait();
  }
  void release() { gate_.count_down(); }
  // Runs the loop until finished() was called so often.
  void run_until_finished(int count) {
    left_ += count;
    if (left_ > 0) loop_.run();
  }
  void finished() {
    EXPECT_TRUE(loop_.in_loop_thread());
    if (--left_ == 0) loop_.stop();
  }

  Loop loop_;
  std::latch gate_{1};
  int left_ = 0;
};

TEST_F(PoolTest, EveryResultComesBackOnTheLoopOnce) {
  constexpr int kJobs = 5000;
  Pool pool(loop_, "test", 4, kJobs);
  EXPECT_EQ(pool.threads(), 4U);
  std::vector<int> results;
  for (int i = 0; i < kJobs; ++i) {
    ASSERT_TRUE(pool.submit([i](std::size_t) { return i; },
                            [&](Outcome<int> result) {
                              results.push_back(result.value());
                              finished();
                            }));
  }
  run_until_finished(kJobs);
  std::ranges::sort(results);
  ASSERT_EQ(results.size(), static_cast<std::size_t>(kJobs));
  for (int i = 0; i < kJobs; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i);
}

TEST_F(PoolTest, WorkersAreNumberedFromZeroAndWorkAtOnce) {
  constexpr int kWorkers = 3;
  Pool pool(loop_, "test", kWorkers, kWorkers);
  std::barrier together(kWorkers);  // passed only if all three are at it at the same time
  std::vector<std::size_t> numbers;
  for (int i = 0; i < kWorkers; ++i) {
    ASSERT_TRUE(pool.submit(
        [&](std::size_t worker) {
          together.arrive_and_wait();
          return worker;
        },
        [&](Outcome<std::size_t> worker) {
          numbers.push_back(worker.value());
          finished();
        }));
  }
  run_until_finished(kWorkers);
  std::ranges::sort(numbers);
  EXPECT_THAT(numbers, ElementsAre(0, 1, 2));
}

TEST_F(PoolTest, AFullQueueRefusesAtOnceAndCallsNothing) {
  Pool pool(loop_, "test", 2, 3);
  occupy(pool);
  const auto submit = [&] {
    return pool.submit([](std::size_t) { return 0; }, [this](const Outcome<int>&) { finished(); });
  };
  for (std::size_t waiting = 0; waiting < 3; ++waiting) {
    EXPECT_EQ(pool.waiting(), waiting);
    EXPECT_TRUE(submit());
  }
  EXPECT_EQ(pool.waiting(), 3U);
  EXPECT_FALSE(pool.submit(
      [](std::size_t) {
        ADD_FAILURE() << "a refused job ran";
        return 0;
      },
      [](const Outcome<int>&) { FAIL() << "a refused job was answered"; }));
  release();
  run_until_finished(2 + 3);
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_TRUE(submit()) << "there is room again";
  run_until_finished(1);
}

TEST_F(PoolTest, WhatAJobThrowsIsItsResultAndTheWorkerGoesOn) {
  Pool pool(loop_, "test", 1, 10);
  ASSERT_TRUE(pool.submit([](std::size_t) -> int { throw std::runtime_error("no luck"); },
                          [this](const Outcome<int>& result) {
                            ASSERT_FALSE(result);
                            try {
                              std::rethrow_exception(result.error());
                            } catch (const std::runtime_error& thrown) {
                              EXPECT_STREQ(thrown.what(), "no luck");
                            }
                            finished();
                          }));
  ASSERT_TRUE(pool.submit([](std::size_t) { return std::string("well"); },
                          [this](const Outcome<std::string>& result) {
                            EXPECT_EQ(result.value(), "well");
                            finished();
                          }));
  run_until_finished(2);
}

TEST_F(PoolTest, ValuesNeedNotBeCopyable) {
  Pool pool(loop_, "test", 1, 1);
  ASSERT_TRUE(pool.submit([value = std::make_unique<int>(7)](std::size_t) mutable { return std::move(value); },
                          [this](Outcome<std::unique_ptr<int>> result) {
                            EXPECT_EQ(*std::move(result).value(), 7);
                            finished();
                          }));
  run_until_finished(1);
}

TEST_F(PoolTest, AContinuationMaySubmitTheNextJob) {
  Pool pool(loop_, "test", 1, 1);
  int rounds = 0;
  std::function<void()> next = [&] {
    ASSERT_TRUE(pool.submit([](std::size_t) { return 0; },
                            [&](const Outcome<int>&) {
                              if (++rounds < 100) next();
                              finished();
                            }));
  };
  next();
  run_until_finished(100);
  EXPECT_EQ(rounds, 100);
}

// Opens the gate for the jobs at work only when those that wait are gone.
TEST_F(PoolTest, ItsEndDropsTheJobsThatWaitAndWaitsForThoseAtWork) {
  std::optional<Pool> pool(std::in_place, loop_, "test", 2, 10);
  occupy(*pool);
  std::latch dropped(3);
  const auto count = [&dropped](int* job) {
    delete job;
    dropped.count_down();
  };
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pool->submit(
        [job = std::unique_ptr<int, decltype(count)>(new int(i), count)](std::size_t) {
          ADD_FAILURE() << "a job ran that waited";
          return *job;
        },
        [](const Outcome<int>&) { FAIL() << "the loop runs no more"; }));
  }
  std::thread releaser([&] {
    dropped.wait();
    release();
  });
  pool.reset();
  releaser.join();
}

TEST(UsableProcessors, AreThoseThatTheThreadMayRunOn) {
  std::size_t usable = 0;
  std::thread pinned([&usable] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    usable = usable_processors();
  });
  pinned.join();
  EXPECT_EQ(usable, 1U);
}

}  // namespace
}  // namespace reactor
