// Length-prefixed framing as a pure function over bytes.
//
// A frame is `u32 length`, big-endian, and `length` bytes that follow. What they mean is the business of the
// codec above. Nothing here reads, allocates or keeps state.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reactor {

inline constexpr std::size_t kFramePrefix = 4;

struct FrameLimits {
  std::uint32_t smallest = 0;
  std::uint32_t largest = 64 * 1024;
};

struct FrameResult {
  enum class Status {
    kFrame,     // `body` is the first frame's, `consumed` what it takes with its prefix
    kNeedMore,  // the bytes are the beginning of a frame, or nothing
    kTooShort,  // the length is below the limit: what follows cannot be understood
    kTooLarge,  // the length is above the limit, and said before its body came
  };
  Status status = Status::kNeedMore;
  std::string_view body = {};
  std::size_t consumed = 0;
};

// Big-endian integers of two, four or eight bytes.
template <typename Integer>
[[nodiscard]] Integer swap_on_little_endian(Integer value) {
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof value == 2) return __builtin_bswap16(value);
  if constexpr (sizeof value == 4) return __builtin_bswap32(value);
  if constexpr (sizeof value == 8) return __builtin_bswap64(value);
}
template <typename Integer>
[[nodiscard]] Integer load(const char* bytes) {
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return swap_on_little_endian(value);
}
template <typename Integer>
void store(char* bytes, Integer value) {
  value = swap_on_little_endian(value);
  std::memcpy(bytes, &value, sizeof value);
}

// The first frame of `bytes`; `body` is a view into them. The limits are judged as soon as the prefix is
// there.
[[nodiscard]] inline FrameResult next_frame(std::string_view bytes, const FrameLimits& limits) {
  using Status = FrameResult::Status;
  if (bytes.size() < kFramePrefix) return {Status::kNeedMore};
  const auto length = load<std::uint32_t>(bytes.data());
  if (length < limits.smallest) return {Status::kTooShort};
  if (length > limits.largest) return {Status::kTooLarge};
  if (bytes.size() - kFramePrefix < length) return {Status::kNeedMore};
  return {Status::kFrame, bytes.substr(kFramePrefix, length), kFramePrefix + length};
}

}  // namespace reactor
