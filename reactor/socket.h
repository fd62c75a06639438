// Every socket call of the project in one place. All sockets are made non-blocking and close-on-exec.
#pragma once

#include <chrono>
#include <system_error>
#include <tl/expected.hpp>

#include "reactor/address.h"
#include "reactor/fd.h"

namespace reactor {

template <typename T>
using SocketResult = tl::expected<T, std::error_code>;

// The error that errno holds now.
[[nodiscard]] std::error_code last_error();

// A TCP socket that has its address but does not listen yet: clients are refused, and nobody else gets the port.
// SO_REUSEADDR, so that a restart need not wait for TIME_WAIT; a port that is listened on is still refused.
[[nodiscard]] SocketResult<Fd> bind_to(const Address& address);
[[nodiscard]] SocketResult<void> start_listening(int fd);
[[nodiscard]] SocketResult<Fd> listen_on(const Address& address);

struct Accepted {
  Fd fd;
  Address peer;
};
// The next waiting connection; EAGAIN when there is none.
[[nodiscard]] SocketResult<Accepted> accept_from(int listener);

[[nodiscard]] SocketResult<Address> local_address(int fd);

// Begins to connect and does not wait: the socket is writable once it is connected or has failed.
[[nodiscard]] SocketResult<Fd> start_connect(const Address& address);
// What became of it: no error once it is connected.
[[nodiscard]] std::error_code connect_outcome(int fd);
// Connects within the time given. Blocks: for clients, not for a loop.
[[nodiscard]] SocketResult<Fd> connect_within(const Address& address, std::chrono::milliseconds limit);

// Sends small answers at once instead of gathering them (RFC 896): the caller gathers by itself.
void set_no_delay(int fd);

// Says that no more will be sent; what was sent is still delivered.
void shut_down_writing(int fd);

}  // namespace reactor
