#include "reactor/frame.h"

namespace reactor {

// Written with shifts, which every compiler turns into one load and one byte swap.
std::uint32_t load_u32(const char* bytes) {
  const auto byte = [bytes](int at) { return std::uint32_t{static_cast<unsigned char>(bytes[at])}; };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

void store_u32(char* bytes, std::uint32_t value) {
  for (int at = 3; at >= 0; --at, value >>= 8) bytes[at] = static_cast<char>(value & 0xff);
}

FrameResult next_frame(std::string_view bytes, const FrameLimits& limits) {
  using Status = FrameResult::Status;
  if (bytes.size() < kFramePrefix) return {Status::kNeedMore};
  const std::uint32_t length = load_u32(bytes.data());
  if (length < limits.smallest) return {Status::kTooShort};
  if (length > limits.largest) return {Status::kTooLarge};
  if (bytes.size() - kFramePrefix < length) return {Status::kNeedMore};
  return {Status::kFrame, bytes.substr(kFramePrefix, length), kFramePrefix + length};
}

}  // namespace reactor
