// The stream of bytes between dictcli and a server, every step with a time limit.
//
// The one place that knows it is a TCP socket: another kind of stream goes in here. Frames and their meaning
// are the client's (client.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "dictcli/failure.h"
#include "reactor/buffer.h"
#include "reactor/fd.h"

namespace dictcli {

struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8888;
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

inline constexpr std::chrono::seconds kConnectLimit{5};
inline constexpr std::chrono::seconds kAnswerLimit{30};  // for each wait for more bytes

// An open connection; blocks its one thread, until Ctrl-C. After a failure it is of no more use.
class Connection {
 public:
  // Tries each address of the host in turn.
  [[nodiscard]] static Result<Connection> open(const Endpoint& server);

  [[nodiscard]] Result<void> send(std::string_view bytes);
  // Appends at least one byte.
  [[nodiscard]] Result<void> receive(reactor::Buffer& into);
  // Whether receive() would not wait: for bytes nobody asked for, or the end of the connection.
  [[nodiscard]] bool has_news() const;

 private:
  explicit Connection(reactor::Fd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Result<void> wait(short events) const;

  reactor::Fd fd_;
};

}  // namespace dictcli
