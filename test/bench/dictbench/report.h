// A measurement's result, for people and for programs.
#pragma once

#include <string>

#include "test/bench/dictbench/run.h"

namespace dictbench {

[[nodiscard]] std::string as_table(const Options& options, const Counts& counts);
// One object; its keys are those of the options, and throughput in answers a second, latencies in microseconds.
[[nodiscard]] std::string as_json(const Options& options, const Counts& counts);

}  // namespace dictbench
