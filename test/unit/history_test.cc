// The drain: every committed look-up reaches the database, in order, whatever the database does.
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "test/unit/history_fixture.h"

namespace dictd::history_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(HistoryTest, MovesWhatIsCommittedInOrder) {
  start();
  record(1, 50);
  table_.wait_for_rows(50);
  EXPECT_EQ(table_.rows(), up_to(50));
}

TEST_F(HistoryTest, TellsTheLoopWhatIsDrained) {
  start();
  record(1, 50);
  history_->stop(1h);
  EXPECT_THAT(told_, IsEmpty()) << "on the loop, not on the drain thread";
  run_posted();
  ASSERT_FALSE(told_.empty());
  EXPECT_EQ(told_.back(), 50U);
  EXPECT_EQ(history_->counts().drained, 50U);
}

// The space of a segment that is removed comes back only when nobody has it open: on a full disk it is all there is.
TEST_F(HistoryTest, KeepsNoDrainedSegmentOpen) {
  const auto open_segments = [this] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code closed_meanwhile;
      const auto target = std::filesystem::read_symlink(entry.path(), closed_meanwhile).string();
      if (target.starts_with((journal_options_.directory / "segment-").string())) ++count;
    }
    return count;
  };
  start();
  record(1, 50);
  table_.wait_for_rows(50);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (open_segments() > 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(open_segments(), 1U) << "the journal's own";
}

TEST_F(HistoryTest, InsertsInBatches) {
  options_.batch_rows = 10;
  open();
  record(1, 35);
  history_->start();
  history_->stop(1h);
  EXPECT_EQ(table_.largest_batch(), 10U);
  EXPECT_EQ(table_.calls(), 4);
  EXPECT_EQ(table_.rows(), up_to(35));
}

TEST_F(HistoryTest, RemovesDrainedSegments) {
  journal_options_.segment_bytes = 4096;
  start();
  record(1, 1000);
  history_->stop(1h);
  EXPECT_LT(journal_->bytes(), 2 * 4096U + kMaxRecordSize);
}

TEST_F(HistoryTest, WhatIsNotDrainedIsReplayedAndDrainedByTheNextRun) {
  table_.set_away(true);
  start();
  record(1, 5);
  history_->stop(0ms);
  EXPECT_THAT(table_.rows(), IsEmpty());
  open();
  EXPECT_EQ(replayed(), up_to(5));
  EXPECT_EQ(replay_.events, 5U);
  EXPECT_EQ(replay_.newest, 5U);
  table_.set_away(false);
  history_->start();
  table_.wait_for_rows(5);
  EXPECT_EQ(table_.rows(), up_to(5));
}

// A second of read errors at the start, and the segment's look-ups never reached the database.
TEST_F(HistoryTest, ReplayGivesUpNoSegmentWhoseDiskFails) {
  const auto segment = journal_options_.directory / segment_name(1);
  table_.set_away(true);
  start();
  record(1, 5);
  history_->stop(0ms);
  open();
  std::filesystem::rename(segment, temp_.path() / "kept");
  std::filesystem::create_directory(segment);  // can be opened, and not read
  const auto replay = history_->replay([](const Event&) {});
  ASSERT_FALSE(replay);
  EXPECT_THAT(replay.error().message, HasSubstr(segment.string()));
  ASSERT_TRUE(std::filesystem::remove(segment)) << "not set aside";
  std::filesystem::rename(temp_.path() / "kept", segment);
  EXPECT_EQ(replayed(), up_to(5));
}

TEST_F(HistoryTest, WhatIsDrainedIsNotReplayedButItsNewestNumberIsKnown) {
  start();
  record(1, 5);
  history_->stop(1h);
  for (int run = 0; run < 3; ++run) {
    open();
    EXPECT_THAT(replayed(), IsEmpty());
    EXPECT_EQ(replay_.newest, 5U);
  }
}

TEST_F(HistoryTest, KilledBetweenInsertAndMarkItInsertsTheSameAgain) {
  open();
  std::filesystem::copy(temp_.path() / "journal", temp_.path() / "before");
  record(1, 5);
  history_->start();
  history_->stop(1h);
  std::filesystem::copy(temp_.path() / "before" / "drained", temp_.path() / "journal" / "drained",
                        std::filesystem::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(replayed(), up_to(5));
  history_->start();
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(1, 2, 3, 4, 5, 1, 2, 3, 4, 5));
}

TEST_F(HistoryTest, AnUnreadableMarkOffersEverythingAgain) {
  table_.set_away(true);
  start();
  record(1, 5);
  history_->stop(0ms);
  std::ofstream(temp_.path() / "journal" / "drained") << "rubbish";
  open();
  EXPECT_EQ(replayed(), up_to(5));
}

