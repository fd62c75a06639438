// A journal in a directory of its own, on a disk that fails when it is told to.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <numeric>
#include <set>

#include "dictd/journal.h"
#include "dictd/journal_reader.h"
#include "test/support/temp_dir.h"

namespace dictd::journal_test {

inline Event event(std::uint64_t number, std::size_t word_size = 5) {
  return {number, 7, static_cast<std::int64_t>(number) * 10, std::string(word_size, 'w')};
}

// The faults that the disk has; DiskCalls takes plain functions, so they are in one place for the test that
// runs.
struct Faults {
  std::atomic<int> writes = 0;
  std::atomic<int> failing_writes = 0;       // that many of the next fail with EIO
  std::atomic<std::size_t> short_write = 0;  // if not 0: at most so many bytes a call
  std::atomic<int> interrupted = 0;          // that many of the next writes and fallocates fail with EINTR
  std::atomic<int> fallocate_error = 0;
  std::atomic<off_t> room = -1;  // if not negative: the largest file size fallocate can make
  std::atomic<int> syncs = 0;
  std::atomic<int> failing_syncs = 0;
  std::mutex gate;  // held: syncs wait
  std::set<ino_t> synced;
};
inline Faults* faults;

inline int failed(int code) {
  errno = code;
  return -1;
}

inline ssize_t faulty_write(int fd, const void* bytes, std::size_t size) {
  ++faults->writes;
  if (faults->interrupted > 0) return --faults->interrupted, failed(EINTR);
  if (faults->failing_writes > 0) {
    --faults->failing_writes;
    if (::write(fd, bytes, size / 2) < 0) return -1;  // a failing disk may have taken a part
    return failed(EIO);
  }
  return ::write(fd, bytes, faults->short_write > 0 ? std::min<std::size_t>(size, faults->short_write) : size);
}

inline int faulty_fallocate(int fd, int mode, off_t offset, off_t length) {
  if (faults->interrupted > 0) return --faults->interrupted, failed(EINTR);
  if (faults->fallocate_error != 0) return failed(faults->fallocate_error);
  if (faults->room >= 0 && offset + length > faults->room) return failed(ENOSPC);
  return ::fallocate(fd, mode, offset, length);
}

inline int faulty_fdatasync(int fd) {
  const std::lock_guard wait(faults->gate);
  ++faults->syncs;
  struct stat status {};
  if (::fstat(fd, &status) == 0) faults->synced.insert(status.st_ino);
  if (faults->failing_syncs > 0) return --faults->failing_syncs, failed(EIO);
  return ::fdatasync(fd);
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    faults = &faults_;
    options_.directory = temp_.path() / "journal";
    options_.sync = SyncMode::kOff;
    options_.disk = {faulty_write, faulty_fdatasync, faulty_fallocate};
  }

  void open() {
    journal_.reset();
    auto opened = Journal::open(options_, [this] {
      const std::lock_guard lock(mutex_);
      ++notified_;
      condition_.notify_all();
    });
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
  }

  bool append(std::uint64_t number, std::size_t word_size = 5) {
    return journal_->append(event(number, word_size), now_).has_value();
  }
  bool commit() { return journal_->commit(now_).has_value(); }
  bool record(std::uint64_t number, std::size_t word_size = 5) { return append(number, word_size) && commit(); }

  // Appends and commits until there is no room; answers the last number that went in.
  std::uint64_t fill(std::uint64_t from, std::size_t word_size = 200) {
    while (record(from, word_size)) ++from;
    return from - 1;
  }

  std::vector<std::uint64_t> read(Position from = {}) {
    std::vector<Event> events;
    JournalReader reader(options_.directory, from);
    EXPECT_TRUE(reader.read(journal_->published().end, 1'000'000, events));
    EXPECT_THAT(reader.take_damage(), testing::IsEmpty());
    std::vector<std::uint64_t> numbers;
    for (const Event& e : events) {
      EXPECT_EQ(e, event(e.number, e.word.size()));
      numbers.push_back(e.number);
    }
    return numbers;
  }

  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
      if (segment_of_name(entry.path().filename().string())) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }

  Journal::Settled settle_until(const std::function<bool(const Journal::Settled&)>& condition) {
    for (;;) {
      std::unique_lock lock(mutex_);
      const int seen = notified_;
      lock.unlock();
      const Journal::Settled settled = journal_->settle(now_);
      if (condition(settled)) return settled;
      lock.lock();
      condition_.wait(lock, [&] { return notified_ != seen; });
    }
  }
  void settle_through(Ticket ticket) {
    settle_until([&](const Journal::Settled& s) { return s.durable >= ticket; });
  }

  Faults faults_;
  support::TempDir temp_;
  Journal::Options options_;
  Journal::Clock::time_point now_ = Journal::Clock::now();
  std::mutex mutex_;
  std::condition_variable condition_;
  int notified_ = 0;
  std::unique_ptr<Journal> journal_;
};

inline std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

}  // namespace dictd::journal_test
