// How often somebody may guess a password.
#include "dictd/attempts.h"

#include <gtest/gtest.h>

namespace dictd {
namespace {

using namespace std::chrono_literals;
using HostKey = Attempts::HostKey;

constexpr HostKey kHere{1}, kThere{2};

HostKey host(std::uint32_t number) {
  return {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8), 9};
}

class AttemptsTest : public testing::Test {
 protected:
  bool begin(std::string_view name, const HostKey& from = kHere) { return attempts_.begin(from, name, now_); }

  Attempts::Clock::time_point now_{100s};
  Attempts attempts_{{.per_name = 3, .per_address = 5, .window = 60s, .table = 20}};
};

TEST_F(AttemptsTest, SoManyOfOneNameFromOneAddress) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(begin("li")) << i;
  EXPECT_FALSE(begin("li"));
  EXPECT_TRUE(begin("han")) << "another name";
  EXPECT_TRUE(begin("li", kThere)) << "the owner of the name, from elsewhere";
}

TEST_F(AttemptsTest, SoManyFromOneAddressInAll) {
  for (const char* const name : {"a", "b", "c", "d", "e"}) EXPECT_TRUE(begin(name));
  EXPECT_FALSE(begin("f"));
  EXPECT_TRUE(begin("f", kThere));
}

TEST_F(AttemptsTest, ARefusedOneDoesNotCount) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(begin("li"));
  for (int i = 0; i < 10; ++i) ASSERT_FALSE(begin("li"));
  EXPECT_TRUE(begin("han"));
  EXPECT_TRUE(begin("han"));
  EXPECT_FALSE(begin("han")) << "five from this address";
}

TEST_F(AttemptsTest, ItCountsFromItsBeginningSoThatManyAtOnceAreNoWayAround) {
  ASSERT_TRUE(begin("li") && begin("li") && begin("li"));
  EXPECT_FALSE(begin("li")) << "though none of them is answered yet";
}

TEST_F(AttemptsTest, TheWindowEndsAFixedTimeAfterItsFirst) {
  ASSERT_TRUE(begin("li"));
  now_ += 59s;
  ASSERT_TRUE(begin("li") && begin("li"));
  EXPECT_FALSE(begin("li"));
  now_ += 1s;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(begin("li")) << "a new window";
  EXPECT_FALSE(begin("li"));
  now_ += 59s;
  EXPECT_FALSE(begin("li"));
}

TEST_F(AttemptsTest, ASuccessWipesTheFailuresOfItsName) {
  ASSERT_TRUE(begin("li") && begin("li") && begin("li"));
  attempts_.succeeded(kHere, "li");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(begin("li")) << i;
}

TEST_F(AttemptsTest, ASuccessDoesNotWipeTheFailuresOfItsAddress) {
  for (const char* const name : {"a", "b", "c", "d"}) ASSERT_TRUE(begin(name));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(begin("mine")) << "who has an account of its own takes back only its own attempts";
    attempts_.succeeded(kHere, "mine");
  }
  ASSERT_TRUE(begin("e"));
  EXPECT_FALSE(begin("f"));
}

TEST_F(AttemptsTest, AnUndecidedOneIsTakenBack) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(begin("li")) << i;
    attempts_.undecided(kHere, "li");
  }
  EXPECT_EQ(attempts_.size(), 0U);
  ASSERT_TRUE(begin("li") && begin("li"));
  ASSERT_TRUE(begin("li"));
  attempts_.undecided(kHere, "li");
  EXPECT_TRUE(begin("li"));
  EXPECT_FALSE(begin("li"));
}

TEST_F(AttemptsTest, AnswersThatComeAfterTheWindowChangeNothing) {
  ASSERT_TRUE(begin("li") && begin("li"));
  now_ += 61s;
  ASSERT_TRUE(begin("other", kThere));
  attempts_.undecided(kHere, "li");
  attempts_.succeeded(kHere, "li");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(begin("li"));
  EXPECT_FALSE(begin("li"));
}

TEST_F(AttemptsTest, ForgetsWindowsThatEnded) {
  for (std::uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(begin("li", host(i)));
  EXPECT_EQ(attempts_.size(), 20U) << "a name and an address each";
  now_ += 60s;
  ASSERT_TRUE(begin("li"));
  EXPECT_EQ(attempts_.size(), 2U);
}

TEST_F(AttemptsTest, TheTableIsBoundedAndTheOldestMakesRoom) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(begin("li", host(i)));
    ASSERT_LE(attempts_.size(), 20U);
    now_ += 1us;
  }
  EXPECT_TRUE(begin("li", host(9'999)) && begin("li", host(9'999)));
  EXPECT_FALSE(begin("li", host(9'999))) << "the newest are still counted";
}

TEST_F(AttemptsTest, NamesAreNotMixedUp) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(begin("a/b"));
  EXPECT_TRUE(begin("a"));
  EXPECT_TRUE(begin(""));
  EXPECT_FALSE(begin("b")) << "five from this address";
}

}  // namespace
}  // namespace dictd
