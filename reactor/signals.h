// Signals as events of the loop, by signalfd.
//
// The signals must be blocked in every thread, or one that does not block them takes them in the old way. Threads inherit
// that: so block() comes before the first of them is made.
#pragma once

#include <functional>
#include <initializer_list>

#include "reactor/loop.h"

namespace reactor {

// Loop thread only.
class Signals final : public Watcher {
 public:
  using Callback = std::function<void(int signal)>;
  static void block(std::initializer_list<int> signals);
  // Of signals that are blocked. Both throw std::system_error if the system refuses.
  Signals(Loop& loop, std::initializer_list<int> signals, Callback callback);
  ~Signals() override;

  void on_ready(std::uint32_t epoll_events) override;

 private:
  Loop& loop_;
  Callback callback_;
  Fd fd_;
};

}  // namespace reactor
