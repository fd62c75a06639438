// The stream of bytes between dictcli and a server, every step with a time limit.
//
// The one place that knows what kind of stream it is: a TCP socket, or TLS over one. Frames and their meaning are the
// client's (client.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dictcli/failure.h"
#include "reactor/buffer.h"
#include "reactor/fd.h"
#include "reactor/stream.h"

namespace dictcli {

struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8888;
  bool tls = false;
  std::string ca_file = {};  // whose certificates are trusted; empty: whom the system trusts
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

inline constexpr std::chrono::seconds kConnectLimit{5};
inline constexpr std::chrono::seconds kAnswerLimit{30};  // for each wait for more bytes

// An open connection; blocks its one thread, until Ctrl-C. After a failure it is of no more use.
class Connection {
 public:
  // Tries each address of the host in turn.
  [[nodiscard]] static Result<Connection> open(const Endpoint& server);
  ~Connection();  // says its end
  Connection(Connection&&) = default;
  Connection& operator=(Connection&&) = default;

  [[nodiscard]] Result<void> send(std::string_view bytes);
  // Appends at least one byte.
  [[nodiscard]] Result<void> receive(reactor::Buffer& into);
  // Whether receive() would not wait: for bytes nobody asked for, or the end of the connection.
  [[nodiscard]] bool has_news();

 private:
  explicit Connection(std::unique_ptr<reactor::Stream> stream) : stream_(std::move(stream)) {}
  [[nodiscard]] static Result<Connection> over(reactor::Fd socket, const Endpoint& server);

  std::unique_ptr<reactor::Stream> stream_;  // null once it was moved from
  reactor::Buffer early_;                    // what has_news() read
};

}  // namespace dictcli
