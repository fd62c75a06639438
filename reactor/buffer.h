// A queue of bytes: appended at the end, consumed at the front.
//
// Consuming moves an index; bytes are moved down at most once per append that needs the room, so a byte is
// copied a constant number of times. An empty buffer holds no memory once release_when_empty() was called: an
// idle connection pays 24 bytes. Not for text editing, not for scatter/gather.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace reactor {

// One thread at a time. Views into it are void after the next append, prepare or release.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(capacity_, other.capacity_);
  }

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, size()}; }
  // For patching what was already appended, such as a length that is known only at the end.
  [[nodiscard]] char* at(std::size_t offset) {
    assert(offset < size());
    return data_.get() + begin_ + offset;
  }

  // Room for at least `room` bytes behind the end; commit() says how many were written there.
  [[nodiscard]] std::span<char> prepare(std::size_t room) {
    if (capacity_ - end_ < room) make_room(room);
    return {data_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t written) {
    assert(written <= capacity_ - end_);
    end_ += static_cast<std::uint32_t>(written);
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  void consume(std::size_t bytes) {
    assert(bytes <= size());
    begin_ += static_cast<std::uint32_t>(bytes);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Drops everything from `offset` on.
  void truncate(std::size_t offset) {
    assert(offset <= size());
    end_ = begin_ + static_cast<std::uint32_t>(offset);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Puts `bytes` in the place of `length` bytes at `offset`.
  void replace(std::size_t offset, std::size_t length, std::string_view bytes) {
    assert(offset + length <= size());
    const std::size_t tail = size() - offset - length;
    if (bytes.size() > length) (void)prepare(bytes.size() - length);
    char* const place = data_.get() + begin_ + offset;
    std::memmove(place + bytes.size(), place + length, tail);
    std::memcpy(place, bytes.data(), bytes.size());
    end_ = static_cast<std::uint32_t>(begin_ + offset + bytes.size() + tail);
  }
  void release_when_empty() {
    if (!empty()) return;
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  static constexpr std::size_t kSmallest = 256;

  void make_room(std::size_t room) {
    const std::size_t used = size();
    assert(used + room <= UINT32_MAX && "a buffer is bounded by its owner, far below 4 GiB");
    // Moving down pays for itself only when it frees at least as much as it moves.
    if (capacity_ - used >= room && begin_ >= used) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      const std::size_t larger = std::max({kSmallest, std::size_t{capacity_} * 2, used + room});
      auto data = std::make_unique_for_overwrite<char[]>(larger);
      if (used > 0) std::memcpy(data.get(), data_.get() + begin_, used);
      data_ = std::move(data);
      capacity_ = static_cast<std::uint32_t>(std::min<std::size_t>(larger, UINT32_MAX));
    }
    begin_ = 0;
    end_ = static_cast<std::uint32_t>(used);
  }

  std::unique_ptr<char[]> data_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace reactor
