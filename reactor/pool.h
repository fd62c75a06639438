// A bounded pool of worker threads whose results come back to the loop.
//
// A job takes values, works on a thread of the pool and gives a value; the continuation gets it on the loop.
// A full queue refuses at once, so that the caller can say "overloaded" instead of letting people wait. Jobs
// never touch what belongs to the loop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "reactor/loop.h"
#include "reactor/priority.h"

namespace reactor {

// How many processors the calling thread may run on, which in a container or under taskset is not how many there are.
[[nodiscard]] std::size_t usable_processors();

// Made, used and destroyed on the loop thread. The loop outlives it.
class Pool {
 public:
  // `name` is shown by tools such as top; at most 12 characters of it. `priority` is that of its threads;
  // those of Priority::kLower yield to the loop while they work (see yielding.h).
  Pool(Loop& loop, const std::string& name, std::size_t threads, std::size_t queue_limit,
       Priority priority = Priority::kOrdinary);
  // Waits for the jobs at work, and drops those that wait. The loop runs no more by then: no continuation is called.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs job(worker) -> Value on a worker, numbered from 0, and then on the loop
  // done(tl::expected<Value, std::exception_ptr>): the error is what the job threw.
  // False, and neither is ever called, when the queue is full.
  template <typename Job, typename Done>
  [[nodiscard]] bool submit(Job job, Done done) {
    return enqueue(std::make_unique<TypedTask<Job, Done>>(std::move(job), std::move(done)));
  }

  [[nodiscard]] std::size_t threads() const { return threads_.size(); }
  // Jobs that wait, those at work not counted.
  [[nodiscard]] std::size_t waiting() const;

 private:
  class Task {
   public:
    Task() = default;
    virtual ~Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    virtual void work(std::size_t worker) noexcept = 0;
    virtual void finish() = 0;
  };

  template <typename Job, typename Done>
  class TypedTask final : public Task {
   public:
    using Value = std::invoke_result_t<Job&, std::size_t>;
    TypedTask(Job job, Done done) : job_(std::move(job)), done_(std::move(done)) {}
    void work(std::size_t worker) noexcept override {
      try {
        result_.emplace(job_(worker));
      } catch (...) {
        result_.emplace(tl::unexpected(std::current_exception()));
      }
    }
    void finish() override { done_(std::move(*result_)); }

   private:
    Job job_;
    Done done_;
    std::optional<tl::expected<Value, std::exception_ptr>> result_;
  };

  [[nodiscard]] bool enqueue(std::unique_ptr<Task> task);
  void work(std::size_t worker, Priority priority);
  void deliver();

  Loop& loop_;
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Task>> waiting_;    // guarded by mutex_
  std::vector<std::unique_ptr<Task>> finished_;  // guarded by mutex_
  bool stopping_ = false;                        // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace reactor
