// The head of a gzip member (RFC 1952), with the table that makes it a dictzip: any chunk can be unpacked without those
// before it.
//
//   1F 8B 08 FLG MTIME(4) XFL OS
//   [FLG & 4: XLEN(2), and in it  'R' 'A' LEN(2) VERSION(2)=1 CHUNK(2) COUNT(2) PACKED(2)×COUNT]
//   [FLG & 8: name, NUL] [FLG & 16: comment, NUL] [FLG & 2: CRC(2) of all before it]
//
// After it come the chunks, COUNT of them, of which each is a part of the deflated data, of PACKED bytes, and gives CHUNK
// bytes of text, the last one perhaps fewer; then the rest of the deflated data, which gives no text, CRC32(4) and
// ISIZE(4). Numbers are little-endian. There may be several members. A pure function; data_file.h reads such files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace words {

constexpr std::size_t kMaxGzipHeaderBytes = 1 << 17;  // the extra field has up to 64 KiB; names are short
constexpr std::size_t kGzipTrailerBytes = 8;

struct GzipHeader {
  std::size_t bytes = 0;              // of itself
  std::size_t chunk_bytes = 0;        // 0: there is no table
  std::vector<std::uint16_t> packed;  // how many bytes each chunk takes
};

// `bytes` begins with the header; nullopt: it does not end in them.
[[nodiscard]] tl::expected<std::optional<GzipHeader>, std::string> read_gzip_header(std::string_view bytes);

[[nodiscard]] inline bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }
// The four bytes at `at`.
[[nodiscard]] std::uint32_t little_endian_32(std::string_view bytes, std::size_t at);

}  // namespace words
