// A client of a loop that calls whoever is ready: select and poll.
#pragma once

#include "reactor/buffer.h"
#include "reactor/fd.h"
#include "test/bench/peers/model/look_up.h"

namespace model {

// Does not wait for its peer; for the look-up it does.
class Client {
 public:
  explicit Client(reactor::Fd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  // It is to be told when it can write, and not when it can read; else the other way round.
  [[nodiscard]] bool waits_to_write() const { return !output_.empty(); }

  // What it waited for has come. False when it is at its end.
  [[nodiscard]] bool on_ready(LookUp& look_up);

 private:
  [[nodiscard]] bool read_and_answer(LookUp& look_up);
  [[nodiscard]] bool write();

  reactor::Fd fd_;
  reactor::Buffer input_;
  reactor::Buffer output_;
};

}  // namespace model
