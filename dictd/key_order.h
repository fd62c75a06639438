// Keys read from either end: what the two sorted lists of an Index are in the order of, and are searched by.
//
// The lists serve as tries, from the front of the keys and from their back: the keys with a common beginning (or
// ending) are a range, and a longer one narrows it. Only for what sorts and searches these lists.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "dictd/index.h"

namespace dictd {

// A key read from its front. `taken` bytes are those already matched; what is left begins behind them.
struct FromFront {
  static std::span<const Index::Place> keys(const Index& index) { return index.by_front(); }
  static std::string_view taken(std::string_view key, std::size_t taken) { return key.substr(0, taken); }
  static std::string_view left(std::string_view key, std::size_t taken) { return key.substr(taken); }
  static std::string_view first_character(std::string_view left) {
    std::size_t bytes = left.empty() ? 0 : 1;
    while (bytes < left.size() && is_continuation(left[bytes])) ++bytes;
    return left.substr(0, bytes);
  }
  static bool begins(std::string_view left, std::string_view with) { return left.starts_with(with); }
  static std::strong_ordering order(std::string_view left, std::string_view other) { return left <=> other; }
  static char byte(std::string_view key, std::size_t n) { return key[n]; }
  static std::string& join(std::string& out, std::string_view taken, std::string_view middle, std::string_view left) {
    return out.assign(taken).append(middle).append(left);
  }

  static bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }
};

// The same read from its back: the first character is the last, and order is that of the bytes reversed.
struct FromBack {
  static std::span<const Index::Place> keys(const Index& index) { return index.by_back(); }
  static std::string_view taken(std::string_view key, std::size_t taken) { return key.substr(key.size() - taken); }
  static std::string_view left(std::string_view key, std::size_t taken) { return key.substr(0, key.size() - taken); }
  static std::string_view first_character(std::string_view left) {
    std::size_t bytes = left.empty() ? 0 : 1;
    while (bytes < left.size() && FromFront::is_continuation(left[left.size() - bytes])) ++bytes;
    return left.substr(left.size() - bytes);
  }
  static bool begins(std::string_view left, std::string_view with) { return left.ends_with(with); }
  static std::strong_ordering order(std::string_view left, std::string_view other) {
    const auto unsigned_order = [](char a, char b) {
      return static_cast<unsigned char>(a) <=> static_cast<unsigned char>(b);
    };
    return std::lexicographical_compare_three_way(left.rbegin(), left.rend(), other.rbegin(), other.rend(),
                                                  unsigned_order);
  }
  static char byte(std::string_view key, std::size_t n) { return key[key.size() - 1 - n]; }
  static std::string& join(std::string& out, std::string_view taken, std::string_view middle, std::string_view left) {
    return out.assign(left).append(middle).append(taken);
  }
};

using KeyRange = std::span<const Index::Place>;

// Those keys of a range, all of which agree in `taken` bytes, whose next bytes are `with`.
template <typename Side>
KeyRange narrow(const Index& index, KeyRange range, std::size_t taken, std::string_view with) {
  const auto left = [&](Index::Place place) { return Side::left(index.key(place), taken); };
  const auto begin = std::partition_point(
      range.begin(), range.end(), [&](Index::Place place) { return std::is_lt(Side::order(left(place), with)); });
  const auto end =
      std::partition_point(begin, range.end(), [&](Index::Place place) { return Side::begins(left(place), with); });
  return {begin, end};
}

// How many keys at the front of a range have `character` next, as its first one has. Doubles its steps, as
// the ranges of a trie are mostly short.
template <typename Side>
std::size_t count_alike(const Index& index, KeyRange range, std::size_t taken, std::string_view character) {
  const auto alike = [&](std::size_t n) { return Side::begins(Side::left(index.key(range[n]), taken), character); };
  std::size_t last = 0;
  std::size_t step = 1;
  for (; last + step < range.size() && alike(last + step); step *= 2) last += step;
  auto past = std::min(last + step, range.size());
  while (past - last > 1) {
    const auto middle = last + (past - last) / 2;
    (alike(middle) ? last : past) = middle;
  }
  return past;
}

}  // namespace dictd
