#include "dictd/key_lines.h"

#include <algorithm>
#include <cstring>

#include "dictd/fold.h"

namespace dictd {
namespace {

// As memcpy does, but in whole steps: a call, or a guess at what is left, would take longer than so few bytes.
void copy_key(char* to, std::string_view key) {
  constexpr std::size_t kStep = Index::kReadableBehindKey;
  std::size_t copied = 0;
  do {
    std::memcpy(to + copied, key.data() + copied, kStep);
    copied += kStep;
  } while (copied < key.size());
}

}  // namespace

KeyLines::KeyLines(const Index& index, KeyRange keys, std::size_t block_bytes)
    : index_(index),
      rest_(keys),
      block_bytes_(block_bytes),
      text_(block_bytes + kMaxKeyBytes + 1 + Index::kReadableBehindKey, '\0') {}

bool KeyLines::next() {
  constexpr std::size_t kFetchedAhead = 16;
  begins_.clear();
  std::size_t size = 0;
  for (std::size_t n = 0; n < rest_.size() && size < block_bytes_; ++n) {
    if (n + kFetchedAhead < rest_.size()) index_.fetch(rest_[n + kFetchedAhead]);
    const auto key = index_.key(rest_[n]);
    begins_.push_back(size);
    copy_key(text_.data() + size, key);
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
