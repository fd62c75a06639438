// What is asked about each word and what has to come back, made before the measurement, in one piece of memory: request
// and answer of a word lie side by side, and finding them costs one look into a table of 8 bytes a word.
#pragma once

#include <cassert>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace dictbench {

// Immutable once filled; then any thread.
class Exchanges {
 public:
  // Of all of them together. A workload's words are far fewer (kMostBytes in workload.h).
  static constexpr std::size_t kMostBytes = std::numeric_limits<std::uint32_t>::max();

  // Of the next word.
  void add(std::string_view request, std::string_view answer) {
    bytes_.append(request);
    places_.push_back(end());
    bytes_.append(answer);
    places_.push_back(end());
  }
  // After the last one: asks for large pages, in which what is read at random misses the TLB less often.
  void settle() const;
  [[nodiscard]] std::string_view request(std::uint32_t word) const { return part(2 * std::size_t{word}); }
  [[nodiscard]] std::string_view answer(std::uint32_t word) const { return part(2 * std::size_t{word} + 1); }

  // Memory takes longer to come than all else that is done with it, unless it was asked for in time: the place of a
  // word's bytes first, and the bytes when that is there.
  void prefetch_place(std::uint32_t word) const { __builtin_prefetch(places_.data() + 2 * std::size_t{word}); }
  void prefetch_request(std::uint32_t word) const {
    __builtin_prefetch(bytes_.data() + places_[2 * std::size_t{word}]);
  }
  void prefetch_answer(std::uint32_t word) const {
    const char* const at = bytes_.data() + places_[2 * std::size_t{word} + 1];
    __builtin_prefetch(at);
    __builtin_prefetch(at + kCacheLine);
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  [[nodiscard]] std::string_view part(std::size_t n) const {
    return {bytes_.data() + places_[n], places_[n + 1] - places_[n]};
  }
  [[nodiscard]] std::uint32_t end() const {
    assert(bytes_.size() <= kMostBytes);
    return static_cast<std::uint32_t>(bytes_.size());
  }

  std::string bytes_;
  std::vector<std::uint32_t> places_ = {0};  // where requests and answers end and the next begins, in turns
};

}  // namespace dictbench
