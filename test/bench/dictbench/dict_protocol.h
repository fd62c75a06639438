// DICT (RFC 2229), which dictd and Debian's dictd speak: DEFINE and MATCH over all databases.
#pragma once

#include "test/bench/dictbench/protocol.h"

namespace dictbench {

// It can ask `query` and everything that matches but `match-exact`.
[[nodiscard]] std::unique_ptr<Protocol> make_dict(const Options& options, const Workload& workload);

}  // namespace dictbench
