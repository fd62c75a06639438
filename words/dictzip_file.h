// A file packed by dictzip (dictzip.h), read here and there by its own table.
//
// It is unpacked once as a whole when it is opened, and every size and checksum in it is compared, so that a file that is
// cut off or damaged, or whose table is wrong, is refused before anything of it is used. After that the chunks that were
// used last are kept unpacked, up to kMaxUnpackedBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dictd/file.h"
#include "words/sink.h"

namespace words {

// Indexes come in the order of words, which need not be that of their texts; if it is not, each look into a chunk that is
// not kept costs its unpacking.
constexpr std::size_t kMaxUnpackedBytes = 96 << 20;

class Inflater;

// One thread.
class DictzipFile {
 public:
  // nullopt: it is a gzip without a table.
  [[nodiscard]] static LoadResult<std::optional<DictzipFile>> open(const std::string& path);
  ~DictzipFile();
  DictzipFile(DictzipFile&& other) noexcept;
  DictzipFile& operator=(DictzipFile&& other) noexcept;

  [[nodiscard]] std::uint64_t size() const;  // unpacked
  // Puts the text of a part, which lies within the file, in place of what `text` holds.
  [[nodiscard]] LoadResult<void> read(std::uint64_t offset, std::size_t size, std::string& text);

 private:
  struct Chunk {
    std::uint64_t at;        // in the packed file
    std::uint64_t offset;    // of its text
    std::uint32_t packed;    // how many bytes it takes
    std::uint32_t size;      // of its text
    std::uint64_t used = 0;  // when last, counted in uses
    std::string text;        // empty: not kept
  };
  DictzipFile(std::string path, dictd::File file, std::unique_ptr<Inflater> inflater);
  // Checks the member at `at`, adds its chunks, and moves `at` behind it. False: it has no table.
  [[nodiscard]] LoadResult<bool> add_member(std::uint64_t& at);
  [[nodiscard]] LoadResult<void> check_end(std::uint64_t& at, std::uint32_t crc, std::uint64_t size);
  [[nodiscard]] LoadResult<std::string> bytes_at(std::uint64_t at, std::size_t at_most) const;
  [[nodiscard]] LoadResult<void> unpack(Chunk& chunk);
  void drop_least_used();
  [[nodiscard]] tl::unexpected<LoadError> damaged(std::uint64_t at, std::string_view why) const;

  std::string path_;
  dictd::File file_;
  std::unique_ptr<Inflater> inflater_;
  std::vector<Chunk> chunks_;  // by their offsets
  std::uint64_t uses_ = 0;
  std::size_t kept_bytes_ = 0;
};

}  // namespace words
