// Reading a journal whose files were cut, damaged or taken away: everything that is whole is read, and
// nothing else.
#include "dictd/journal_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "test/support/temp_dir.h"

namespace dictd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = Damage::Kind;

constexpr std::uint32_t kSalt = 0x5a17;
constexpr Position kEnd{100, 0};

Event event(std::uint64_t number) {
  // Words of many sizes, 32 bytes of length among them: one flipped bit makes that zero.
  return {number, number % 3, -5, std::string(1 + number * 3 % 11, static_cast<char>('a' + number))};
}

void overwrite(const std::filesystem::path& file, std::size_t at, const std::string& bytes) {
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(at)) << bytes;
}

std::string flipped(char byte, std::size_t bit) { return {static_cast<char>(byte ^ (1 << bit % 8))}; }

class JournalReaderTest : public testing::Test {
 protected:
  static std::string segment(std::uint64_t sequence, std::uint64_t first, std::uint64_t count) {
    std::string bytes = encode_header({sequence, first - 1, kSalt});
    for (std::uint64_t n = first; n < first + count; ++n) append_record(bytes, event(n), kSalt);
    return bytes;
  }
  void put(std::uint64_t sequence, const std::string& bytes) const {
    std::ofstream(temp_.path() / segment_name(sequence), std::ios::binary) << bytes;
  }

  // Writes over what is there: to make a file anew for each of thousands of cases takes too long.
  void change(std::uint64_t sequence, std::size_t at, const std::string& bytes) const {
    overwrite(temp_.path() / segment_name(sequence), at, bytes);
  }

  // All numbers before `end`, asked for `batch` at a time; every event is checked to be one that was written.
  std::vector<std::uint64_t> read(Position from = {}, Position end = kEnd, std::size_t batch = 4) {
    JournalReader reader(temp_.path(), from);
    std::vector<std::uint64_t> numbers;
    for (;;) {
      std::vector<Event> events;
      EXPECT_TRUE(reader.read(end, batch, events));
      for (const Event& e : events) {
        EXPECT_EQ(e, event(e.number));
        numbers.push_back(e.number);
      }
      if (events.size() < batch) break;
    }
    EXPECT_GE(reader.position(), end);
    damage_ = reader.take_damage();
    return numbers;
  }

  support::TempDir temp_;
  std::vector<Damage> damage_;
};

