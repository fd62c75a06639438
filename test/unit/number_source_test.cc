// The numbers of events: always greater than the last, whatever the clock does.
#include "dictd/number_source.h"

#include <gtest/gtest.h>

#include <set>

namespace dictd {
namespace {

constexpr std::int64_t kNoon = 1'700'000'000'000'000;
constexpr std::int64_t kHour = 3'600'000'000;

TEST(NumberSource, HoldsTheTimeAndTheServer) {
  NumberSource source(4095);
  const std::uint64_t number = source.next(kNoon);
  EXPECT_EQ(number & kMaxServerNumber, 4095U);
  EXPECT_EQ(time_of_number(number), kNoon);
  EXPECT_EQ(number >> kServerNumberBits, 122'163'200'000'000U);  // 2023-11-14 22:13:20, counted from 2020
}

TEST(NumberSource, GrowsWithTheClock) {
  NumberSource source(1);
  const std::uint64_t first = source.next(kNoon);
  EXPECT_EQ(time_of_number(source.next(kNoon + 5)), kNoon + 5);
  EXPECT_GT(source.next(kNoon + 6), first);
}

TEST(NumberSource, GrowsWhenTheClockStandsStill) {
  NumberSource source(1);
  const std::uint64_t first = source.next(kNoon);
  EXPECT_EQ(time_of_number(source.next(kNoon)), time_of_number(first) + 1);
}

TEST(NumberSource, GrowsWhenTheClockIsSetBack) {
  NumberSource source(1);
  const std::uint64_t first = source.next(kNoon);
  EXPECT_GT(source.next(kNoon - kHour), first);
  EXPECT_EQ(time_of_number(source.next(kNoon + 1000)), kNoon + 1000);
}

TEST(NumberSource, GrowsBeforeItsEpoch) {
  NumberSource source(1);
  const std::uint64_t first = source.next(0);
  EXPECT_GT(first, 0U);
  EXPECT_GT(source.next(-kHour), first);
}

TEST(NumberSource, AdvancesPastANumberOfAnyServer) {
  NumberSource other(4000);
  const std::uint64_t theirs = other.next(kNoon + kHour);
  NumberSource source(3);
  source.advance_past(theirs);
  EXPECT_GT(source.next(kNoon), theirs);
}

TEST(NumberSource, NeverGoesBackByAdvancing) {
  NumberSource source(3);
  const std::uint64_t first = source.next(kNoon);
  source.advance_past(first - (std::uint64_t{1} << 30));
  EXPECT_GT(source.next(kNoon - kHour), first);
}

// They were taken for those that the database had.
TEST(NumberSource, MakesNoLostNumberAgainWhenTheClockIsBehind) {
  NumberSource before(3);
  const std::uint64_t newest = before.next(kNoon);
  std::uint64_t lost = 0;
  for (int i = 0; i < 1'000'000; ++i) lost = before.next(kNoon - kHour);
  for (const std::int64_t now : {kNoon, kNoon - kHour}) {
    NumberSource after(3);
    after.resume_after(newest, now);
    EXPECT_GT(after.next(now), lost);
  }
}

TEST(NumberSource, IsNotAheadOfAClockThatIsPastTheNewest) {
  NumberSource source(3);
  const std::uint64_t newest = source.next(kNoon);
  NumberSource after(3);
  after.resume_after(newest, kNoon + 1);
  EXPECT_EQ(time_of_number(after.next(kNoon + 1)), kNoon + 1);
}

TEST(NumberSource, TwoServersNeverMakeTheSame) {
  NumberSource one(1);
  NumberSource two(2);
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(numbers.insert(one.next(kNoon + i / 3)).second);
    EXPECT_TRUE(numbers.insert(two.next(kNoon - i)).second);
  }
}

}  // namespace
}  // namespace dictd
