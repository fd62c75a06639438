// When a look-up is safe on the disk, and what becomes of it when the disk cannot say so.
#include "dictd/journal_sync.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <future>
#include <sstream>

#include "test/unit/journal_fixture.h"

namespace dictd {
namespace {

using namespace std::chrono_literals;
using journal_test::JournalTest;
using journal_test::up_to;
using testing::ElementsAre;

bool holds_a_removed_file() {
  return std::ranges::any_of(std::filesystem::directory_iterator("/proc/self/fd"), [](const auto& fd) {
    std::error_code gone;
    return std::filesystem::read_symlink(fd.path(), gone).string().ends_with(segment_name(1) + " (deleted)");
  });
}

// What is logged during its life.
class TakenLog {
 public:
  TakenLog() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
  }
  ~TakenLog() { spdlog::set_default_logger(before_); }
  TakenLog(const TakenLog&) = delete;
  TakenLog& operator=(const TakenLog&) = delete;
  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

class JournalSyncTest : public JournalTest {
 protected:
  // What the disk may do to what it could not sync.
  void forget_segment(std::uint64_t segment) const {
    std::filesystem::resize_file(options_.directory / segment_name(segment), kHeaderSize);
  }
};

TEST_F(JournalSyncTest, OffIsDurableAtOnceAndNeverSyncs) {
  open();
  EXPECT_TRUE(record(1));
  EXPECT_EQ(journal_->durable(), 1U);
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 0);
}

TEST_F(JournalSyncTest, IntervalIsDurableAtOnceAndSyncsLater) {
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

TEST_F(JournalSyncTest, SyncsBeforeItIsClosed) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1h;
  open();
  EXPECT_TRUE(record(1));
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 1);
}

TEST_F(JournalSyncTest, AlwaysIsDurableOnlyWhenSynced) {
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

TEST_F(JournalSyncTest, FailedSyncMovesWhatIsNotSyncedToANewSegment) {
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
  EXPECT_TRUE(std::ranges::includes(moved, std::vector<std::uint64_t>{2, 3, 4})) << testing::PrintToString(moved);
}

TEST_F(JournalSyncTest, FailedSyncDoesNotBringBackWhatIsDrained) {
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

TEST_F(JournalSyncTest, FailedSyncWithNowhereToGoLosesTheTicketsAndSaysSo) {
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
  EXPECT_LE(journal_->commit(now_).value_or(99), journal_->durable()) << "nothing is left to wait for";
  EXPECT_FALSE(append(4));
  now_ += 1s;
  EXPECT_TRUE(record(5));
  settle_through(4);
  EXPECT_EQ(journal_->settle(now_).lost, 0U);
}

// It was tried again and again, with a new segment for each try.
TEST_F(JournalSyncTest, FailedSyncOfTheNewSegmentTooRefusesUntilOneWorks) {
  options_.sync = SyncMode::kAlways;
  open();
  faults_.failing_syncs = 1'000'000;
  EXPECT_TRUE(record(1));
  EXPECT_EQ(settle_until([](const Journal::Settled& s) { return s.lost != 0; }).lost, 1U);
  EXPECT_EQ(faults_.syncs, 2);
  EXPECT_FALSE(append(2));
  now_ += 1s;
  EXPECT_TRUE(record(3));
  EXPECT_EQ(settle_until([](const Journal::Settled& s) { return s.lost != 0; }).lost, 2U);
  EXPECT_EQ(faults_.syncs, 3);
  faults_.failing_syncs = 0;
  now_ += 1s;
  EXPECT_TRUE(record(4));
  settle_through(3);
  EXPECT_THAT(segments(), testing::SizeIs(4));
}

// Its failure was told to nobody.
TEST_F(JournalSyncTest, LastSyncThatFailsMovesWhatItWasForToANewSegment) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1h;
  open();
  EXPECT_TRUE(record(1) && record(2));
  faults_.failing_syncs = 1;
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 2) << "what was moved is synced as well";
  forget_segment(1);
  open();
  EXPECT_THAT(read({2, 0}), ElementsAre(1, 2));
}

TEST_F(JournalSyncTest, FailedSyncThatTheLoopDidNotSeeAnyMoreIsSeenAtTheEnd) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1ms;
  open();
  faults_.failing_syncs = 1;
  EXPECT_TRUE(record(1));
  {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return notified_ > 0; });
  }
  journal_.reset();
  forget_segment(1);
  open();
  EXPECT_THAT(read({2, 0}), ElementsAre(1));
}

TEST_F(JournalSyncTest, LastSyncIsTriedInOneNewSegmentAndNoMore) {
  options_.sync = SyncMode::kInterval;
  options_.sync_interval = 1h;
  open();
  EXPECT_TRUE(record(1));
  faults_.failing_syncs = 1'000'000;
  const TakenLog log;
  journal_.reset();
  EXPECT_EQ(faults_.syncs, 2);
  EXPECT_THAT(segments(), testing::SizeIs(2));
  EXPECT_THAT(log.text(), testing::HasSubstr("look-ups that were not synced may be lost"));
}

