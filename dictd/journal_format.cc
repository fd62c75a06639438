#define XXH_INLINE_ALL
#include "dictd/journal_format.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstring>

namespace dictd {

namespace {

constexpr std::string_view kSegmentMagic = "DICTLOG\n";
constexpr std::string_view kMarkMagic = "DICTMARK";
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kVersionWithCrc = 1;  // whose checksum was CRC-32
constexpr char kLookup = 1;
constexpr std::size_t kLengthFrom = 8;  // a record's length counts from here
constexpr std::size_t kMinLength = kRecordOverhead - kLengthFrom + 1;
constexpr std::size_t kMaxLength = kMaxRecordSize - kLengthFrom;
constexpr std::string_view kNamePrefix = "segment-";
constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr std::size_t kNameDigits = 16;

template <typename T>
void put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
  if constexpr (std::endian::native == std::endian::big) std::reverse(at, at + sizeof value);
}

template <typename T>
T get(const char* at) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), at, bytes.size());
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(bytes);
  return std::bit_cast<T>(bytes);
}

std::uint32_t checksum(std::uint32_t seed, const char* bytes, std::size_t size) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(bytes, size, seed));
}

}  // namespace

std::string segment_name(std::uint64_t segment) {
  std::array<char, kNameDigits> digits{};
  for (std::size_t i = kNameDigits; i > 0; --i, segment >>= 4) digits.at(i - 1) = "0123456789abcdef"[segment & 15];
  return std::string(kNamePrefix) + std::string(digits.data(), digits.size());
}

std::optional<std::uint64_t> segment_of_name(std::string_view name, bool or_damaged) {
  if (or_damaged && name.ends_with(kDamagedSuffix)) name.remove_suffix(kDamagedSuffix.size());
  std::uint64_t segment = 0;
  if (!name.starts_with(kNamePrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kNamePrefix.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), segment, 16);
  if (error != std::errc{} || name != segment_name(segment)) return std::nullopt;
  return segment;
}

std::string encode_header(const SegmentHeader& header) {
  std::string bytes(kHeaderSize, '\0');
  bytes.replace(0, kSegmentMagic.size(), kSegmentMagic);
  put(&bytes[8], kVersion);
  put(&bytes[12], header.segment);
  put(&bytes[20], header.newest_before);
  put(&bytes[28], header.salt);
  put(&bytes[32], checksum(0, bytes.data(), 32));
  return bytes;
}

bool is_of_another_version(std::string_view bytes) {
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kSegmentMagic)) return false;
  const auto version = get<std::uint32_t>(&bytes[8]);
  if (version == kVersion) return false;
  // Else it is damage: a wrong bit must not stop the drain.
  return version == kVersionWithCrc || get<std::uint32_t>(&bytes[32]) == checksum(0, bytes.data(), 32);
}

std::optional<SegmentHeader> decode_header(std::string_view bytes) {
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kSegmentMagic) || get<std::uint32_t>(&bytes[8]) != kVersion ||
      get<std::uint32_t>(&bytes[32]) != checksum(0, bytes.data(), 32)) {
    return std::nullopt;
  }
  return SegmentHeader{get<std::uint64_t>(&bytes[12]), get<std::uint64_t>(&bytes[20]), get<std::uint32_t>(&bytes[28])};
}

void append_record(std::string& out, const EventView& event, std::uint32_t salt) {
  assert(!event.word.empty() && event.word.size() <= kMaxWordBytes);
  std::array<char, kMaxRecordSize> record;  // all that is used of it is written below
  const std::size_t length = kRecordOverhead - kLengthFrom + event.word.size();
  put(&record[4], static_cast<std::uint32_t>(length));
  record[8] = kLookup;
  put(&record[9], event.number);
  put(&record[17], event.user_id);
  put(&record[25], event.time_us);
  std::memcpy(&record[kRecordOverhead], event.word.data(), event.word.size());
  put(&record[0], checksum(salt, &record[4], 4 + length));
  out.append(record.data(), kLengthFrom + length);
}

DecodedRecord decode_record(std::string_view bytes, std::uint32_t salt, Event& event) {
  if (bytes.size() < kLengthFrom) return {RecordKind::kMore, 0};
  const std::size_t length = get<std::uint32_t>(&bytes[4]);
  if (length < kMinLength || length > kMaxLength) return {RecordKind::kNone, 0};
  if (bytes.size() < kLengthFrom + length) return {RecordKind::kMore, 0};
  if (get<std::uint32_t>(bytes.data()) != checksum(salt, &bytes[4], 4 + length) || bytes[8] != kLookup) {
    return {RecordKind::kNone, 0};
  }
  event.number = get<std::uint64_t>(&bytes[9]);
  event.user_id = get<std::uint64_t>(&bytes[17]);
  event.time_us = get<std::int64_t>(&bytes[25]);
  event.word.assign(bytes, kRecordOverhead, kLengthFrom + length - kRecordOverhead);
  return {RecordKind::kRecord, kLengthFrom + length};
}

std::size_t find_record(std::string_view bytes, std::uint32_t salt) {
  Event event;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (decode_record(bytes.substr(at), salt, event).kind == RecordKind::kRecord) return at;
  }
  return std::string_view::npos;
}

std::string encode_mark(const Mark& mark) {
  std::string bytes(kMarkSize, '\0');
  bytes.replace(0, kMarkMagic.size(), kMarkMagic);
  put(&bytes[8], mark.position.segment);
  put(&bytes[16], mark.position.offset);
  put(&bytes[24], mark.newest);
  put(&bytes[32], checksum(0, bytes.data(), 32));
  return bytes;
}

std::optional<Mark> decode_mark(std::string_view bytes) {
  if (bytes.size() < kMarkSize || !bytes.starts_with(kMarkMagic) ||
      get<std::uint32_t>(&bytes[32]) != checksum(0, bytes.data(), 32)) {
    return std::nullopt;
  }
  return Mark{{get<std::uint64_t>(&bytes[8]), get<std::uint64_t>(&bytes[16])}, get<std::uint64_t>(&bytes[24])};
}

}  // namespace dictd
