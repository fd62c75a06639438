// Length-prefixed framing as a pure function over bytes.
//
// A frame is `u32 length`, big-endian, and `length` bytes that follow. What they mean is the business of the
// codec above. Nothing here reads, allocates or keeps state.
#pragma once

#include <cstddef>
#include <cstdint>
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

// The first frame of `bytes`; `body` is a view into them. The limits are judged as soon as the prefix is
// there.
[[nodiscard]] FrameResult next_frame(std::string_view bytes, const FrameLimits& limits);

[[nodiscard]] std::uint32_t load_u32(const char* bytes);
void store_u32(char* bytes, std::uint32_t value);

}  // namespace reactor
