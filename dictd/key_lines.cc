#include "dictd/key_lines.h"

#include <algorithm>
#include <cstring>

#include "dictd/fold.h"

namespace dictd {
namespace {

// As memcpy does, whose call would take longer than so few bytes.
void copy(char* to, const char* from, std::size_t size) {
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t n = 0; n < size; ++n) to[n] = from[n];
  }
}

}  // namespace

KeyLines::KeyLines(const Index& index, KeyRange keys, std::size_t block_bytes)
    : index_(index), rest_(keys), block_bytes_(block_bytes), text_(block_bytes + kMaxKeyBytes + 1, '\0') {}

bool KeyLines::next() {
  begins_.clear();
  std::size_t size = 0;
  for (const auto place : rest_) {
    if (size >= block_bytes_) break;
    const auto key = index_.key(place);
    begins_.push_back(size);
    copy(text_.data() + size, key.data(), key.size());
    size += key.size();
    text_[size++] = '\n';
  }
  keys_ = rest_.first(begins_.size());
  rest_ = rest_.subspan(begins_.size());
  size_ = size > 0 ? size - 1 : 0;
  return !keys_.empty();
}

KeyLines::Line KeyLines::at(std::size_t offset) const {
  const auto line = static_cast<std::size_t>(std::ranges::upper_bound(begins_, offset) - begins_.begin()) - 1;
  const auto end = line + 1 < begins_.size() ? begins_[line + 1] - 1 : size_;
  return {keys_[line], text().substr(begins_[line], end - begins_[line]), begins_[line]};
}

std::size_t KeyLines::find(std::string_view part, std::size_t offset) const {
  if (offset > size_) return std::string_view::npos;
  const void* const found = ::memmem(text_.data() + offset, size_ - offset, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
}

}  // namespace dictd
