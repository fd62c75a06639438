// The framing: whatever the cuts in a stream of bytes, the same frames come out of it.
#include "reactor/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reactor {
namespace {

using Status = FrameResult::Status;
using namespace std::string_literals;

std::string frame(std::string_view body) {
  std::string bytes(kFramePrefix, '\0');
  store(bytes.data(), static_cast<std::uint32_t>(body.size()));
  return bytes.append(body);
}

// Bodies of the whole frames at the front of `bytes`, which are taken off it.
std::vector<std::string> take_frames(std::string& bytes, const FrameLimits& limits = {}) {
  std::vector<std::string> bodies;
  for (;;) {
    const FrameResult result = next_frame(bytes, limits);
    if (result.status != Status::kFrame) {
      EXPECT_EQ(result.status, Status::kNeedMore);
      return bodies;
    }
    bodies.emplace_back(result.body);
    bytes.erase(0, result.consumed);
  }
}

TEST(FrameTest, IsTheSameAtEverySplit) {
  const std::vector<std::vector<std::string>> streams = {{"first body", "second"},
                                                         {"", ""},
                                                         {"", "x"},
                                                         {std::string(300, 'a'), "b"},
                                                         {"\0\0\0\1\0"s, "\xff\xff\xff\xff"s}};
  for (const auto& bodies : streams) {
    const std::string stream = frame(bodies[0]) + frame(bodies[1]);
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); second += 1 + stream.size() / 40) {
        std::string kept;
        std::vector<std::string> found;
        for (const auto& piece :
             {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
          kept += piece;
          for (auto& body : take_frames(kept)) found.push_back(std::move(body));
        }
        ASSERT_EQ(found, bodies) << "split at " << first << " and " << second;
        ASSERT_EQ(kept, "");
      }
    }
  }
}

TEST(FrameTest, ABeginningNeedsMoreAndConsumesNothing) {
  const std::string whole = frame("body");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const FrameResult result = next_frame(whole.substr(0, size), {});
    EXPECT_EQ(result.status, Status::kNeedMore) << size;
    EXPECT_EQ(result.consumed, 0U) << size;
  }
}

TEST(FrameTest, BodyIsAViewIntoTheBytes) {
  const std::string bytes = frame("body") + "rest";
  const FrameResult result = next_frame(bytes, {});
  EXPECT_EQ(result.body.data(), bytes.data() + kFramePrefix);
  EXPECT_EQ(result.consumed, kFramePrefix + 4);
}

TEST(FrameTest, LimitsAreJudgedBeforeTheBodyCame) {
  const FrameLimits limits{5, 64};
  const struct {
    std::uint32_t length;
    Status status;
  } cases[] = {{0, Status::kTooShort},  {4, Status::kTooShort},  {5, Status::kNeedMore},
               {64, Status::kNeedMore}, {65, Status::kTooLarge}, {0xffffffff, Status::kTooLarge}};
  for (const auto& [length, status] : cases) {
    std::string prefix(kFramePrefix, '\0');
    store(prefix.data(), length);
    EXPECT_EQ(next_frame(prefix, limits).status, status) << length;
  }
}

TEST(FrameTest, ALengthOfZeroIsAFrameWhereTheLimitAllowsIt) {
  const FrameResult result = next_frame("\0\0\0\0tail"s, {0, 10});
  EXPECT_EQ(result.status, Status::kFrame);
  EXPECT_EQ(result.body, "");
  EXPECT_EQ(result.consumed, kFramePrefix);
}

TEST(FrameTest, TheGreatestLengthNeedsMoreWhereNoLimitForbidsIt) {
  EXPECT_EQ(next_frame("\xff\xff\xff\xffxyz"s, {0, 0xffffffff}).status, Status::kNeedMore);
}

TEST(FrameTest, IntegersAreBigEndian) {
  const struct {
    std::string bytes;
    std::uint32_t value;
  } cases[] = {{"\0\0\0\0"s, 0},
               {"\0\0\0\1"s, 1},
               {"\x01\x02\x03\x04"s, 0x01020304},
               {"\x80\0\0\0"s, 0x80000000},
               {"\xff\xfe\xfd\xfc"s, 0xfffefdfc}};
  for (const auto& [bytes, value] : cases) {
    EXPECT_EQ(load<std::uint32_t>(bytes.data()), value);
    std::string stored(4, 'x');
    store(stored.data(), value);
    EXPECT_EQ(stored, bytes);
  }
}

}  // namespace
}  // namespace reactor
