#include "reactor/pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cassert>
#include <optional>

#include "reactor/yielding.h"

namespace reactor {

std::size_t usable_processors() {
  cpu_set_t set;
  // Fails where there are more than the set has bits for.
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::size_t>(CPU_COUNT(&set));
}

Pool::Pool(Loop& loop, const std::string& name, std::size_t threads, std::size_t queue_limit, Priority priority)
    : loop_(loop), queue_limit_(queue_limit) {
  assert(threads > 0);
  for (std::size_t worker = 0; worker < threads; ++worker) {
    threads_.emplace_back([this, worker, priority] {
      set_priority(priority);
      work(worker, priority);
    });
    // 15 characters is what the kernel keeps; a name that cannot be set is only not seen.
    const std::string thread_name = name.substr(0, 12) + "-" + std::to_string(worker % 100);
    (void)pthread_setname_np(threads_.back().native_handle(), thread_name.c_str());
  }
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t Pool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

bool Pool::enqueue(std::unique_ptr<Task> task) {
  assert(loop_.in_loop_thread());
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= queue_limit_) return false;
    waiting_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void Pool::work(std::size_t worker, Priority priority) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::unique_ptr<Task> task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    {
      std::optional<Yielding> yielding;
      if (priority == Priority::kLower) yielding.emplace();
      task->work(worker);
    }
    lock.lock();
    const bool first = finished_.empty();
    finished_.push_back(std::move(task));
    if (first) loop_.post([this] { deliver(); });
  }
}

void Pool::deliver() {
  std::vector<std::unique_ptr<Task>> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (const std::unique_ptr<Task>& task : finished) task->finish();
}

}  // namespace reactor
