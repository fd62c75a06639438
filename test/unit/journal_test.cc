// What the journal promises, and what it does about a disk that fails. Damaged files are
// journal_reader_test.cc's.
#include "dictd/journal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <numeric>

#include "dictd/journal_reader.h"
#include "test/support/temp_dir.h"

namespace dictd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Event event(std::uint64_t number, std::size_t word_size = 5) {
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
};
Faults* faults;

int failed(int code) {
  errno = code;
  return -1;
}

ssize_t faulty_write(int fd, const void* bytes, std::size_t size) {
  ++faults->writes;
  if (faults->interrupted > 0) return --faults->interrupted, failed(EINTR);
  if (faults->failing_writes > 0) {
    --faults->failing_writes;
    if (::write(fd, bytes, size / 2) < 0) return -1;  // a failing disk may have taken a part
    return failed(EIO);
  }
  return ::write(fd, bytes,
                 faults->short_write > 0 ? std::min<std::size_t>(size, faults->short_write) : size);
}

int faulty_fallocate(int fd, int mode, off_t offset, off_t length) {
  if (faults->interrupted > 0) return --faults->interrupted, failed(EINTR);
  if (faults->fallocate_error != 0) return failed(faults->fallocate_error);
  if (faults->room >= 0 && offset + length > faults->room) return failed(ENOSPC);
  return ::fallocate(fd, mode, offset, length);
}

