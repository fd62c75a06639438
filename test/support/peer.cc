#include "test/support/peer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "reactor/socket.h"
#include "test/support/process.h"

namespace support {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

template <typename T>
void set_option(int fd, int name, const T& value) {
  if (::setsockopt(fd, SOL_SOCKET, name, &value, sizeof value) != 0) fail("setsockopt");
}

template <typename T>
T expect(reactor::SocketResult<T> result, const char* what) {
  if (!result) throw std::system_error(result.error(), what);
  return std::move(*result);
}

constexpr std::size_t kAtOnce = 64 * 1024;

}  // namespace

Peer::Peer(reactor::Fd connected) : fd_(std::move(connected)) {
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd_.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) fail("fcntl");
  const timeval limit{kGenerousLimit.count(), 0};
  set_option(fd_.get(), SO_RCVTIMEO, limit);
  set_option(fd_.get(), SO_SNDTIMEO, limit);
}

Peer Peer::connect(const reactor::Address& address) {
  return Peer(expect(reactor::connect_within(address, kGenerousLimit), "connect"));
}

void Peer::send(std::string_view bytes) {
  if (!try_send(bytes)) throw std::runtime_error("the other end reads no more");
}

bool Peer::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE || errno == ECONNRESET) return false;
      fail("send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Peer::receive(std::size_t bytes) {
  std::string all;
  std::array<char, kAtOnce> piece;
  while (all.size() < bytes) {
    const ssize_t got = ::recv(fd_.get(), piece.data(), std::min(piece.size(), bytes - all.size()), 0);
    if (got == 0) break;
    if (got > 0) {
      all.append(piece.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::system_category(), "recv, after " + std::to_string(all.size()) + " bytes");
    }
  }
  return all;
}

std::string Peer::receive_now() {
  std::string all(kAtOnce, '\0');
  const ssize_t got = ::recv(fd_.get(), all.data(), all.size(), MSG_DONTWAIT);
  if (got < 0 && errno != EAGAIN) fail("recv");
  all.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return all;
}

void Peer::finish_writing() { reactor::shut_down_writing(fd_.get()); }

void Peer::reset() {
  set_option(fd_.get(), SO_LINGER, linger{1, 0});
  fd_.reset();
}

reactor::Address Peer::local_address() const { return expect(reactor::local_address(fd_.get()), "getsockname"); }

Ends connected_ends(int send_buffer) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) != 0) fail("socketpair");
  reactor::Fd far(fds[0]);
  reactor::Fd near(fds[1]);
  if (send_buffer > 0) set_option(near.get(), SO_SNDBUF, send_buffer);
  return {Peer(std::move(far)), std::make_unique<reactor::SocketStream>(std::move(near))};
}

Ends connected_tcp_ends() {
  const auto address = reactor::parse_listen_address("127.0.0.1:0");
  if (!address) throw std::runtime_error(address.error());
  const reactor::Fd listener = expect(reactor::listen_on(*address), "listen");
  Peer peer = Peer::connect(expect(reactor::local_address(listener.get()), "getsockname"));
  // The three-way handshake is done when connect is, so the connection waits there already.
  auto accepted = expect(reactor::accept_from(listener.get()), "accept");
  return {std::move(peer), std::make_unique<reactor::SocketStream>(std::move(accepted.fd))};
}

}  // namespace support
