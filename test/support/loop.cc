#include "test/support/loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <thread>

namespace support {

void run_beside(reactor::Loop& loop, const std::function<void()>& other) {
  std::thread thread([&] {
    try {
      other();
    } catch (const std::exception& exception) {
      ADD_FAILURE() << exception.what();
    }
    loop.post([&loop] { loop.stop(); });
  });
  loop.run();
  thread.join();
}

// The first task may run in a turn whose events were taken before the call; the second runs in a later one.
void settle(reactor::Loop& loop) {
  on_loop(loop, [] {});
  on_loop(loop, [] {});
}

void Log::add(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  changed_.notify_all();
}

void Log::wait_for(std::string_view line) const {
  std::unique_lock lock(mutex_);
  const auto is_there = [&] { return std::ranges::find(lines_, line) != lines_.end(); };
  if (changed_.wait_for(lock, kGenerousLimit, is_there)) return;
  throw std::runtime_error("waited in vain for '" + std::string(line) + "'; there is " +
                           testing::PrintToString(lines_));
}

std::vector<std::string> Log::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace support