TEST_F(HistoryTest, EmptySegmentsDoNotPileUp) {
  for (int run = 0; run < 5; ++run) {
    start();
    EXPECT_TRUE(drained());
  }
  history_.reset();
  journal_.reset();
  const std::filesystem::directory_iterator files(temp_.path() / "journal");
  EXPECT_LE(std::distance(begin(files), end(files)), 3);
}

TEST_F(HistoryTest, WaitsForADatabaseThatIsAway) {
  table_.set_away(true);
  start();
  record(1, 5);
  table_.wait_for_calls(5);
  EXPECT_TRUE(history_->counts().database_away);
  table_.set_away(false);
  table_.wait_for_rows(5);
  EXPECT_TRUE(drained());
  EXPECT_FALSE(history_->counts().database_away);
  EXPECT_EQ(table_.rows(), up_to(5));
}

TEST_F(HistoryTest, ARejectedEventIsWrittenDownAndPassedOver) {
  for (const std::uint64_t bad : {1U, 6U, 10U}) table_.poison(bad);
  open();
  for (std::uint64_t n = 1; n <= 10; ++n) record(event(n, n == 6 ? "a\"b\\c\x01 \xe8\x8b\xb9" : "apple"));
  history_->start();
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(2, 3, 4, 5, 7, 8, 9));
  EXPECT_EQ(rejected(),
            "1 7 1000 \"apple\" too long\n"
            "6 7 1000 \"a\\\"b\\\\c\\x01 \xe8\x8b\xb9\" too long\n"
            "10 7 1000 \"apple\" too long\n");
  EXPECT_EQ(history_->counts().rejected, 3U);
  run_posted();
  EXPECT_EQ(told_.back(), 10U) << "nobody waits for it any more";
}

// Nothing was left of it: its segment was removed.
TEST_F(HistoryTest, ARejectedEventThatCannotBeWrittenDownIsKept) {
  options_.rejected_log = temp_.path() / "no" / "such" / "directory";
  table_.poison(1);
  start();
  record(1, 3);
  table_.wait_for_rows(2);
  history_->stop(0ms);
  EXPECT_EQ(history_->counts().rejected, 0U);
  open();
  EXPECT_EQ(replayed(), up_to(3));
}

std::atomic<int> failing_writes;
std::atomic<int> failing_syncs;

TEST_F(HistoryTest, ARejectedEventIsPassedOverOnlyWhenTheDiskHasItAndOnce) {
  options_.disk.write = [](int fd, const void* bytes, std::size_t size) {
    if (failing_writes == 0) return ::write(fd, bytes, size);
    --failing_writes;
    if (::write(fd, bytes, size / 2) < 0) return ssize_t{-1};
    errno = ENOSPC;
    return ssize_t{-1};
  };
  options_.disk.fdatasync = [](int fd) {
    if (failing_syncs == 0) return ::fdatasync(fd);
    --failing_syncs;
    errno = EIO;
    return -1;
  };
  failing_writes = 2;
  failing_syncs = 2;
  table_.poison(2);
  start();
  record(1, 3);
  EXPECT_TRUE(drained());
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(1, 3));
  EXPECT_EQ(rejected(), "2 7 1000 \"apple\" too long\n");
  EXPECT_EQ(failing_writes + failing_syncs, 0) << "both kinds were met";
  EXPECT_EQ(history_->counts().rejected, 1U);
}

// One event that a trigger refused held up all others for ever.
TEST_F(HistoryTest, AnEventIsBlamedThatIsRefusedAgainAndAgainWhileOthersAreTaken) {
  for (const std::uint64_t bad : {1U, 6U, 10U}) table_.doubt(bad);
  open();
  record(1, 10);
  history_->start();
  EXPECT_TRUE(drained());
  EXPECT_THAT(table_.rows(), ElementsAre(2, 3, 4, 5, 7, 8, 9));
  EXPECT_EQ(rejected(),
            "1 7 1000 \"apple\" never mind why\n"
            "6 7 1000 \"apple\" never mind why\n"
            "10 7 1000 \"apple\" never mind why\n");
  record(11, 12);
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(2, 3, 4, 5, 7, 8, 9, 11, 12));
  EXPECT_FALSE(history_->counts().database_away);
}

TEST_F(HistoryTest, NoEventIsBlamedThatIsTakenLater) {
  table_.doubt(2);
  table_.on_insert([this] {
    if (table_.rows().size() == 2) table_.doubt(2, false);
  });
  open();
  record(1, 3);
  history_->start();
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(1, 3, 2));
  EXPECT_EQ(rejected(), "");
}

