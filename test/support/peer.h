// The far end of a connection under test: a blocking socket, as a simple client has one.
//
// What does not happen within support::kGenerousLimit is thrown as std::runtime_error. Not for programs under test
// (process.h), and it knows nothing of frames.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "reactor/address.h"
#include "reactor/fd.h"
#include "reactor/stream.h"

namespace support {

// One thread at a time.
class Peer {
 public:
  explicit Peer(reactor::Fd connected);
  static Peer connect(const reactor::Address& address);

  // All of it; throws when the other end is gone.
  void send(std::string_view bytes);
  // False when the other end is gone.
  [[nodiscard]] bool try_send(std::string_view bytes);
  // So many bytes, or fewer if the other end finishes before. Throws on a reset.
  std::string receive(std::size_t bytes);
  // Everything until the other end finishes. Throws on a reset.
  std::string receive_all() { return receive(std::string::npos); }
  // What is here already, without waiting.
  std::string receive_now();

  void finish_writing();
  // Ends it as a crash does: the other end gets a reset (TCP only).
  void reset();
  void close() { fd_.reset(); }

  [[nodiscard]] reactor::Address local_address() const;

 private:
  reactor::Fd fd_;
};

// Two ends that are connected with each other.
struct Ends {
  Peer peer;
  std::unique_ptr<reactor::Stream> stream;
};
// By a socketpair; `send_buffer` is what the stream's end holds for a peer that does not read, 0 for the system's own.
[[nodiscard]] Ends connected_ends(int send_buffer = 0);
// By TCP on this machine.
[[nodiscard]] Ends connected_tcp_ends();

}  // namespace support
