#include "dictcli/connection.h"

#include <poll.h>

#include <utility>

#include "dictcli/interrupt.h"
#include "reactor/address.h"
#include "reactor/socket.h"
#include "reactor/tls.h"

namespace dictcli {
namespace {

constexpr std::size_t kRoomPerRead = 16384;

using Kind = Failure::Kind;
using reactor::IoResult;

// Until the stream can go on after it said kAgain. `usual` is the event that its call waits for, and `other` the one of
// the other direction.
Result<void> wait(const reactor::Stream& stream, const IoResult& result, short usual, short other) {
  for (;;) {
    switch (wait_for(stream.fd(), result.crossed ? other : usual, kAnswerLimit)) {
      case Wake::kReady: return {};
      case Wake::kTimeout: return tl::unexpected(Failure{.kind = Kind::kAnswerTimedOut});
      case Wake::kSignal:
        if (obey_signal()) return tl::unexpected(Failure{.kind = Kind::kInterrupted});
    }
  }
}

Kind failed_handshake(std::error_code error) {
  if (error == reactor::TlsError::kProtocol) return Kind::kNoTls;
  if (error == reactor::TlsError::kUntrustedCertificate) return Kind::kUntrustedCertificate;
  if (error == reactor::TlsError::kWrongHost) return Kind::kWrongHost;
  if (error == reactor::TlsError::kOutOfDate) return Kind::kCertificateOutOfDate;
  return Kind::kLost;
}

}  // namespace

Result<Connection> Connection::open(const Endpoint& server) {
  const auto addresses = reactor::resolve(server.host, server.port);
  if (!addresses) return tl::unexpected(Failure{.kind = Kind::kUnknownHost, .server = server.host});
  int reason = 0;
  for (const reactor::Address& address : *addresses) {
    auto fd = reactor::connect_within(address, kConnectLimit);
    if (fd) return over(std::move(*fd), server);
    reason = fd.error().value();
  }
  return tl::unexpected(Failure{.kind = Kind::kCannotConnect, .server = server.text(), .errno_value = reason});
}

Result<Connection> Connection::over(reactor::Fd socket, const Endpoint& server) {
  if (!server.tls) return Connection(std::make_unique<reactor::SocketStream>(std::move(socket)));
  const auto context = reactor::TlsContext::for_client(server.ca_file);
  if (!context) return tl::unexpected(Failure{.kind = Kind::kUnusableCa, .server = server.ca_file});
  auto stream = std::make_unique<reactor::TlsStream>(*context, std::move(socket), server.host);
  for (;;) {
    const IoResult result = stream->handshake();
    if (result.kind == IoResult::Kind::kDone) return Connection(std::move(stream));
    if (result.kind != IoResult::Kind::kAgain) {
      return tl::unexpected(Failure{.kind = failed_handshake(result.error), .server = server.text()});
    }
    if (auto ready = wait(*stream, result, POLLIN, POLLOUT); !ready) return tl::unexpected(ready.error());
  }
}

Connection::~Connection() {
  if (stream_) stream_->finish();
}

Result<void> Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult result = stream_->write(bytes);
    if (result.kind == IoResult::Kind::kDone) {
      bytes.remove_prefix(result.bytes);
    } else if (result.kind != IoResult::Kind::kAgain) {
      return tl::unexpected(Failure{.kind = Kind::kLost});
    } else if (auto ready = wait(*stream_, result, POLLOUT, POLLIN); !ready) {
      return ready;
    }
  }
  return {};
}

Result<void> Connection::receive(reactor::Buffer& into) {
  if (!early_.empty()) {
    into.append(early_.view());
    early_.consume(early_.size());
    return {};
  }
  for (;;) {
    const IoResult result = stream_->read(into.prepare(kRoomPerRead));
    if (result.kind == IoResult::Kind::kDone) {
      into.commit(result.bytes);
      return {};
    }
    if (result.kind != IoResult::Kind::kAgain) return tl::unexpected(Failure{.kind = Kind::kLost});
    if (auto ready = wait(*stream_, result, POLLIN, POLLOUT); !ready) return ready;
  }
}

// Only a read can tell: TLS has bytes of its own that are no news.
bool Connection::has_news() {
  const IoResult result = stream_->read(early_.prepare(kRoomPerRead));
  early_.commit(result.bytes);
  return result.kind != IoResult::Kind::kAgain;
}

}  // namespace dictcli