TEST_F(JournalReaderTest, ReadsSegmentsInTheirOrder) {
  put(2, segment(2, 4, 3));
  put(1, segment(1, 1, 3));
  put(0x10, segment(0x10, 7, 2));
  EXPECT_THAT(read(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(JournalReaderTest, BeginsAndEndsWhereItIsTold) {
  put(1, segment(1, 1, 3));
  put(2, segment(2, 4, 3));
  const std::uint64_t begin = segment(1, 1, 1).size();
  const std::uint64_t end = segment(2, 4, 2).size();
  EXPECT_THAT(read({1, begin}, {2, end}), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(read({2, end}, {2, end}), IsEmpty());
}

TEST_F(JournalReaderTest, GoesOnWhenMoreWasWritten) {
  put(1, segment(1, 1, 3));
  JournalReader reader(temp_.path(), {});
  std::vector<Event> events;
  for (std::uint64_t n = 0; n <= 3; ++n) {
    ASSERT_TRUE(reader.read({1, segment(1, 1, n).size()}, 10, events));
    EXPECT_THAT(events, SizeIs(n));
  }
  put(2, segment(2, 4, 1));
  ASSERT_TRUE(reader.read({2, segment(2, 4, 1).size()}, 10, events));
  EXPECT_THAT(events, SizeIs(4));
}

TEST_F(JournalReaderTest, AnEmptyDirectoryHasNothing) { EXPECT_THAT(read(), IsEmpty()); }

TEST_F(JournalReaderTest, ZerosAreTheEndOfASegment) {
  put(1, segment(1, 1, 2) + std::string(4096, '\0'));
  put(2, segment(2, 3, 1));
  EXPECT_THAT(read(), ElementsAre(1, 2, 3));
  EXPECT_THAT(damage_, IsEmpty());
}

TEST_F(JournalReaderTest, TornTailAtEveryByte) {
  const std::string whole = segment(1, 1, 4);
  put(2, segment(2, 5, 1));
  for (const bool zeros : {false, true}) {
    put(1, whole);
    // With zeros behind a torn header it is an unreadable one, which is another test's.
    for (std::size_t size = whole.size(); size > (zeros ? kHeaderSize : 0); --size) {
      if (zeros) {
        change(1, size - 1, std::string(1, '\0'));
      } else {
        std::filesystem::resize_file(temp_.path() / segment_name(1), size - 1);
      }
      std::vector<std::uint64_t> expected;
      for (std::uint64_t n = 1; n <= 4 && segment(1, 1, n).size() <= size - 1; ++n) expected.push_back(n);
      expected.push_back(5);
      ASSERT_EQ(read(), expected) << "cut at " << size - 1;
      for (const Damage& damage : damage_) EXPECT_EQ(damage.kind, Kind::kTornTail);
    }
  }
}

TEST_F(JournalReaderTest, EveryBitFlippedLosesNoOtherRecord) {
  const std::string whole = segment(1, 1, 12);
  put(1, whole);
  put(2, segment(2, 13, 1));
  for (std::size_t bit = 8 * kHeaderSize; bit < 8 * whole.size(); ++bit) {
    change(1, bit / 8, flipped(whole[bit / 8], bit));
    std::vector<std::uint64_t> expected;
    for (std::uint64_t n = 1; n <= 13; ++n) {
      const bool hit = n <= 12 && segment(1, 1, n - 1).size() <= bit / 8 && bit / 8 < segment(1, 1, n).size();
      if (!hit) expected.push_back(n);
    }
    ASSERT_EQ(read(), expected) << "bit " << bit;
    ASSERT_THAT(damage_, SizeIs(1));
    EXPECT_EQ(damage_.front().file, temp_.path() / segment_name(1));
    EXPECT_LE(damage_.front().offset, bit / 8);
    EXPECT_GT(damage_.front().offset + damage_.front().bytes, bit / 8);
    change(1, bit / 8, whole.substr(bit / 8, 1));
  }
}

TEST_F(JournalReaderTest, EveryBitOfAHeaderFlippedSetsTheSegmentAside) {
  const std::string whole = segment(1, 1, 2);
  put(2, segment(2, 3, 1));
  for (std::size_t bit = 0; bit < 8 * kHeaderSize; ++bit) {
    put(1, whole);
    change(1, bit / 8, flipped(whole[bit / 8], bit));
    ASSERT_THAT(read(), ElementsAre(3)) << bit;
    ASSERT_THAT(damage_, SizeIs(1));
    EXPECT_EQ(damage_.front().kind, Kind::kSetAside);
    EXPECT_EQ(damage_.front().file, temp_.path() / (segment_name(1) + ".damaged"));
    EXPECT_TRUE(std::filesystem::exists(damage_.front().file));
    EXPECT_FALSE(std::filesystem::exists(temp_.path() / segment_name(1)));
  }
}

// All segments were set aside at once, for as long as the disk failed.
TEST_F(JournalReaderTest, DiskThatFailsIsTriedAgainBeforeItsSegmentIsSetAside) {
  const std::filesystem::path first = temp_.path() / segment_name(1);
  put(2, segment(2, 3, 2));
  for (const bool recovers : {false, true}) {
    std::filesystem::create_directory(first);  // can be opened, and not read
    JournalReader reader(temp_.path(), {});
    std::vector<Event> events;
    for (int attempt = 1; attempt < kReadAttempts; ++attempt) EXPECT_FALSE(reader.read(kEnd, 10, events));
    EXPECT_THAT(events, IsEmpty());
    EXPECT_TRUE(std::filesystem::exists(first));
    if (recovers) {
      std::filesystem::remove(first);
      put(1, segment(1, 1, 2));
    }
    EXPECT_TRUE(reader.read(kEnd, 10, events));
    EXPECT_THAT(events, SizeIs(recovers ? 4 : 2));
    EXPECT_THAT(reader.take_damage(), SizeIs(recovers ? 0 : 1));
  }
}

TEST_F(JournalReaderTest, SegmentStaysWhileItsDiskFailsWhenItIsTo) {
  const std::filesystem::path first = temp_.path() / segment_name(1);
  std::filesystem::create_directory(first);  // can be opened, and not read
  put(2, segment(2, 3, 2));
  JournalReader reader(temp_.path(), {}, FailingDisk::kStays);
  std::vector<Event> events;
  for (int attempt = 1; attempt < 3 * kReadAttempts; ++attempt) EXPECT_FALSE(reader.read(kEnd, 10, events));
  std::filesystem::remove(first);
  put(1, segment(1, 1, 2));
  EXPECT_TRUE(reader.read(kEnd, 10, events));
  EXPECT_THAT(events, SizeIs(4));
  EXPECT_THAT(reader.take_damage(), IsEmpty());
}

TEST_F(JournalReaderTest, UnreadableSegmentThatCannotBeSetAsideIsNotGoneBy) {
  put(1, std::string(100, 'x'));
  put(2, segment(2, 1, 2));
  std::filesystem::create_directories(temp_.path() / (segment_name(1) + ".damaged") / "in the way");
  JournalReader reader(temp_.path(), {});
  std::vector<Event> events;
  for (int attempt = 1; attempt < 2 * kReadAttempts; ++attempt) EXPECT_FALSE(reader.read(kEnd, 10, events));
  std::filesystem::remove_all(temp_.path() / (segment_name(1) + ".damaged"));
  EXPECT_TRUE(reader.read(kEnd, 10, events));
  EXPECT_THAT(events, SizeIs(2));
}

TEST_F(JournalReaderTest, ASegmentUnderAnothersNameIsSetAside) {
  put(1, segment(9, 1, 2));
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(damage_, SizeIs(1));
}

TEST_F(JournalReaderTest, AHoleIsSkipped) {
  std::string bytes = segment(1, 1, 9);
  const std::size_t from = segment(1, 1, 2).size() + 5;
  bytes.replace(from, segment(1, 1, 6).size() - from, segment(1, 1, 6).size() - from, '\0');
  put(1, bytes);
  EXPECT_THAT(read(), ElementsAre(1, 2, 7, 8, 9));
}

TEST_F(JournalReaderTest, WhatIsPublishedAndNoRecordIsDamageToo) {
  const std::string bytes = segment(1, 1, 2);
  put(1, bytes + "xyz");
  EXPECT_THAT(read({}, {1, bytes.size() + 3}), ElementsAre(1, 2));
  ASSERT_THAT(damage_, SizeIs(1));
  EXPECT_EQ(damage_.front().kind, Kind::kSkipped);
  EXPECT_EQ(damage_.front().bytes, 3U);
}

TEST_F(JournalReaderTest, AFileShorterThanPublishedEnds) {
  const std::string bytes = segment(1, 1, 3);
  put(1, bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(read({}, {1, bytes.size()}), ElementsAre(1, 2));
}

TEST_F(JournalReaderTest, AWordCannotPassForARecord) {
  std::string forged;
  append_record(forged, event(666), kSalt + 1);
  std::string bytes = segment(1, 1, 1);
  append_record(bytes, {2, 1, 1, forged}, kSalt);
  bytes[segment(1, 1, 1).size()] ^= 1;  // so that it is searched
  append_record(bytes, event(3), kSalt);
  put(1, bytes);
  EXPECT_THAT(read(), ElementsAre(1, 3));
}

TEST_F(JournalReaderTest, RecordsAcrossItsWindowsAreWhole) {
  put(1, segment(1, 1, 1));
  std::string bytes = encode_header({2, 0, kSalt});
  std::vector<Event> expected;
  for (std::uint64_t n = 2; bytes.size() < 700'000; ++n) {
    expected.push_back({n, 1, 1, std::string(1 + n * 7 % kMaxWordBytes, 'x')});
    append_record(bytes, expected.back(), kSalt);
  }
  put(2, bytes);
  JournalReader reader(temp_.path(), {2, 0});
  std::vector<Event> events;
  ASSERT_TRUE(reader.read({2, bytes.size()}, expected.size() + 1, events));
  EXPECT_EQ(events, expected);
}

TEST(MarkFile, TellsWhatWasLastWritten) {
  const support::TempDir temp;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    MarkFile file(temp.path());
    EXPECT_EQ(file.read(), (n == 1 ? Mark{} : Mark{{1, n - 1}, n - 1}));
    ASSERT_TRUE(file.write({{1, n}, n}, n % 2 == 0));
    EXPECT_EQ(file.read(), (Mark{{1, n}, n}));
  }
}

TEST(MarkFile, OneBadByteAnywhereCostsOneStep) {
  const support::TempDir temp;
  ASSERT_TRUE(MarkFile(temp.path()).write({{1, 50}, 5}, false));
  {
    MarkFile file(temp.path());
    (void)file.read();
    ASSERT_TRUE(file.write({{2, 40}, 9}, false));
  }
  std::ifstream in(temp.file("drained"), std::ios::binary);
  const std::string good = (std::stringstream() << in.rdbuf()).str();
  for (std::size_t at = 0; at < good.size(); ++at) {
    overwrite(temp.file("drained"), at, flipped(good[at], at));
    const Mark mark = MarkFile(temp.path()).read();
    EXPECT_TRUE(mark == (Mark{{1, 50}, 5}) || mark == (Mark{{2, 40}, 9})) << at;
    overwrite(temp.file("drained"), at, good.substr(at, 1));
  }
}

TEST(MarkFile, NoneReadableIsTheVeryBeginning) {
  const support::TempDir temp;
  std::ofstream(temp.file("drained")) << "rubbish";
  EXPECT_EQ(MarkFile(temp.path()).read(), Mark{});
}

}  // namespace
}  // namespace dictd