TEST_F(HistoryTest, NoEventIsBlamedWhileTheDatabaseTakesNone) {
  table_.take_at_most(0);
  open();
  record(1, 3);
  history_->start();
  table_.wait_for_calls(100);
  EXPECT_TRUE(history_->counts().database_away);
  table_.take_at_most(1000);
  history_->stop(1h);
  EXPECT_EQ(table_.rows(), up_to(3));
  EXPECT_EQ(rejected(), "");
}

TEST_F(HistoryTest, AnEventThatIsRefusedAloneIsBlamedOnceAnotherIsTaken) {
  table_.doubt(1);
  start();
  record(1, 1);
  table_.wait_for_calls(20);
  EXPECT_EQ(rejected(), "");
  record(2, 3);
  EXPECT_TRUE(drained());
  EXPECT_THAT(rejected(), HasSubstr("1 7 1000"));
  EXPECT_THAT(table_.rows(), ElementsAre(2, 3));
}

// A thousand long words are more than a small max_allowed_packet lets through.
TEST_F(HistoryTest, WhatIsTooMuchAtOnceIsTakenInParts) {
  table_.take_at_most(3);
  open();
  record(1, 50);
  history_->start();
  history_->stop(1h);
  EXPECT_EQ(table_.rows(), up_to(50));
  EXPECT_EQ(rejected(), "");
}

TEST_F(HistoryTest, DamageIsCountedAndPassedOver) {
  open();
  record(1, 3);
  {
    std::fstream file(temp_.path() / "journal" / segment_name(1), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(kHeaderSize + kRecordOverhead + 5 + 12)) << "x";
  }
  history_->start();
  history_->stop(1h);
  EXPECT_THAT(table_.rows(), ElementsAre(1, 3));
  EXPECT_EQ(history_->counts().damaged, 1U);
}

TEST_F(HistoryTest, AJobRunsAfterAllThatWasAppendedBeforeIt) {
  options_.batch_rows = 1;
  table_.set_held(true);
  start();
  record(1, 20);
  EXPECT_TRUE(journal_->append(event(21), {}));
  std::promise<std::size_t> rows;
  EXPECT_TRUE(history_->run_after_drain([&](bool d) { rows.set_value(d ? table_.rows().size() : 0); }));
  table_.set_held(false);
  table_.wait_for_rows(20);
  EXPECT_TRUE(journal_->commit({}));
  history_->notify();
  EXPECT_EQ(rows.get_future().get(), 21U);
}

TEST_F(HistoryTest, AJobRunsAtOnceWhenThereIsNothingToDrain) {
  start();
  EXPECT_TRUE(drained());
}

TEST_F(HistoryTest, AJobsDrainIsNotRepeatedByTheNextRun) {
  start();
  record(1, 5);
  EXPECT_TRUE(drained());
  std::filesystem::copy(temp_.path() / "journal", temp_.path() / "as after a kill");
  history_.reset();
  journal_options_.directory = temp_.path() / "as after a kill";
  open();
  EXPECT_THAT(replayed(), IsEmpty());
}

TEST_F(HistoryTest, JobsRunInTheirOrder) {
  table_.set_held(true);
  start();
  record(1, 3);
  std::vector<int> order;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(history_->run_after_drain([&order, i](bool d) { order.push_back(d ? i : -1); }));
  }
  table_.set_held(false);
  history_->stop(1h);
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(HistoryTest, AJobIsToldWhenTheDatabaseIsAwayTooLong) {
  options_.job_limit = 5ms;
  options_.first_retry = options_.last_retry = 1h;
  table_.set_away(true);
  start();
  record(1, 3);
  EXPECT_FALSE(drained());
  table_.wait_for_calls(1);
  EXPECT_FALSE(drained()) << "also while the drain waits for its next try";
}

TEST_F(HistoryTest, RefusesMoreJobsThanItsBound) {
  options_.max_jobs = 2;
  table_.set_held(true);
  start();
  record(1, 1);
  int ran = 0;
  const auto job = [&](bool) { ++ran; };
  EXPECT_TRUE(history_->run_after_drain(job));
  EXPECT_TRUE(history_->run_after_drain(job));
  EXPECT_FALSE(history_->run_after_drain(job));
  table_.set_held(false);
  history_->stop(1h);
  EXPECT_EQ(ran, 2);
}

TEST_F(HistoryTest, StopLeavesWhatTheDatabaseDoesNotTakeInTime) {
  options_.first_retry = options_.last_retry = 1h;
  table_.set_away(true);
  start();
  record(1, 3);
  table_.wait_for_calls(1);
  std::vector<bool> told;
  EXPECT_TRUE(history_->run_after_drain([&](bool d) { told.push_back(d); }));
  history_->stop(1ms);
  EXPECT_THAT(told, ElementsAre(false));
  EXPECT_FALSE(history_->run_after_drain([](bool) {}));
  open();
  EXPECT_EQ(replayed(), up_to(3));
}

