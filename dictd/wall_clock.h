// The time of day, for what is stored; whatever measures a span uses the steady clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace dictd {

// Microseconds since the Unix epoch, UTC. It may be set, also backwards.
inline std::int64_t wall_clock_us() {
  using std::chrono::microseconds;
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace dictd
