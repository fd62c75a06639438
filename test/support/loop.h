// A loop under test on the test's own thread, and what a client or a worker does meanwhile on another.
//
// What the two tell each other goes through here, so that a test waits for what happens and never for a time. Not for
// a loop in a process of its own (process.h).
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/loop.h"
#include "test/support/process.h"

namespace support {

// Runs the loop here and `other` on a thread of its own, and stops the loop when `other` is done. An exception of
// `other` is a failure of the test.
void run_beside(reactor::Loop& loop, const std::function<void()>& other);

// Runs `task` on the loop and gives its value. Not on the loop's thread.
template <typename Task>
auto on_loop(reactor::Loop& loop, Task task) {
  auto packaged = std::make_unique<std::packaged_task<std::invoke_result_t<Task&>()>>(std::move(task));
  auto result = packaged->get_future();
  loop.post([raw = packaged.get()] { (*raw)(); });
  if (result.wait_for(kGenerousLimit) == std::future_status::ready) return result.get();
  (void)packaged.release();  // the loop may still come to it
  throw std::runtime_error("the loop is stuck");
}

// Returns when the loop has dealt with everything that happened before the call. Not on the loop's thread.
void settle(reactor::Loop& loop);

// What happened, in order, as a test wants to read it. Any thread.
class Log {
 public:
  void add(std::string line);
  // Until this line is there; throws with what is there instead.
  void wait_for(std::string_view line) const;
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace support
