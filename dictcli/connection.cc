#include "dictcli/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "dictcli/interrupt.h"
#include "reactor/address.h"
#include "reactor/socket.h"

namespace dictcli {
namespace {

constexpr std::size_t kRoomPerRead = 16384;

using Kind = Failure::Kind;

}  // namespace

Result<Connection> Connection::open(const Endpoint& server) {
  const auto addresses = reactor::resolve(server.host, server.port);
  if (!addresses) return tl::unexpected(Failure{.kind = Kind::kUnknownHost, .server = server.host});
  int reason = 0;
  for (const reactor::Address& address : *addresses) {
    auto fd = reactor::connect_within(address, kConnectLimit);
    if (fd) return Connection(std::move(*fd));
    reason = fd.error().value();
  }
  return tl::unexpected(Failure{.kind = Kind::kCannotConnect, .server = server.text(), .errno_value = reason});
}

Result<void> Connection::wait(short events) const {
  for (;;) {
    switch (wait_for(fd_.get(), events, kAnswerLimit)) {
      case Wake::kReady: return {};
      case Wake::kTimeout: return tl::unexpected(Failure{.kind = Kind::kAnswerTimedOut});
      case Wake::kSignal:
        if (obey_signal()) return tl::unexpected(Failure{.kind = Kind::kInterrupted});
    }
  }
}

Result<void> Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (auto ready = wait(POLLOUT); !ready) return ready;
    } else if (errno != EINTR) {
      return tl::unexpected(Failure{.kind = Kind::kLost});
    }
  }
  return {};
}

Result<void> Connection::receive(reactor::Buffer& into) {
  for (;;) {
    const std::span<char> room = into.prepare(kRoomPerRead);
    const ssize_t count = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (count > 0) {
      into.commit(static_cast<std::size_t>(count));
      return {};
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) return tl::unexpected(Failure{.kind = Kind::kLost});
    if (errno == EAGAIN) {
      if (auto ready = wait(POLLIN); !ready) return ready;
    }
  }
}

bool Connection::has_news() const {
  pollfd watched{fd_.get(), POLLIN, 0};
  return ::poll(&watched, 1, 0) > 0;
}

}  // namespace dictcli