TEST_F(HistoryTest, StopWaitsForADatabaseThatComesBack) {
  table_.set_away(true);
  start();
  record(1, 3);
  table_.wait_for_calls(2);
  auto stopped = std::async(std::launch::async, [this] { history_->stop(1h); });
  table_.set_away(false);
  stopped.get();
  EXPECT_EQ(table_.rows(), up_to(3));
}

TEST_F(HistoryTest, DrainsWhileTheLoopGoesOnWritingAndRotating) {
  journal_options_.segment_bytes = 64 << 10;
  journal_options_.sync = SyncMode::kAlways;
  start();
  constexpr std::uint64_t kTurns = 2000;
  std::uint64_t number = 0;
  for (std::uint64_t turn = 1; turn <= kTurns; ++turn) {
    for (std::uint64_t i = 0; i < turn % 8; ++i) ASSERT_TRUE(journal_->append(event(++number), {}));
    ASSERT_TRUE(journal_->commit({}));
    history_->notify();
    journal_->settle({});
    if (turn % 100 == 0) run_posted();
  }
  EXPECT_TRUE(drained());
  history_->stop(1h);
  run_posted();
  EXPECT_EQ(table_.rows(), up_to(number));
  EXPECT_EQ(told_.back(), number);
}

class MockSink : public HistorySink {
 public:
  MOCK_METHOD((tl::expected<void, SinkError>), insert, (std::span<const Event> events), (override));
};

TEST_F(HistoryTest, SplitsARejectedBatchNoFurtherThanNeeded) {
  open();
  record(1, 4);
  MockSink sink;
  const tl::expected<void, SinkError> bad = tl::unexpected(SinkError{SinkError::Kind::kRejected, "bad"});
  testing::InSequence sequence;
  EXPECT_CALL(sink, insert(SizeIs(4))).WillOnce(testing::Return(bad));
  EXPECT_CALL(sink, insert(ElementsAre(event(1), event(2)))).WillOnce(testing::Return(bad));
  EXPECT_CALL(sink, insert(ElementsAre(event(1)))).WillOnce(testing::Return(bad));
  EXPECT_CALL(sink, insert(ElementsAre(event(2)))).WillOnce(testing::Return(tl::expected<void, SinkError>{}));
  EXPECT_CALL(sink, insert(ElementsAre(event(3), event(4)))).WillOnce(testing::Return(tl::expected<void, SinkError>{}));
  History history(
      options_, *journal_, sink, [](const auto&) {}, [](auto) {});
  history.start();
  history.stop(1h);
  EXPECT_THAT(rejected(), HasSubstr("1 7 1000 \"apple\" bad\n"));
}

// ---- Who it gives way to

// Whether the thread that asks gives way.
bool gives_way() { return ::getpriority(PRIO_PROCESS, 0) > 0; }

TEST_F(HistoryTest, GivesWayUntilSomebodyWaitsForIt) {
  options_.urgent_bytes = std::uint64_t{1} << 40;
  open();
  std::atomic<bool> gave_way = false;
  table_.on_insert([&gave_way] { gave_way = gives_way(); });
  history_->start();
  record(1, 3);
  table_.wait_for_rows(3);
  EXPECT_TRUE(gave_way);
  // One job may still be done in passing, but not one after the other.
  for (std::uint64_t number = 4; gave_way; ++number) {
    record(number, number);
    std::promise<bool> told;
    ASSERT_TRUE(history_->run_after_drain([&](bool drained) { told.set_value(drained); }));
    auto drained = told.get_future();
    while (drained.wait_for(1ms) != std::future_status::ready) run_posted();  // as the loop does
    ASSERT_TRUE(drained.get());
    ASSERT_LT(number, 10'000U) << "it never goes on in another thread";
  }
}

TEST_F(HistoryTest, GivesWayToNobodyWhenTheJournalFills) {
  options_.urgent_bytes = 0;
  open();
  std::vector<bool> seen;
  table_.on_insert([&seen] { seen.push_back(gives_way()); });
  history_->start();
  record(1, 3);
  history_->stop(1h);
  EXPECT_THAT(seen, Each(false));
}

TEST_F(HistoryTest, IsDrainedToTheEndByStopAlsoWhenItWasToBeHandedOver) {
  options_.urgent_bytes = std::uint64_t{1} << 40;
  start();
  record(1, 3);
  table_.wait_for_rows(3);
  std::promise<bool> told;
  ASSERT_TRUE(history_->run_after_drain([&](bool drained) { told.set_value(drained); }));
  record(4, 5);
  history_->stop(1h);  // whatever is posted is never run
  EXPECT_TRUE(told.get_future().get());
  EXPECT_EQ(table_.rows(), up_to(5));
}

}  // namespace
}  // namespace dictd::history_test