int faulty_fdatasync(int fd) {
  const std::lock_guard wait(faults->gate);
  ++faults->syncs;
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
  bool record(std::uint64_t number, std::size_t word_size = 5) {
    return append(number, word_size) && commit();
  }

  // Appends and commits until there is no room; answers the last number that went in.
  std::uint64_t fill(std::uint64_t from, std::size_t word_size = 200) {
    while (record(from, word_size)) ++from;
    return from - 1;
  }

  std::vector<std::uint64_t> read(Position from = {}) {
    std::vector<Event> events;
    JournalReader reader(options_.directory, from);
    EXPECT_TRUE(reader.read(journal_->published().end, 1'000'000, events));
    EXPECT_THAT(reader.take_damage(), IsEmpty());
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

std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

TEST_F(JournalTest, HoldsWhatWasCommittedAndNoMore) {
  open();
  EXPECT_TRUE(append(1) && append(2));
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_TRUE(commit());
  EXPECT_TRUE(append(3));
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(JournalTest, WritesATurnWithOneCall) {
  open();
  faults_.writes = 0;
  EXPECT_TRUE(append(1) && append(2) && append(3) && commit() && commit());
  EXPECT_EQ(faults_.writes, 1);
}

TEST_F(JournalTest, CountsTicketsByCommits) {
  open();
  EXPECT_EQ(journal_->upcoming(), 0U);
  EXPECT_TRUE(append(1));
  EXPECT_EQ(journal_->upcoming(), 1U);
  EXPECT_EQ(journal_->commit(now_), Ticket{1});
  EXPECT_EQ(journal_->commit(now_), Ticket{1}) << "nothing to write";
  EXPECT_EQ(journal_->upcoming(), 1U);
  EXPECT_EQ(journal_->published().ticket, 1U);
}

TEST_F(JournalTest, BeginsASegmentAtEachStart) {
  open();
  EXPECT_TRUE(record(1));
  open();
  EXPECT_TRUE(record(2));
  EXPECT_THAT(segments(), ElementsAre(segment_name(1), segment_name(2)));
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(JournalTest, NeverUsesASegmentsNumberAgain) {
  open();
  EXPECT_TRUE(record(1));
  ASSERT_TRUE(MarkFile(options_.directory).write({journal_->published().end, 1}, false));
  open();
  EXPECT_THAT(segments(), ElementsAre(segment_name(2))) << "the drained one is gone";
  journal_.reset();
  std::filesystem::rename(options_.directory / segment_name(2),
                          options_.directory / (segment_name(2) + ".damaged"));
  open();
  EXPECT_THAT(segments(), ElementsAre(segment_name(3)));
}

TEST_F(JournalTest, TellsTheNewestNumberInEachHeader) {
  options_.segment_bytes = 4096;
  open();
  std::uint64_t number = 0;
  while (segments().size() < 2) EXPECT_TRUE(record(++number, 200));
  JournalReader reader(options_.directory, {2, 0});
  std::vector<Event> none;
  ASSERT_TRUE(reader.read(journal_->published().end, 10, none));
  EXPECT_EQ(reader.newest(), number);
}

TEST_F(JournalTest, RotatesAndRemovesWhatIsDrained) {
  options_.segment_bytes = 4096;
  open();
  for (std::uint64_t n = 1; n <= 100; ++n) EXPECT_TRUE(record(n, 200));
  EXPECT_THAT(read(), up_to(100));
  EXPECT_EQ(segments().size(), 6U);
  const std::uint64_t before = journal_->bytes();
  journal_->drained({3, 0});
  EXPECT_EQ(segments().front(), segment_name(3));
  EXPECT_LT(journal_->bytes(), before);
  journal_->drained(journal_->published().end);
  EXPECT_EQ(segments().size(), 1U) << "the one being written stays";
}

TEST_F(JournalTest, RefusesAtItsBoundAndGoesOnWhenDrained) {
  options_.max_bytes = 64 << 10;
  open();
  const std::uint64_t last = fill(1);
  EXPECT_LE(journal_->bytes(), options_.max_bytes);
  EXPECT_THAT(journal_->append(event(last + 1, 200), now_ + 1s).error().message, HasSubstr("--journal-max"));
  EXPECT_THAT(read(), up_to(last));
  journal_->drained(journal_->published().end);
  now_ += 2s;
  EXPECT_TRUE(record(last + 1, 200));
  EXPECT_THAT(read({2, 0}).back(), last + 1);
}

TEST_F(JournalTest, CountsWhatEarlierRunsLeft) {
  options_.max_bytes = 64 << 10;
  open();
  const std::uint64_t last = fill(1);
  open();
  EXPECT_FALSE(append(last + 1, 200));
  journal_->drained(journal_->published().end);
  now_ += 1s;
  EXPECT_TRUE(record(last + 1, 200));
}

TEST_F(JournalTest, LooksForRoomOnceInAWhile) {
  options_.retry_interval = 100ms;
  open();
  faults_.fallocate_error = EDQUOT;
  const std::uint64_t last = fill(1);
  EXPECT_THAT(journal_->append(event(last + 1, 200), now_).error().message, HasSubstr("quota"));
  faults_.fallocate_error = 0;
  now_ += 99ms;
  EXPECT_FALSE(append(last + 1, 200));
  now_ += 1ms;
  EXPECT_TRUE(record(last + 1, 200));
  EXPECT_THAT(read(), up_to(last + 1));
}

TEST_F(JournalTest, UsesTheLastOfTheRoom) {
  faults_.room = 1000;
  open();
  const std::uint64_t last = fill(1, 67);
  EXPECT_EQ(last, (1000 - kHeaderSize) / 100);
  EXPECT_THAT(read(), up_to(last));
}

// The limit is the process's: it is put back whatever happens.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() { EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before_), 0); }

 private:
  rlimit before_{};
};

TEST_F(JournalTest, FullDiskRefusesAndRoomAccepts) {
  open();
  std::uint64_t last = 0;
  {
    const FileSizeLimit full(20'000);
    last = fill(1);
    EXPECT_THAT(journal_->append(event(last + 1, 200), now_).error().message, HasSubstr("File too large"));
    EXPECT_THAT(read(), up_to(last));
  }
  now_ += 1s;
  EXPECT_TRUE(record(last + 1, 200));
  EXPECT_THAT(read(), up_to(last + 1));
}

TEST_F(JournalTest, AFileThatMayGrowNoFurtherIsLeftForANewOne) {
  open();  // has room reserved beyond the limit to come
  const FileSizeLimit limit(2000);
  for (std::uint64_t n = 1; n <= 13; ++n) EXPECT_TRUE(record(n, 200));
  EXPECT_THAT(segments(), ElementsAre(segment_name(1), segment_name(2)));
  EXPECT_THAT(read(), up_to(13));
}

TEST_F(JournalTest, FullDiskHasRoomAgainWhenAllIsDrained) {
  const FileSizeLimit full(20'000);
  open();
  const std::uint64_t last = fill(1);
  journal_->drained(journal_->published().end);
  now_ += 1s;
  EXPECT_TRUE(record(last + 1, 200));
  EXPECT_THAT(segments(), ElementsAre(segment_name(2)));
  EXPECT_THAT(read({1, 9999999}), ElementsAre(last + 1));
}

TEST_F(JournalTest, StartsOnAFullDisk) {
  faults_.fallocate_error = ENOSPC;
  open();
  EXPECT_FALSE(append(1));
  faults_.fallocate_error = 0;
  now_ += 1s;
  EXPECT_TRUE(record(1));
  EXPECT_THAT(read(), ElementsAre(1));
}

TEST_F(JournalTest, ReadsWhatEarlierRunsLeftThoughItsOwnSegmentCannotBeBegun) {
  open();
  EXPECT_TRUE(record(1));
  faults_.fallocate_error = ENOSPC;
  open();
  EXPECT_THAT(read(), ElementsAre(1));
}

TEST_F(JournalTest, LivesWithoutReservedSpace) {
  faults_.fallocate_error = EOPNOTSUPP;
  open();
  EXPECT_TRUE(record(1) && record(2));
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(JournalTest, ShortAndInterruptedWritesAreCompleted) {
  open();
  faults_.short_write = 7;
  faults_.interrupted = 3;
  EXPECT_TRUE(append(1) && append(2) && commit());
  EXPECT_THAT(read(), ElementsAre(1, 2));
}

TEST_F(JournalTest, WriteErrorMovesTheTurnToANewSegment) {
  open();
  EXPECT_TRUE(record(1));
  faults_.failing_writes = 1;
  EXPECT_TRUE(append(2) && append(3) && commit());
  EXPECT_TRUE(record(4));
  EXPECT_THAT(segments(), ElementsAre(segment_name(1), segment_name(2)));
  EXPECT_THAT(read(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read({2, 0}), ElementsAre(2, 3, 4)) << "the whole turn is in the new one";
}

TEST_F(JournalTest, WriteErrorsEverywhereDropTheTurnAndNothingElse) {
  open();
  EXPECT_TRUE(record(1));
  faults_.failing_writes = 2;
  EXPECT_TRUE(append(2) && append(3));
  const auto committed = journal_->commit(now_);
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error().message, HasSubstr("Input/output error"));
  EXPECT_THAT(read(), ElementsAre(1));
  EXPECT_FALSE(append(4)) << "until it is time to look for room again";
  now_ += 1s;
  EXPECT_TRUE(record(5));
  EXPECT_THAT(read(), ElementsAre(1, 5));
  open();
  EXPECT_THAT(read(), ElementsAre(1, 5)) << "what was refused is not in the files either";
}

TEST_F(JournalTest, RefusesADirectoryItCannotUse) {
  std::ofstream(options_.directory) << "a file";
  const auto opened = Journal::open(options_, [] {});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("Not a directory"));
}

TEST_F(JournalTest, OffIsDurableAtOnceAndNeverSyncs) {
  open();
  EXPECT_TRUE(record(1));
  EXPECT_EQ(journal_->durable(), 1U);
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 0);
}

TEST_F(JournalTest, IntervalIsDurableAtOnceAndSyncsLater) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1ms;
  open();
  faults_.gate.lock();
  EXPECT_TRUE(record(1));
  EXPECT_EQ(journal_->durable(), 1U);
  EXPECT_EQ(faults_.syncs, 0);
  faults_.gate.unlock();
  std::unique_lock lock(mutex_);
  condition_.wait(lock, [this] { return faults_.syncs > 0; });
}

TEST_F(JournalTest, SyncsBeforeItIsClosed) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1h;
  open();
  EXPECT_TRUE(record(1));
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 1);
}

TEST_F(JournalTest, AlwaysIsDurableOnlyWhenSynced) {
  options_.sync = SyncMode::kAlways;
  open();
  faults_.gate.lock();
  for (std::uint64_t n = 1; n <= 100; ++n) EXPECT_TRUE(record(n));
  EXPECT_EQ(journal_->settle(now_).durable, 0U);
  EXPECT_EQ(journal_->durable(), 0U);
  faults_.gate.unlock();
  settle_through(100);
  EXPECT_EQ(journal_->durable(), 100U);
  EXPECT_LE(faults_.syncs, 3) << "one sync covers all that waited";
}

TEST_F(JournalTest, FailedSyncMovesWhatIsNotSyncedToANewSegment) {
  options_.sync = SyncMode::kAlways;
  open();
  EXPECT_TRUE(record(1));
  settle_through(1);
  faults_.failing_syncs = 1;
  faults_.gate.lock();
  EXPECT_TRUE(record(2) && record(3) && append(4));
  faults_.gate.unlock();
  settle_through(3);
  EXPECT_TRUE(commit());
  settle_through(4);
  EXPECT_THAT(segments(), ElementsAre(segment_name(1), segment_name(2)));
  const auto moved = read({2, 0});
  EXPECT_TRUE(std::ranges::includes(moved, std::vector<std::uint64_t>{2, 3, 4}))
      << testing::PrintToString(moved);
}

TEST_F(JournalTest, FailedSyncDoesNotBringBackWhatIsDrained) {
  options_.sync = SyncMode::kAlways;
  open();
  faults_.failing_syncs = 1;
  faults_.gate.lock();
  EXPECT_TRUE(record(1) && record(2));
  journal_->drained(journal_->published().end);
  EXPECT_TRUE(record(3));
  faults_.gate.unlock();
  settle_through(3);
  EXPECT_THAT(read({2, 0}), ElementsAre(3));
}

TEST_F(JournalTest, FailedSyncWithNowhereToGoLosesTheTicketsAndSaysSo) {
  options_.sync = SyncMode::kAlways;
  open();
  EXPECT_TRUE(record(1));
  settle_through(1);
  faults_.failing_syncs = 1;
  faults_.gate.lock();
  EXPECT_TRUE(record(2) && record(3));
  faults_.failing_writes = 1;
  faults_.gate.unlock();
  const Journal::Settled settled = settle_until([](const Journal::Settled& s) { return s.lost != 0; });
  EXPECT_EQ(settled.lost, 3U);
  EXPECT_LT(settled.durable, 3U);
  EXPECT_FALSE(append(4));
  now_ += 1s;
  EXPECT_TRUE(record(5));
  settle_through(4);
  EXPECT_EQ(journal_->settle(now_).lost, 0U);
}

TEST_F(JournalTest, RotatingLosesNoSync) {
  options_.sync = SyncMode::kAlways;
  options_.segment_bytes = 4096;
  open();
  for (std::uint64_t n = 1; n <= 200; ++n) EXPECT_TRUE(record(n, 200));
  settle_through(200);
  EXPECT_GE(faults_.syncs, 1);
  EXPECT_THAT(read(), up_to(200));
}

TEST_F(JournalTest, TwoDirectoriesAreTwoJournals) {
  open();
  Journal::Options other = options_;
  other.directory = temp_.path() / "other";
  auto second = Journal::open(other, [] {});
  ASSERT_TRUE(second);
  EXPECT_TRUE(record(1));
  EXPECT_TRUE((*second)->append(event(2), now_) && (*second)->commit(now_));
  EXPECT_THAT(read(), ElementsAre(1));
}

}  // namespace
}  // namespace dictd
