// Sockets as the courses use them: they block, one client at a time.
#pragma once

#include "reactor/buffer.h"
#include "reactor/fd.h"
#include "test/bench/peers/model/options.h"
#include "test/bench/peers/model/words.h"

namespace model {

// A listener on 127.0.0.1, announced on standard output; as many descriptors are allowed as can be.
[[nodiscard]] reactor::Fd start_listening(const Options& options);

// The next client; waits for it.
[[nodiscard]] reactor::Fd accept_client(int listener);

// A client's connection. One thread's.
class Client {
 public:
  explicit Client(reactor::Fd fd) : fd_(std::move(fd)) {}

  // Receives once, answers what is whole, and sends it all; each call waits. False: the client is gone.
  [[nodiscard]] bool serve(Answerer& answerer);

 private:
  reactor::Fd fd_;
  reactor::Buffer input_;
  reactor::Buffer output_;
};

}  // namespace model