class AnsweredBeforeItsSync : public JournalSyncTest {
 protected:
  // 1 and 2 are answered, their sync fails, and so does all that would move them.
  void answer_two_and_fail() {
    options_.sync = SyncMode::kInterval;
    options_.sync_interval = 1ms;
    open();
    faults_.gate.lock();
    EXPECT_TRUE(record(1) && record(2));
    faults_.failing_syncs = 1;
    faults_.failing_writes = 1'000'000;
    faults_.gate.unlock();
    // Its segment is closed, and there is none.
    settle_until([this](const Journal::Settled&) { return journal_->bytes() < kMaxRecordSize; });
  }
  void heal() {
    faults_.failing_writes = 0;
    now_ += 1s;
  }
};

TEST_F(AnsweredBeforeItsSync, ItIsWrittenOnceADiskTakesIt) {
  answer_two_and_fail();
  forget_segment(1);
  heal();
  EXPECT_TRUE(record(3));
  EXPECT_THAT(read({2, 0}), ElementsAre(1, 2, 3));
}

TEST_F(AnsweredBeforeItsSync, ItIsWrittenThoughNothingMoreIsLookedUp) {
  answer_two_and_fail();
  heal();
  journal_->settle(now_);
  EXPECT_THAT(read({2, 0}), ElementsAre(1, 2));
}

// It stayed in memory until somebody did.
TEST_F(AnsweredBeforeItsSync, TheLoopIsToldToTryAgainUntilItIsWritten) {
  answer_two_and_fail();
  const auto wait_and_settle = [this] {
    std::unique_lock lock(mutex_);
    const bool told = condition_.wait_for(lock, 10s, [this] { return notified_ > 0; });
    notified_ = 0;
    lock.unlock();
    now_ += 1s;
    journal_->settle(now_);
    return told;
  };
  for (int times = 0; times < 3; ++times) ASSERT_TRUE(wait_and_settle());
  heal();
  EXPECT_TRUE(wait_and_settle());
  EXPECT_THAT(read({2, 0}), ElementsAre(1, 2));
}

TEST_F(AnsweredBeforeItsSync, ItIsWrittenAtTheEnd) {
  answer_two_and_fail();
  heal();
  open();
  EXPECT_THAT(read({2, 0}), ElementsAre(1, 2));
}

TEST_F(AnsweredBeforeItsSync, ItIsWrittenThoughTheReaderWentByWhereItWas) {
  answer_two_and_fail();
  const Position end = journal_->published().end;
  journal_->passed_over({{1, end.offset - (kRecordOverhead + 5)}, kRecordOverhead + 5});
  journal_->drained(end);
  heal();
  EXPECT_TRUE(record(3));
  EXPECT_THAT(read({2, 0}), ElementsAre(2, 3));
}

TEST_F(JournalSyncTest, ATurnWithoutLookupsDoesNotWaitForOneThatFailed) {
  options_.sync = SyncMode::kAlways;
  open();
  EXPECT_TRUE(record(1));
  faults_.failing_writes = 2;
  EXPECT_FALSE(record(2));
  EXPECT_EQ(journal_->commit(now_), Ticket{1});
  settle_through(1);
}

TEST_F(JournalSyncTest, RotatingLosesNoSync) {
  options_.sync = SyncMode::kAlways;
  options_.segment_bytes = 4096;
  open();
  faults_.gate.lock();
  for (std::uint64_t n = 1; n <= 100; ++n) EXPECT_TRUE(record(n, 200));
  faults_.gate.unlock();
  settle_through(100);
  EXPECT_EQ(segments().size(), 6U);
  const std::lock_guard lock(faults_.gate);
  for (const std::string& name : segments()) {
    struct stat status {};
    ASSERT_EQ(::stat((options_.directory / name).c_str(), &status), 0);
    EXPECT_TRUE(faults_.synced.contains(status.st_ino)) << name;
  }
}

// The file of the segment that was removed stayed open until the next sync, and without its space there was nothing that
// could be synced.
TEST_F(JournalSyncTest, FullDiskGetsTheSpaceOfADrainedSegmentBack) {
  options_.sync = SyncMode::kAlways;
  faults_.room = 1000;
  open();
  const std::uint64_t last = fill(1);
  settle_through(last);
  journal_->drained(journal_->published().end);
  faults_.fallocate_error = ENOSPC;
  now_ += 1s;
  EXPECT_FALSE(append(last + 1));
  EXPECT_THAT(segments(), testing::IsEmpty());
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(condition_.wait_for(lock, 10s, [] { return !holds_a_removed_file(); }));
}

// It was closed later, while everybody else waited: to close a file that was removed gives its space back, which takes
// its time.
TEST_F(JournalSyncTest, FileIsClosedBeforeItsSyncIsTold) {
  auto directory = File::open(temp_.path(), O_RDONLY | O_DIRECTORY);
  auto file = File::open(temp_.path() / "file", O_WRONLY | O_CREAT);
  ASSERT_TRUE(directory && file);
  std::promise<bool> closed;
  JournalSync sync(std::move(*directory), 1ms, options_.disk,
                   [&closed, fd = file->fd()] { closed.set_value(::fcntl(fd, F_GETFD) == -1); });
  sync.retire(std::move(*file));
  EXPECT_TRUE(closed.get_future().get());
}

}  // namespace
}  // namespace dictd
