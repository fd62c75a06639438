#include "reactor/socket.h"

#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace reactor {
namespace {

SocketResult<Fd> new_socket(int family) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) return tl::unexpected(last_error());
  return fd;
}

}  // namespace

std::error_code last_error() { return {errno, std::system_category()}; }

SocketResult<Fd> bind_to(const Address& address) {
  auto fd = new_socket(address.family());
  if (!fd) return fd;
  const int on = 1;
  if (::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd->get(), address.data(), address.length()) != 0) {
    return tl::unexpected(last_error());
  }
  return fd;
}

// SOMAXCONN: as many as the kernel's own setting (net.core.somaxconn) lets wait.
SocketResult<void> start_listening(int fd) {
  if (::listen(fd, SOMAXCONN) != 0) return tl::unexpected(last_error());
  return {};
}

SocketResult<Fd> listen_on(const Address& address) {
  auto fd = bind_to(address);
  if (!fd) return fd;
  if (const auto listening = start_listening(fd->get()); !listening) return tl::unexpected(listening.error());
  return fd;
}

SocketResult<Accepted> accept_from(int listener) {
  sockaddr_in6 storage{};
  socklen_t length = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  int fd = -1;
  do {
    fd = ::accept4(listener, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return tl::unexpected(last_error());
  return Accepted{Fd(fd), Address(address, length)};
}

SocketResult<Address> local_address(int fd) {
  sockaddr_in6 storage{};
  socklen_t length = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(fd, address, &length) != 0) return tl::unexpected(last_error());
  return Address(address, length);
}

SocketResult<Fd> start_connect(const Address& address) {
  auto fd = new_socket(address.family());
  if (!fd) return fd;
  // After EINTR the connection goes on being made, as after EINPROGRESS.
  if (::connect(fd->get(), address.data(), address.length()) != 0 && errno != EINPROGRESS && errno != EINTR) {
    return tl::unexpected(last_error());
  }
  set_no_delay(fd->get());
  return fd;
}

std::error_code connect_outcome(int fd) {
  int code = 0;
  socklen_t length = sizeof code;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) != 0) return last_error();
  return {code, std::system_category()};
}

SocketResult<Fd> connect_within(const Address& address, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  auto fd = start_connect(address);
  if (!fd) return fd;
  pollfd waiting{fd->get(), POLLOUT, 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) break;
    if (ready == 0) return tl::unexpected(std::make_error_code(std::errc::timed_out));
    if (errno != EINTR) return tl::unexpected(last_error());
  }
  if (const std::error_code error = connect_outcome(fd->get())) return tl::unexpected(error);
  return fd;
}

// Not every stream is TCP (tests use socketpairs), and one that cannot is no worse off: errors do not matter
// here.
void set_no_delay(int fd) {
  const int on = 1;
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Fails only when the peer is already gone, which the next read or write says as well.
void shut_down_writing(int fd) { (void)::shutdown(fd, SHUT_WR); }

}  // namespace reactor
