// The journal's bytes, against ones worked out by hand from the table in journal_format.h.
#include "dictd/journal_format.h"

#include <gtest/gtest.h>
#include <xxhash.h>

namespace dictd {
namespace {

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

const std::string kHeader = unhex(
    "444943544c4f470a"  // magic
    "02000000"          // version
    "0807060504030201"  // segment
    "0900000000000000"  // newest before
    "efbeadde"          // salt
    "58e06096");
const std::string kRecord = unhex(
    "6a7d35ea"          // checksum with salt 7
    "1f000000"          // 25 bytes of fields and 6 of the word
    "01"                // a look-up
    "8877665544332211"  // event number
    "2a00000000000000"  // user id
    "feffffffffffffff"  // time
    "e88bb9e69e9c");    // word
const std::string kMark = unhex(
    "444943544d41524b"  // magic
    "0300000000000000"  // segment
    "4d00000000000000"  // offset
    "8877665544332211"  // newest
    "e391fb91");
const Event kEvent{0x1122334455667788, 42, -2, "苹果"};

TEST(JournalFormat, Header) {
  const SegmentHeader header{0x0102030405060708, 9, 0xdeadbeef};
  EXPECT_EQ(encode_header(header), kHeader);
  EXPECT_EQ(decode_header(kHeader), header);
  EXPECT_EQ(decode_header(kHeader.substr(0, kHeaderSize - 1)), std::nullopt);
}

TEST(JournalFormat, Record) {
  std::string bytes = "before";
  append_record(bytes, kEvent, 7);
  EXPECT_EQ(bytes, "before" + kRecord);
  Event event;
  const auto decoded = decode_record(kRecord + "behind", 7, event);
  EXPECT_EQ(decoded.kind, RecordKind::kRecord);
  EXPECT_EQ(decoded.size, kRecord.size());
  EXPECT_EQ(event, kEvent);
}

TEST(JournalFormat, RecordOfAnotherRunIsNone) {
  Event event;
  EXPECT_EQ(decode_record(kRecord, 8, event).kind, RecordKind::kNone);
}

TEST(JournalFormat, ChecksumsAreThoseOfTheLibrary) {
  for (std::size_t size = 1; size <= 40; ++size) {
    std::string bytes;
    append_record(bytes, {size, 2, 3, std::string(size, static_cast<char>(200 + size))}, 7);
    const auto checksum = static_cast<std::uint32_t>(XXH3_64bits_withSeed(bytes.data() + 4, bytes.size() - 4, 7));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(bytes[i], static_cast<char>(checksum >> (8 * i))) << size;
  }
}

TEST(JournalFormat, HeaderOfAnotherVersionIsKnownAsSuch) {
  std::string older = kHeader;
  older[8] = 1;
  EXPECT_TRUE(is_of_another_version(older));
  EXPECT_FALSE(is_of_another_version(kHeader));
  EXPECT_EQ(decode_header(older), std::nullopt);
}

TEST(JournalFormat, PartOfARecordNeedsMore) {
  for (std::size_t size = 0; size < kRecord.size(); ++size) {
    Event event;
    EXPECT_EQ(decode_record(std::string_view(kRecord).substr(0, size), 7, event).kind, RecordKind::kMore) << size;
    EXPECT_EQ(event, Event{});
  }
}

TEST(JournalFormat, LengthsHaveLimits) {
  Event event;
  std::string bytes(2000, 'x');
  for (const auto& [length, kind] : {std::pair{0, RecordKind::kNone},
                                     {25, RecordKind::kNone},
                                     {26, RecordKind::kMore},
                                     {1045, RecordKind::kMore},
                                     {1046, RecordKind::kNone}}) {
    bytes.replace(4, 4, {static_cast<char>(length), static_cast<char>(length >> 8), 0, 0});
    EXPECT_EQ(decode_record(std::string_view(bytes).substr(0, 20), 7, event).kind, kind) << length;
  }
}

TEST(JournalFormat, LongestWord) {
  const Event longest{1, 2, 3, std::string(kMaxWordBytes, 'w')};
  std::string bytes;
  append_record(bytes, longest, 7);
  EXPECT_EQ(bytes.size(), kMaxRecordSize);
  Event event;
  EXPECT_EQ(decode_record(bytes, 7, event).kind, RecordKind::kRecord);
  EXPECT_EQ(event, longest);
}

TEST(JournalFormat, ARecordIsFoundBehindAnything) {
  EXPECT_EQ(find_record(std::string(3, '\0') + "\x1f" + kRecord, 7), 4U);
  EXPECT_EQ(find_record(kRecord, 8), std::string::npos);
  EXPECT_EQ(find_record("", 7), std::string::npos);
}

TEST(JournalFormat, Mark) {
  const Mark mark{{3, 77}, 0x1122334455667788};
  EXPECT_EQ(encode_mark(mark), kMark);
  EXPECT_EQ(decode_mark(kMark), mark);
}

TEST(JournalFormat, NoBitOfAHeaderOrMarkMayFlip) {
  for (std::size_t bit = 0; bit < 8 * kHeaderSize; ++bit) {
    std::string header = kHeader;
    std::string mark = kMark;
    header[bit / 8] = static_cast<char>(header[bit / 8] ^ (1 << bit % 8));
    mark[bit / 8] = static_cast<char>(mark[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(decode_header(header), std::nullopt) << bit;
    EXPECT_EQ(decode_mark(mark), std::nullopt) << bit;
  }
}

TEST(JournalFormat, NamesOfSegments) {
  EXPECT_EQ(segment_name(0xab), "segment-00000000000000ab");
  EXPECT_EQ(segment_of_name("segment-00000000000000ab"), 0xabU);
  for (const char* other : {"segment-", "segment-ab", "segment-00000000000000AB", "segment-00000000000000abc",
                            "drained", "segment-00000000000000ab.damaged"}) {
    EXPECT_EQ(segment_of_name(other), std::nullopt) << other;
  }
  EXPECT_EQ(segment_of_name("segment-00000000000000ab.damaged", true), 0xabU);
}

}  // namespace
}  // namespace dictd
