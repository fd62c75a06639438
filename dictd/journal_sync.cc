#include "dictd/journal_sync.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dictd {

JournalSync::JournalSync(File directory, std::chrono::milliseconds interval, const DiskCalls& disk,
                         std::function<void()> notify)
    : directory_(std::move(directory)), interval_(interval), disk_(disk), notify_(std::move(notify)), thread_([this] {
        run();
      }) {}

void JournalSync::written(Ticket ticket, int fd) {
  {
    const std::lock_guard lock(mutex_);
    next_.ticket = ticket;
    next_.fd = fd;
  }
  // With an interval the thread wakes by itself.
  if (interval_.count() == 0) wake_.notify_one();
}

void JournalSync::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
  }
  wake_.notify_one();
}

void JournalSync::remind() {
  const std::lock_guard lock(mutex_);
  remind_ = true;
}

void JournalSync::retire(File file) {
  {
    const std::lock_guard lock(mutex_);
    if (next_.fd == file.fd()) next_.fd = -1;
    next_.retired.push_back(std::move(file));
  }
  // Perhaps nothing more can be written before it is closed.
  if (interval_.count() == 0) wake_.notify_one();
}

void JournalSync::created() {
  const std::lock_guard lock(mutex_);
  next_.directory = true;
}

JournalSync::News JournalSync::news() const {
  const std::lock_guard lock(mutex_);
  return news_;
}

void JournalSync::restart() {
  const std::lock_guard lock(mutex_);
  next_ = Work{};
  next_.ticket = news_.synced;
  news_.failure.reset();
}

void JournalSync::finish() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  run();
}

bool JournalSync::has_work() const { return !news_.failure && (next_.ticket > news_.synced || !next_.retired.empty()); }

void JournalSync::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (interval_.count() == 0) {
      wake_.wait(lock, [this] { return stop_ || has_work(); });
    } else {
      wake_.wait_for(lock, interval_, [this] { return stop_ || hurry_; });
    }
    hurry_ = false;
    const bool remind = std::exchange(remind_, false);
    if (!has_work()) {
      if (stop_) return;
      if (remind) {
        lock.unlock();
        notify_();
        lock.lock();
      }
      continue;
    }
    // The file of next_ stays what is being written to; the rest of the work is taken.
    Work work{next_.ticket, next_.fd, std::exchange(next_.directory, false), std::exchange(next_.retired, {})};
    lock.unlock();
    const Status synced = sync(work);
    lock.lock();
    if (synced) {
      news_.synced = work.ticket;
    } else {
      news_.failure = synced.error();
    }
    lock.unlock();
    // Not under the lock, which the loop would wait for: the last close of a removed file gives its space back, and that
    // takes its time. Before anybody is told, who may be in need of that space.
    work.retired.clear();
    notify_();
    lock.lock();
  }
}

Status JournalSync::sync(const Work& work) const {
  const auto failed = [] { return tl::unexpected(SystemError{errno}); };
  for (const File& file : work.retired) {
    if (const auto synced = file.sync(disk_); !synced) return synced;
  }
  if (work.fd >= 0 && disk_.fdatasync(work.fd) != 0) return failed();
  // Some file systems have nothing to sync in a directory, and say so.
  if (work.directory && ::fsync(directory_.fd()) != 0 && errno != EINVAL) return failed();
  return {};
}

}  // namespace dictd
