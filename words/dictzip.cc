#include "words/dictzip.h"

#include <zlib.h>

#include <algorithm>

namespace words {
namespace {

constexpr std::size_t kFixedBytes = 10;
constexpr unsigned kHasCrc = 2;
constexpr unsigned kHasExtra = 4;
constexpr unsigned kHasName = 8;
constexpr unsigned kHasComment = 16;
constexpr unsigned kReserved = 0xE0;
constexpr std::size_t kSubfieldBytes = 4;  // before its content
constexpr std::size_t kTableBytes = 6;     // of its content, before the sizes
constexpr std::uint16_t kTableVersion = 1;

unsigned byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint16_t little_endian_16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte(bytes, at) | byte(bytes, at + 1) << 8U);
}

// Reads the content of the subfield RA. False: it contradicts itself.
bool read_table(std::string_view table, GzipHeader& header) {
  if (table.size() < kTableBytes || little_endian_16(table, 0) != kTableVersion) return false;
  header.chunk_bytes = little_endian_16(table, 2);
  header.packed.resize(little_endian_16(table, 4));
  if (header.chunk_bytes == 0 || header.packed.empty() || table.size() != kTableBytes + 2 * header.packed.size()) {
    return false;
  }
  for (std::size_t i = 0; i < header.packed.size(); ++i)
    header.packed[i] = little_endian_16(table, kTableBytes + 2 * i);
  return std::find(header.packed.begin(), header.packed.end(), 0) == header.packed.end();
}

// Looks for the table among the subfields. False: it, or their sizes, cannot be.
bool read_extra(std::string_view extra, GzipHeader& header) {
  while (extra.size() >= kSubfieldBytes) {
    const std::size_t size = little_endian_16(extra, 2);
    if (size > extra.size() - kSubfieldBytes) return false;
    if (extra.starts_with("RA") && !read_table(extra.substr(kSubfieldBytes, size), header)) return false;
    extra.remove_prefix(kSubfieldBytes + size);
  }
  return extra.empty();
}

}  // namespace

std::uint32_t little_endian_32(std::string_view bytes, std::size_t at) {
  return little_endian_16(bytes, at) | static_cast<std::uint32_t>(little_endian_16(bytes, at + 2)) << 16U;
}

tl::expected<std::optional<GzipHeader>, std::string> read_gzip_header(std::string_view bytes) {
  if (bytes.size() < kFixedBytes) return std::nullopt;
  const unsigned flags = byte(bytes, 3);
  if (!is_gzip(bytes) || byte(bytes, 2) != Z_DEFLATED || (flags & kReserved) != 0) {
    return tl::unexpected(std::string("no gzip header"));
  }
  GzipHeader header;
  header.bytes = kFixedBytes;
  if ((flags & kHasExtra) != 0) {
    if (bytes.size() < header.bytes + 2) return std::nullopt;
    const std::size_t size = little_endian_16(bytes, header.bytes);
    header.bytes += 2;
    if (bytes.size() < header.bytes + size) return std::nullopt;
    if (!read_extra(bytes.substr(header.bytes, size), header)) {
      return tl::unexpected(std::string("the table of chunks contradicts itself"));
    }
    header.bytes += size;
  }
  for (const unsigned text : {kHasName, kHasComment}) {
    if ((flags & text) == 0) continue;
    const std::size_t end = bytes.find('\0', header.bytes);
    if (end == std::string_view::npos) return std::nullopt;
    header.bytes = end + 1;
  }
  if ((flags & kHasCrc) == 0) return header;
  if (bytes.size() < header.bytes + 2) return std::nullopt;
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), header.bytes);
  if (little_endian_16(bytes, header.bytes) != (crc & 0xFFFFU)) {
    return tl::unexpected(std::string("the checksum of the gzip header is wrong"));
  }
  header.bytes += 2;
  return header;
}

}  // namespace words
