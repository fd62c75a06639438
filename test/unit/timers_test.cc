// Timers: in order, moved and cancelled from anywhere, and no way to starve the loop.
#include "reactor/timers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

namespace reactor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class TimersTest : public testing::Test {
 protected:
  std::unique_ptr<Timer> timer(const std::string& name) {
    return std::make_unique<Timer>(timers_, [this, name] { called_.push_back(name); });
  }
  std::vector<std::string> run(Clock::time_point now) {
    called_.clear();
    timers_.run(now);
    return called_;
  }

  const Clock::time_point start_ = Clock::now();
  Timers timers_;
  std::vector<std::string> called_;
};

TEST_F(TimersTest, CallsWhatIsDueEarliestFirst) {
  const auto late = timer("late"), early = timer("early"), middle = timer("middle");
  late->set(start_ + 3s);
  early->set(start_ + 1s);
  middle->set(start_ + 2s);
  EXPECT_EQ(timers_.next(), start_ + 1s);
  EXPECT_THAT(run(start_), IsEmpty());
  EXPECT_THAT(run(start_ + 2s), ElementsAre("early", "middle"));
  EXPECT_EQ(timers_.next(), start_ + 3s);
  EXPECT_THAT(run(start_ + 1h), ElementsAre("late"));
  EXPECT_EQ(timers_.next(), std::nullopt);
}

TEST_F(TimersTest, CallsEachOnce) {
  const auto once = timer("once");
  once->set(start_);
  EXPECT_TRUE(once->is_set());
  EXPECT_EQ(once->when(), start_);
  EXPECT_THAT(run(start_), ElementsAre("once"));
  EXPECT_FALSE(once->is_set());
  EXPECT_THAT(run(start_ + 1h), IsEmpty());
}

TEST_F(TimersTest, SettingAgainMovesIt) {
  const auto moved = timer("moved"), other = timer("other");
  moved->set(start_ + 1s);
  other->set(start_ + 2s);
  moved->set(start_ + 3s);
  EXPECT_THAT(run(start_ + 2s), ElementsAre("other"));
  moved->set(start_ + 1s);
  EXPECT_THAT(run(start_ + 1s), ElementsAre("moved"));
}

TEST_F(TimersTest, CancelledIsNotCalled) {
  const auto cancelled = timer("cancelled");
  cancelled->cancel();
  cancelled->set(start_);
  cancelled->cancel();
  EXPECT_FALSE(cancelled->is_set());
  EXPECT_EQ(timers_.next(), std::nullopt);
  auto destroyed = timer("destroyed");
  destroyed->set(start_);
  destroyed.reset();
  EXPECT_THAT(run(start_), IsEmpty());
}

TEST_F(TimersTest, ACallbackCancelsMovesAndDestroysOthersThatAreDue) {
  const auto cancelled = timer("cancelled"), moved = timer("moved");
  auto destroyed = timer("destroyed");
  Timer first(timers_, [&] {
    cancelled->cancel();
    moved->set(start_ + 1h);
    destroyed.reset();
  });
  first.set(start_);
  for (Timer* const due : {cancelled.get(), moved.get(), destroyed.get()}) due->set(start_ + 1s);
  EXPECT_THAT(run(start_ + 1s), IsEmpty());
  EXPECT_FALSE(cancelled->is_set());
  EXPECT_THAT(run(start_ + 1h), ElementsAre("moved"));
}

TEST_F(TimersTest, ATimerMayBeDestroyedInItsOwnCallback) {
  std::unique_ptr<Timer> self;
  std::string captured = "long enough to be on the heap, and read after the timer is gone";
  self = std::make_unique<Timer>(timers_, [&self, this, captured] {
    self.reset();
    called_.push_back(captured);
  });
  self->set(start_);
  EXPECT_THAT(run(start_), ElementsAre(captured));
}

TEST_F(TimersTest, OneSetForThePastFromACallbackWaitsForTheNextTurn) {
  int calls = 0;
  Timer again(timers_, [&] {
    ++calls;
    again.set(start_ - 1h);
  });
  const auto other = timer("other");
  Timer sets_other(timers_, [&] { other->set(start_ - 1h); });
  again.set(start_);
  sets_other.set(start_);
  EXPECT_THAT(run(start_), IsEmpty());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(timers_.next(), start_ - 1h) << "the loop must not wait";
  EXPECT_THAT(run(start_), ElementsAre("other"));
  EXPECT_EQ(calls, 2);
}

TEST_F(TimersTest, AHundredThousandComeInTheOrderOfASortedList) {
  constexpr std::size_t kMany = 100'000;
  std::mt19937 random(7);
  const auto some_time = [&] { return start_ + std::chrono::microseconds(random() % 1'000'000); };
  std::vector<Clock::time_point> called;
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<Clock::time_point> expected;
  for (std::size_t i = 0; i < kMany; ++i) {
    timers.push_back(std::make_unique<Timer>(timers_, [&called, &timers, i] { called.push_back(timers[i]->when()); }));
    timers.back()->set(some_time());
  }
  // A third is moved, a third cancelled or destroyed.
  for (std::size_t i = 0; i < kMany; ++i) {
    switch (random() % 6) {
      case 0:
      case 1: timers[i]->set(some_time()); break;
      case 2: timers[i]->cancel(); break;
      case 3: timers[i].reset(); break;
      default: break;
    }
    if (timers[i] && timers[i]->is_set()) expected.push_back(timers[i]->when());
  }
  std::ranges::sort(expected);
  for (Clock::time_point now = start_; now <= start_ + 1s; now += 10ms) {
    const auto due = std::ranges::upper_bound(expected, now);
    timers_.run(now);
    ASSERT_EQ(called.size(), static_cast<std::size_t>(due - expected.begin()));
  }
  EXPECT_EQ(called, expected);
  EXPECT_EQ(timers_.next(), std::nullopt);
}

}  // namespace
}  // namespace reactor
