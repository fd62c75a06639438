// The journal's files, byte by byte. All integers are little-endian.
//
// A segment is named "segment-" and its sequence number as 16 hexadecimal digits. It is a header, and then
// records back to back. Behind the last record there may be zeros (space reserved ahead) or the beginning of
// a record (the crash of a server, or of its machine): both are the end of the segment. Segments are read in
// the order of their numbers.
//
//   header     0  8  magic "DICTLOG\n"
//              8  4  version, 2
//             12  8  sequence number of the segment
//             20  8  greatest event number appended before it was begun, or 0
//             28  4  salt, random for each run of dictd
//             32  4  checksum, without a seed, of bytes 0 to 31
//
//   record     0  4  checksum, seeded with the salt, of all that follows
//              4  4  length: number of bytes from offset 8 on; 26 to 1,045
//              8  1  kind: 1, a look-up
//              9  8  event number
//             17  8  user id
//             25  8  time, signed: microseconds since the Unix epoch
//             33  …  the word, UTF-8, 1 byte or more
//
// A checksum is the lower half of XXH3-64 (xxhash.com): of so few bytes it costs a third of a CRC-32.
//
// Bytes that are no record but have a record behind them are damage: they are skipped up to the next record.
// The salt is why no word that a user typed can pass for a record there, nor a block of an older file. A
// segment whose header is unreadable is renamed to "….damaged".
//
// The same event may stand in the journal twice (a turn written again after a disk error): readers must not
// mind.
//
// The file "drained" tells up to where the events are in the database. It has two slots, at 0 and at 512,
// written in turn, so that a torn write leaves the other; the one with the greater position counts. None
// readable: nothing is drained.
//
//   slot       0  8  magic "DICTMARK"
//              8  8  segment
//             16  8  offset in it
//             24  8  greatest event number before that position
//             32  4  checksum, without a seed, of bytes 0 to 31
//
// Everything here is pure: bytes in, values out. Not for opening or keeping files: journal.h and
// journal_reader.h do that.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "dictd/event.h"
#include "dictd/fold.h"

namespace dictd {

// A place in the journal, between two records. Offset 0 is before the segment's header.
struct Position {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position& a, const Position& b) {
    return std::tie(a.segment, a.offset) <=> std::tie(b.segment, b.offset);
  }
};

// Bytes in which a reader found no records: reserved space, a torn tail, damage.
struct Unread {
  Position begin;
  std::uint64_t bytes = 0;
};

struct SegmentHeader {
  std::uint64_t segment = 0;
  std::uint64_t newest_before = 0;
  std::uint32_t salt = 0;

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

struct Mark {
  Position position;
  std::uint64_t newest = 0;  // greatest event number before the position

  friend bool operator==(const Mark&, const Mark&) = default;
};

inline constexpr std::size_t kHeaderSize = 36;
inline constexpr std::size_t kRecordOverhead = 33;  // what a record has beside its word
inline constexpr std::size_t kMaxRecordSize = kRecordOverhead + kMaxWordBytes;
inline constexpr std::size_t kMarkSize = 36;
inline constexpr std::size_t kMarkSlot = 512;

[[nodiscard]] std::string segment_name(std::uint64_t segment);
// Nothing when the name is not a segment's. A damaged segment's name is not one, unless `or_damaged`.
[[nodiscard]] std::optional<std::uint64_t> segment_of_name(std::string_view name, bool or_damaged = false);

[[nodiscard]] std::string encode_header(const SegmentHeader& header);
[[nodiscard]] std::optional<SegmentHeader> decode_header(std::string_view bytes);
// Whether it is a whole header, but of a format that this is not.
[[nodiscard]] bool is_of_another_version(std::string_view bytes);

// Appends the record to `out`. The word has 1 to kMaxWordBytes bytes.
void append_record(std::string& out, const EventView& event, std::uint32_t salt);

enum class RecordKind {
  kRecord,  // a whole one
  kMore,    // could be one, if more bytes followed
  kNone,    // no record begins here, whatever follows
};
struct DecodedRecord {
  RecordKind kind;
  std::size_t size;  // of a whole record, else 0
};
// What begins at `bytes`. `event` is written to only for a whole record.
[[nodiscard]] DecodedRecord decode_record(std::string_view bytes, std::uint32_t salt, Event& event);

// Where the next whole record begins in `bytes`; npos when none does.
[[nodiscard]] std::size_t find_record(std::string_view bytes, std::uint32_t salt);

[[nodiscard]] std::string encode_mark(const Mark& mark);
[[nodiscard]] std::optional<Mark> decode_mark(std::string_view bytes);

}  // namespace dictd
