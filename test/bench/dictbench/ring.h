// A queue in one array that grows when it is full and never shrinks: what is under way on a connection.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace dictbench {

// One thread at a time. T is trivially copyable.
template <typename T>
class Ring {
 public:
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::uint32_t size() const { return end_ - begin_; }
  // Numbers of the first and of the next to come; they count on, modulo 2^32.
  [[nodiscard]] std::uint32_t first_number() const { return begin_; }
  [[nodiscard]] std::uint32_t next_number() const { return end_; }

  [[nodiscard]] const T& front() const { return items_[begin_ & (capacity_ - 1)]; }
  // The n-th after the front.
  [[nodiscard]] const T& operator[](std::uint32_t n) const { return items_[(begin_ + n) & (capacity_ - 1)]; }
  void push(const T& item) {
    if (size() == capacity_) grow();
    items_[end_++ & (capacity_ - 1)] = item;
  }
  void pop() { ++begin_; }

 private:
  void grow() {
    const std::uint32_t larger = capacity_ == 0 ? 1 : capacity_ * 2;
    auto items = std::make_unique<T[]>(larger);
    for (std::uint32_t i = begin_; i != end_; ++i) items[i & (larger - 1)] = items_[i & (capacity_ - 1)];
    items_ = std::move(items);
    capacity_ = larger;
  }

  std::unique_ptr<T[]> items_;
  std::uint32_t capacity_ = 0;  // a power of two, or none
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

}  // namespace dictbench
