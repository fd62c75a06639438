// What the journal promises, and what it does about a disk that fails. Its fdatasync is
// journal_sync_test.cc's, damaged files are journal_reader_test.cc's.
#include "dictd/journal.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "test/unit/journal_fixture.h"

namespace dictd {
namespace {

using namespace std::chrono_literals;
using journal_test::event;
using journal_test::JournalTest;
using journal_test::up_to;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
  std::filesystem::rename(options_.directory / segment_name(2), options_.directory / (segment_name(2) + ".damaged"));
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

// Its space was counted for ever.
TEST_F(JournalTest, SegmentThatCannotBeRemovedIsRemovedLater) {
  options_.segment_bytes = 4096;
  open();
  for (std::uint64_t n = 1; n <= 50; ++n) EXPECT_TRUE(record(n, 200));
  const std::filesystem::path first = options_.directory / segment_name(1);
  std::filesystem::rename(first, temp_.path() / "first");
  std::filesystem::create_directories(first / "not empty");  // unlink() fails
  journal_->drained({2, 0});
  const std::uint64_t before = journal_->bytes();
  std::filesystem::remove_all(first);
  std::filesystem::rename(temp_.path() / "first", first);
  journal_->drained({2, 0});
  EXPECT_EQ(segments().front(), segment_name(2));
  EXPECT_LT(journal_->bytes(), before);
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
