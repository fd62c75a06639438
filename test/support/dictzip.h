// Files packed by gzip, with the table of a dictzip or without, as a test wants them: whole ones, and ones whose parts do
// not agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support {

// What a dictzip is made of (words/dictzip.h); a test may change any of it.
struct DictzipParts {
  DictzipParts(std::string_view text, std::size_t chunk_bytes);

  [[nodiscard]] std::string bytes() const;

  std::uint16_t version = 1;
  std::uint16_t chunk_bytes;
  std::vector<std::string> chunks;    // packed
  std::vector<std::uint16_t> packed;  // their sizes, as the table says
  std::string end;                    // of the packed data
  std::uint32_t crc;
  std::uint32_t size;
  std::string name;  // empty: there is none
};

[[nodiscard]] std::string dictzip(std::string_view text, std::size_t chunk_bytes = 1000);
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace support
