// A client that has a process or a thread to itself: it is read from, answered and written to, and each waits.
#pragma once

#include "test/bench/peers/model/look_up.h"

namespace model {

// Until the client ends, or breaks the protocol.
void serve_blocking(int fd, LookUp look_up);

}  // namespace model
