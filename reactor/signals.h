// Signals as events of the loop, by signalfd.
//
// Blocks the signals it is made for in the calling thread; threads made later inherit that. So it is made
// first of all.
#pragma once

#include <functional>
#include <initializer_list>

#include "reactor/loop.h"

namespace reactor {

// Loop thread only.
class Signals final : public Watcher {
 public:
  using Callback = std::function<void(int signal)>;
  // Throws std::system_error if the system refuses.
  Signals(Loop& loop, std::initializer_list<int> signals, Callback callback);
  ~Signals() override;

  void on_ready(std::uint32_t epoll_events) override;

 private:
  Loop& loop_;
  Callback callback_;
  Fd fd_;
};

}  // namespace reactor
