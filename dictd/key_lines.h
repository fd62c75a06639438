// Keys as lines of text, a block at a time, so that one search passes over many of them.
//
// A search that is called for each key spends its time in being called; over text it runs at the speed of memory, and
// copying the keys together costs less than it saves. No key has the end of a line in it: that is white space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/index.h"
#include "dictd/key_order.h"

namespace dictd {

// Lives for one search, on its thread.
class KeyLines {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;  // stays in the cache

  // A block is of `block_bytes` and a line, perhaps less.
  KeyLines(const Index& index, KeyRange keys, std::size_t block_bytes = kBlockBytes);

  // Goes on to the next block; false after the last.
  [[nodiscard]] bool next();

  // The lines of this block, in the order of the keys, without the end of the last.
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

  struct Line {
    Index::Place place;
    std::string_view key;
    std::size_t begin;  // in text()
    [[nodiscard]] std::size_t next() const { return begin + key.size() + 1; }
  };
  // That which offset is in, or is the end of.
  [[nodiscard]] Line at(std::size_t offset) const;

  // Where in text() `part` is, at or behind `offset`; npos if it is not there.
  [[nodiscard]] std::size_t find(std::string_view part, std::size_t offset) const;

 private:
  const Index& index_;
  KeyRange keys_;  // of this block
  KeyRange rest_;
  std::size_t block_bytes_;
  std::string text_;
  std::size_t size_ = 0;
  std::vector<std::size_t> begins_;  // where each line of this block does
};

}  // namespace dictd
