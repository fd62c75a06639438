#include "test/bench/dictbench/protocol.h"

#include "test/bench/dictbench/framed_protocol.h"
#include "test/bench/dictbench/text_protocols.h"

namespace dictbench {

std::unique_ptr<Protocol> Protocol::make(const Options& options, const Workload& workload) {
  if (options.protocol == "redis-get" || options.protocol == "redis-set") {
    return make_redis(workload, options.protocol == "redis-set");
  }
  if (options.protocol == "memcached") return make_memcached(workload);
  if (options.protocol == "dict") return make_dict(workload);
  return make_framed(options, workload);
}

}  // namespace dictbench
