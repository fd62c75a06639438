// A buffer is a queue of bytes: whatever is done to it, it holds what a std::string would.
#include "reactor/buffer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace reactor {
namespace {

std::string pattern(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(seed = seed * 1103515245U + 12345U);
  return bytes;
}

TEST(BufferTest, IsAQueue) {
  Buffer buffer;
  buffer.append("abc");
  buffer.append("");
  buffer.append("def");
  EXPECT_EQ(buffer.view(), "abcdef");
  buffer.consume(4);
  EXPECT_EQ(buffer.view(), "ef");
  EXPECT_EQ(buffer.size(), 2U);
  buffer.consume(2);
  EXPECT_TRUE(buffer.empty());
}

TEST(BufferTest, HoldsWhatWasWrittenIntoPreparedRoom) {
  Buffer buffer;
  buffer.append("ab");
  const auto room = buffer.prepare(100);
  ASSERT_GE(room.size(), 100U);
  room[0] = 'c';
  room[1] = 'd';
  buffer.commit(1);
  EXPECT_EQ(buffer.view(), "abc");
}

TEST(BufferTest, CanBePatchedWhereItWasWritten) {
  Buffer buffer;
  buffer.append("..abc");
  buffer.consume(2);
  *buffer.at(1) = 'X';
  EXPECT_EQ(buffer.view(), "aXc");
}

TEST(BufferTest, TruncatesAndReplaces) {
  const struct {
    std::size_t offset, length;
    std::string bytes, result;
  } cases[] = {{0, 0, "new", "newabcdef"}, {0, 6, "", ""},         {2, 2, "XY", "abXYef"}, {2, 2, "long", "ablongef"},
               {2, 2, "s", "absef"},       {6, 0, "!", "abcdef!"}, {4, 2, "", "abcd"}};
  for (const auto& [offset, length, bytes, result] : cases) {
    Buffer buffer;
    buffer.append("__abcdef");
    buffer.consume(2);
    buffer.replace(offset, length, bytes);
    EXPECT_EQ(buffer.view(), result);
  }
  Buffer buffer;
  buffer.append("_abc");
  buffer.consume(1);
  buffer.truncate(1);
  EXPECT_EQ(buffer.view(), "a");
  buffer.truncate(0);
  EXPECT_TRUE(buffer.empty());
}

TEST(BufferTest, DoesAtRandomWhatAStringWouldDo) {
  std::mt19937 random(20240517);
  const auto below = [&random](std::size_t limit) { return random() % (limit + 1); };
  for (int run = 0; run < 20; ++run) {
    Buffer buffer;
    std::string reference;
    for (unsigned step = 0; step < 2000; ++step) {
      // Growing and shrinking phases, so that it is both large and empty now and then.
      const std::size_t most = step % 400 < 200 ? 3000 : 50;
      switch (random() % 6) {
        case 0:
        case 1: {
          const std::string bytes = pattern(below(most), step);
          buffer.append(bytes);
          reference += bytes;
          break;
        }
        case 2: {
          const std::string bytes = pattern(below(most), step);
          std::ranges::copy(bytes, buffer.prepare(bytes.size() + below(100)).begin());
          buffer.commit(bytes.size());
          reference += bytes;
          break;
        }
        case 3: {
          const std::size_t count = below(reference.size());
          buffer.consume(count);
          reference.erase(0, count);
          break;
        }
        case 4: {
          const std::size_t offset = below(reference.size());
          if (random() % 8 == 0) {
            buffer.truncate(offset);
            reference.resize(offset);
          } else if (!reference.empty()) {
            const std::size_t length = below(std::min<std::size_t>(reference.size() - offset, 200));
            const std::string bytes = pattern(below(200), step);
            buffer.replace(offset, length, bytes);
            reference.replace(offset, length, bytes);
          }
          break;
        }
        default: buffer.release_when_empty();
      }
      ASSERT_EQ(buffer.size(), reference.size());
      ASSERT_EQ(buffer.view(), reference);
      ASSERT_EQ(buffer.empty(), reference.empty());
    }
  }
}

TEST(BufferTest, GivesItsMemoryBackWhenItIsEmpty) {
  Buffer buffer;
  EXPECT_EQ(buffer.capacity(), 0U);
  buffer.append(std::string(10'000, 'x'));
  buffer.consume(9'999);
  buffer.release_when_empty();
  EXPECT_GE(buffer.capacity(), 1U);
  EXPECT_EQ(buffer.view(), "x");
  buffer.consume(1);
  buffer.release_when_empty();
  EXPECT_EQ(buffer.capacity(), 0U);
  buffer.append("again");
  EXPECT_EQ(buffer.view(), "again");
}

TEST(BufferTest, AQueueThatStaysShortDoesNotGrow) {
  Buffer buffer;
  for (int i = 0; i < 100'000; ++i) {
    buffer.append("0123456789");
    if (buffer.size() > 100) buffer.consume(17);
  }
  EXPECT_LE(buffer.capacity(), 1024U);
}

TEST(BufferTest, AnIdleOneCosts24Bytes) { EXPECT_EQ(sizeof(Buffer), 24U); }

TEST(BufferTest, IsEmptyAfterAMove) {
  Buffer from;
  from.append("bytes");
  Buffer to = std::move(from);
  EXPECT_EQ(to.view(), "bytes");
  EXPECT_EQ(from.size(), 0U);      // NOLINT(bugprone-use-after-move): that is the contract
  EXPECT_EQ(from.capacity(), 0U);  // NOLINT(bugprone-use-after-move)
  to = Buffer();
  EXPECT_EQ(to.capacity(), 0U);
}

}  // namespace
}  // namespace reactor
