// A user's look-ups that are not in the database yet, against a slow and obvious keeper of the same.
#include "dictd/pending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <ranges>

namespace dictd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Event event(std::uint64_t number, std::uint64_t user = 1, const std::string& word = "apple") {
  return {number, user, static_cast<std::int64_t>(number) * -3, word};
}

std::vector<std::uint64_t> numbers(const Pending::Page& page) {
  std::vector<std::uint64_t> result;
  for (const Event& e : page.events) result.push_back(e.number);
  return result;
}

TEST(Pending, GivesBackTheWholeEventNewestFirst) {
  Pending pending;
  pending.add(event(1, 9, "苹果"));
  pending.add(event(2, 9, std::string(1020, 'x')));
  EXPECT_THAT(pending.newest(9, 10, 0).events, ElementsAre(event(2, 9, std::string(1020, 'x')), event(1, 9, "苹果")));
  EXPECT_TRUE(pending.newest(9, 10, 0).complete);
}

TEST(Pending, KeepsUsersApart) {
  Pending pending;
  pending.add(event(1, 8));
  EXPECT_THAT(numbers(pending.newest(9, 10, 0)), IsEmpty());
  EXPECT_TRUE(pending.newest(9, 10, 0).complete);
}

TEST(Pending, GivesOnlyWhatIsBeforeAndNoMoreThanTheLimit) {
  Pending pending;
  for (std::uint64_t n : {10U, 20U, 30U, 40U}) pending.add(event(n));
  EXPECT_THAT(numbers(pending.newest(1, 2, 0)), ElementsAre(40, 30));
  EXPECT_THAT(numbers(pending.newest(1, 2, 30)), ElementsAre(20, 10));
  EXPECT_THAT(numbers(pending.newest(1, 9, 35)), ElementsAre(30, 20, 10));
  EXPECT_THAT(numbers(pending.newest(1, 9, 10)), IsEmpty());
}

TEST(Pending, IgnoresARepetition) {
  Pending pending;
  for (std::uint64_t n : {1U, 2U, 3U, 2U, 3U, 4U}) pending.add(event(n));
  EXPECT_THAT(numbers(pending.newest(1, 9, 0)), ElementsAre(4, 3, 2, 1));
}

TEST(Pending, LosesWhatIsDrained) {
  Pending pending;
  for (std::uint64_t n : {1U, 2U, 3U}) pending.add(event(n));
  pending.drained(std::vector<Pending::Drained>{{1, 2}, {5, 7}});
  EXPECT_THAT(numbers(pending.newest(1, 9, 0)), ElementsAre(3));
  EXPECT_EQ(pending.size(), 1U);
}

TEST(Pending, SaysWhenAnEvictedEventWouldBeNeeded) {
  Pending pending(3);
  for (std::uint64_t n : {1U, 2U, 3U, 4U}) pending.add(event(n));
  EXPECT_THAT(numbers(pending.newest(1, 9, 0)), ElementsAre(4, 3, 2));
  EXPECT_FALSE(pending.newest(1, 9, 0).complete);
  EXPECT_TRUE(pending.newest(1, 3, 0).complete) << "the newest three are all there";
  EXPECT_FALSE(pending.newest(1, 3, 4).complete);
  EXPECT_TRUE(pending.newest(1, 2, 4).complete);
  pending.drained(std::vector<Pending::Drained>{{1, 1}});
  EXPECT_TRUE(pending.newest(1, 9, 0).complete) << "what was evicted is in the database";
}

TEST(Pending, HoldsNoMoreThanItsBoundInAll) {
  Pending pending(100, 4);
  for (std::uint64_t n = 1; n <= 4; ++n) pending.add(event(n, 1));
  pending.add(event(5, 1));
  EXPECT_THAT(numbers(pending.newest(1, 9, 0)), ElementsAre(5, 4, 3, 2)) << "a user's own oldest makes room";
  pending.add(event(6, 2));
  EXPECT_EQ(pending.size(), 4U);
  EXPECT_FALSE(pending.newest(2, 1, 0).complete) << "who has none to give up is told so";
  pending.drained(std::vector<Pending::Drained>{{1, 1}, {1, 2}});
  pending.add(event(7, 2));
  EXPECT_THAT(numbers(pending.newest(2, 9, 0)), ElementsAre(7));
  EXPECT_FALSE(pending.newest(2, 9, 0).complete);
  pending.drained(std::vector<Pending::Drained>{{2, 6}});
  EXPECT_TRUE(pending.newest(2, 9, 0).complete);
}

