// dictd's framed protocol (dictd/wire.h), and that of the echo server, which takes the same requests and answers all of
// them with the same bytes.
#pragma once

#include "test/bench/dictbench/protocol.h"

namespace dictbench {

[[nodiscard]] std::unique_ptr<Protocol> make_framed(const Options& options, const Workload& workload);

}  // namespace dictbench
