#include "reactor/frame.h"

namespace reactor {

FrameResult next_frame(std::string_view bytes, const FrameLimits& limits) {
  using Status = FrameResult::Status;
  if (bytes.size() < kFramePrefix) return {Status::kNeedMore};
  const std::uint32_t length = load<std::uint32_t>(bytes.data());
  if (length < limits.smallest) return {Status::kTooShort};
  if (length > limits.largest) return {Status::kTooLarge};
  if (bytes.size() - kFramePrefix < length) return {Status::kNeedMore};
  return {Status::kFrame, bytes.substr(kFramePrefix, length), kFramePrefix + length};
}

}  // namespace reactor