TEST(Pending, TakesBackARangeOfNumbersOfAllUsers) {
  Pending pending;
  for (std::uint64_t n = 1; n <= 6; ++n) pending.add(event(n, 1 + n % 2));
  pending.take_back(3, 5);
  EXPECT_THAT(numbers(pending.newest(1, 9, 0)), ElementsAre(6, 2));
  EXPECT_THAT(numbers(pending.newest(2, 9, 0)), ElementsAre(1));
  EXPECT_EQ(pending.size(), 3U);
  pending.add(event(7, 2));
  EXPECT_THAT(numbers(pending.newest(2, 9, 0)), ElementsAre(7, 1));
}

// The same by brute force: every event ever added, and what became of it.
struct Reference {
  enum class Fate { kHeld, kEvicted, kGone };
  struct Entry {
    Event event;
    Fate fate;
  };
  std::size_t per_user;
  std::size_t in_all;
  std::vector<Entry> all;

  std::size_t held(std::uint64_t user = 0) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const Entry& e) { return e.fate == Fate::kHeld && (user == 0 || e.event.user_id == user); }));
  }
  void add(const Event& e) {
    const auto full = [&] { return held(e.user_id) >= per_user || held() >= in_all; };
    const auto own = std::ranges::find_if(
        all, [&](const Entry& x) { return x.fate == Fate::kHeld && x.event.user_id == e.user_id; });
    if (full() && own != all.end()) own->fate = Fate::kEvicted;
    all.push_back({e, full() ? Fate::kEvicted : Fate::kHeld});
  }
  Pending::Page newest(std::uint64_t user, std::size_t limit, std::uint64_t before) const {
    Pending::Page page;
    bool evicted = false;
    for (const Entry& e : all | std::views::reverse) {
      if (e.event.user_id != user) continue;
      evicted |= e.fate == Fate::kEvicted;
      if (e.fate == Fate::kHeld && (before == 0 || e.event.number < before) && page.events.size() < limit) {
        page.events.push_back(e.event);
      }
    }
    page.complete = !evicted || page.events.size() == limit;
    return page;
  }
};

TEST(Pending, DoesAsTheSlowOneDoes) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return random() % n; };
  Pending pending(8, 40);
  Reference slow{8, 40, {}};
  std::size_t next_drained = 0;
  for (std::uint64_t number = 1; number <= 4000; ++number) {
    const Event e = event(number, 1 + below(9), std::string(1 + below(40), 'w'));
    pending.add(e);
    slow.add(e);
    if (below(3) == 0) {
      const std::size_t count = std::min<std::size_t>(below(12), slow.all.size() - next_drained);
      std::vector<Pending::Drained> batch;
      for (; batch.size() < count; ++next_drained) {
        batch.push_back({slow.all[next_drained].event.user_id, slow.all[next_drained].event.number});
        slow.all[next_drained].fate = Reference::Fate::kGone;
      }
      pending.drained(batch);
    }
    if (below(10) == 0) {
      const std::size_t at = below(slow.all.size());
      Reference::Entry& victim = slow.all[at];
      const bool held = victim.fate == Reference::Fate::kHeld;
      pending.take_back(victim.event.number, victim.event.number);
      if (held) victim.fate = Reference::Fate::kGone;
    }
    const std::uint64_t user = 1 + below(9);
    const std::size_t limit = 1 + below(9);
    const std::uint64_t before = below(2) == 0 ? 0 : number - below(std::min<std::size_t>(number, 60));
    const Pending::Page page = pending.newest(user, limit, before);
    const Pending::Page expected = slow.newest(user, limit, before);
    ASSERT_EQ(page.events, expected.events) << number;
    ASSERT_EQ(page.complete, expected.complete) << number;
    ASSERT_EQ(pending.size(), slow.held()) << number;
  }
}

}  // namespace
}  // namespace dictd
