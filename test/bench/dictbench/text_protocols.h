// The peers' protocols: RESP (redis.io, "Redis serialization protocol specification") and memcached's text protocol
// (doc/protocol.txt of memcached). Only as much of each as a look-up needs.
#pragma once

#include "test/bench/dictbench/protocol.h"

namespace dictbench {

[[nodiscard]] std::unique_ptr<Protocol> make_redis(const Workload& workload, bool set);
[[nodiscard]] std::unique_ptr<Protocol> make_memcached(const Workload& workload);

}  // namespace dictbench
