// The addresses that dictd listens on, as --listen, --tls-listen, --dict-listen and --dict-tls-listen ask for them.
#pragma once

#include <tl/expected.hpp>
#include <vector>

#include "dictd/config.h"
#include "dictd/exit_code.h"
#include "reactor/address.h"
#include "reactor/fd.h"

namespace dictd {

struct Port {
  const char* option;  // that asks for it
  bool dict;           // the DICT protocol; else the framed one
  bool tls;
};

// Bound, and not listening yet.
struct Listener {
  Port port;
  reactor::Fd fd;
  reactor::Address address;
};

// All or none: a port that is taken, or an address that is none, is an error that names its option.
[[nodiscard]] tl::expected<std::vector<Listener>, StartError> bind_ports(const Config& config);

}  // namespace dictd
