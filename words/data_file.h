// The texts of a dictionary, found by offset and size: a .dict as it is, packed by dictzip, or by gzip.
//
// A packed file is checked as a whole when it is opened. A plain gzip, which cannot be read from its middle, is unpacked
// into a temporary file without a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dictd/file.h"
#include "words/dictzip_file.h"
#include "words/sink.h"

namespace words {

constexpr std::uint64_t kMaxUnpackedFileBytes = std::uint64_t{1} << 34;
constexpr std::uint64_t kMaxPartBytes = 16 << 20;  // with markup, or sounds beside the text

// A part of the file.
struct Part {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Part&, const Part&) = default;
};
struct PartHash {
  std::size_t operator()(const Part& part) const;
};

// One thread.
class DataFile {
 public:
  [[nodiscard]] static LoadResult<DataFile> open(const std::string& path);

  // The bytes of a part, good until the next call. An error if not all of it is in the file.
  [[nodiscard]] LoadResult<std::string_view> read(const Part& part);

 private:
  DataFile() = default;
  [[nodiscard]] static LoadResult<DataFile> unpack_gzip(const std::string& path);

  std::string path_;
  std::uint64_t size_ = 0;  // unpacked
  std::optional<DictzipFile> dictzip_;
  dictd::File plain_;  // of anything but a dictzip
  std::string text_;
};

}  // namespace words
