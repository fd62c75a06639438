// A listening socket on the loop.
//
// Takes waiting connections until EAGAIN, at most a cap per turn, so that a storm of them cannot starve those
// that are served. When the process is out of descriptors or memory it pauses and tries again by timer: an
// edge does not come twice for connections that already wait.
#pragma once

#include <cstdint>
#include <functional>

#include "reactor/address.h"
#include "reactor/fd.h"
#include "reactor/loop.h"
#include "reactor/timers.h"

namespace reactor {

// Loop thread only.
class Acceptor final : public Watcher {
 public:
  static constexpr int kPerTurn = 256;
  static constexpr std::chrono::milliseconds kPause{100};

  using OnAccept = std::function<void(Fd, const Address& peer)>;
  // Told once for each pause, with the reason.
  using OnTrouble = std::function<void(std::error_code)>;

  Acceptor(Loop& loop, Fd listener, OnAccept on_accept, OnTrouble on_trouble);
  ~Acceptor() override;

  // Connections that wait in the kernel's queue are refused by it once the socket is closed.
  void close();

  void on_ready(std::uint32_t epoll_events) override;
  void on_again() override;

 private:
  void accept_some();

  Loop& loop_;
  Fd listener_;
  OnAccept on_accept_;
  OnTrouble on_trouble_;
  Timer retry_;
};

}  // namespace reactor
