// A disk that is full, fails, forgets, is read-only or torn, and a clock that is wrong.
//
// Most faults are made in the calls (test/support/fault.h), which works everywhere; where the tests run as root, a full
// disk is also a real one.
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dictd/journal_format.h"
#include "test/integration/torture_fixture.h"

namespace integration {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using support::FaultControl;
using testing::HasSubstr;

class TortureDisk : public TortureTest {
 protected:
  // Again and again: the crowd looks words up, the disk fails as `arm` says for `time`, and works again. Meanwhile the
  // database hangs, so that what is answered is on that disk alone; in a long run it also goes on.
  void fail_often(Crowd& crowd, std::size_t rounds, std::chrono::milliseconds time,
                  const std::function<void(FaultControl&)>& arm) {
    for (std::size_t round = 0; round < rounds; ++round) {
      begin(crowd);
      wait_for_answers(crowd, 1000 + random_below(times(20'000, 2000)));
      const bool hangs = round % 4 < 2;
      if (hangs) pause_mariadb();
      const std::uint64_t failed = faults_->failed;
      arm(*faults_);
      let_pass(time);
      wait_until("a failed call", [&] { return faults_->failed > failed; });
      faults_.heal();
      wait_for_answers(crowd, 1000);
      if (round % 2 == 0) dictd_->kill();
      crowd.end();
      if (hangs) resume_mariadb();
      if (!dictd_->process().running()) restart();
    }
  }
  [[nodiscard]] std::string calls() const { return std::to_string(faults_->failed) + " calls failed"; }
};

TEST_F(TortureDisk, IsFullAndHasRoomAgain) {
  start_with_faults();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  fail_often(crowd, rounds, 200ms, [](FaultControl& fault) { fault.fallocate = fault.write = fault.pwrite = ENOSPC; });
  EXPECT_GT(crowd.refused(), 0U);
  finish("a full disk, then room again x" + std::to_string(rounds), crowd, calls());
}

// What was answered is on that disk alone, and the database away, so that it fills up.
TEST_F(TortureDisk, IsASmallFileSystem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may mount one";
  static std::string target;
  dictd_.emplace(database_, std::vector<std::string>{"--journal-segment", "128K"},
                 [](support::Command& command, const fs::path& state_dir) {
                   target = state_dir;
                   command.before_exec = [] {  // of this child alone: it goes with it
                     if (::unshare(CLONE_NEWNS) != 0) return;
                     if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return;
                     (void)::mount("dictd", target.c_str(), "tmpfs", 0, "size=1m");
                   };
                 });
  const std::string mounts = "/proc/" + std::to_string(dictd_->process().pid()) + "/mounts";
  const std::string mounted = (std::stringstream() << std::ifstream(mounts).rdbuf()).str();
  if (mounted.find(target) == std::string::npos) GTEST_SKIP() << "may not mount one here";
  fill_the_journal("a full file system (tmpfs), then room again", [] {});
}

TEST_F(TortureDisk, FailsToWrite) {
  start_with_faults();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  fail_often(crowd, rounds, 200ms, [](FaultControl& fault) { fault.write = fault.pwrite = EIO; });
  EXPECT_GT(crowd.refused(), 0U);
  const Tally tally = finish("EIO from write x" + std::to_string(rounds), crowd, calls());
  EXPECT_LE(tally.unpromised, tally.unanswered) << "refused, and recorded all the same";
}

// The drain meets it, in segments that are full; it waits, and gives none of them up.
TEST_F(TortureDisk, FailsToRead) {
  start_with_faults({"--journal-segment", "64K"});
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(10, 2);
  for (std::size_t round = 0; round < rounds; ++round) {
    begin(crowd);
    wait_for_answers(crowd, 1000);
    pause_mariadb();
    wait_for_answers(crowd, 20'000);
    crowd.end();
    const std::uint64_t failed = faults_->failed;
    faults_->pread = EIO;
    resume_mariadb();
    wait_until("a failed call", [&] { return faults_->failed > failed; });
    let_pass(300ms);
    faults_.heal();
    wait_for_drain(dictd_->port());  // the next fault would meet the same segment again, until that is given up
  }
  finish("EIO from read x" + std::to_string(rounds), crowd, calls());
}

TEST_F(TortureDisk, ForgetsWhatItFailsToSync) {
  start_with_faults();
  Crowd crowd(dictd_->port(), {.at_most = 50'000});
  const std::size_t rounds = times(10, 2);
  fail_often(crowd, rounds, 1200ms, [](FaultControl& fault) {
    fault.forget_unsynced = 1;
    fault.fdatasync = EIO;
  });
  finish("EIO from fdatasync, what was not synced gone x" + std::to_string(rounds), crowd, calls());
}

TEST_F(TortureDisk, ForgetsWhatItFailsToSyncBeforeEachAnswer) {
  start_with_faults({"--journal-sync", "always"});
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  fail_often(crowd, rounds, 200ms, [](FaultControl& fault) {
    fault.forget_unsynced = 1;
    fault.fdatasync = EIO;
  });
  finish("EIO from fdatasync, --journal-sync=always x" + std::to_string(rounds), crowd, calls());
}

// Refused means not promised: what could not be synced may be in the files all the same, and come to the database.
TEST_F(TortureDisk, FailsToSyncAndToWriteBeforeEachAnswer) {
  start_with_faults({"--journal-sync", "always"});
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  fail_often(crowd, rounds, 200ms, [](FaultControl& fault) { fault.write = fault.pwrite = fault.fdatasync = EIO; });
  EXPECT_GT(crowd.refused(), 0U);
  finish("EIO from write and fdatasync, --journal-sync=always x" + std::to_string(rounds), crowd, calls());
}

// With an interval the answers have left: the records wait in memory for a disk that takes them.
TEST_F(TortureDisk, ForgetsAndThenTakesNothingForAWhile) {
  start_with_faults();
  Crowd crowd(dictd_->port(), {.at_most = 50'000});
  const std::size_t rounds = times(10, 2);
  fail_often(crowd, rounds, 1200ms, [](FaultControl& fault) {
    fault.forget_unsynced = 1;
    fault.write = fault.pwrite = fault.fdatasync = EIO;
  });
  finish("EIO from all, what was not synced gone x" + std::to_string(rounds), crowd, calls());
}

TEST_F(TortureDisk, IsReadOnly) {
  start_with_faults();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  fail_often(crowd, rounds, 200ms, [](FaultControl& fault) {
    fault.write = fault.pwrite = fault.fdatasync = fault.fallocate = fault.change = EROFS;
  });
  EXPECT_GT(crowd.refused(), 0U);
  finish("EROFS from all of the state directory's files, then writable again x" + std::to_string(rounds), crowd,
         calls());
}

bool others_reach(fs::path directory) {
  for (; directory != directory.root_path(); directory = directory.parent_path()) {
    if ((fs::status(directory).permissions() & fs::perms::others_exec) == fs::perms::none) return false;
  }
  return true;
}

// Files may be written to, and neither made nor removed: dictd stays with the segment that it has.
TEST_F(TortureDisk, HasAReadOnlyStateDirectory) {
  const passwd* const nobody = ::getpwnam("nobody");
  static uid_t user_id = 0;
  user_id = ::geteuid() != 0 || nobody == nullptr ? ::geteuid() : nobody->pw_uid;  // permissions do not bind root
  if (user_id == 0) GTEST_SKIP() << "runs as root, and there is no user nobody";
  if (!others_reach(support::build_dir())) GTEST_SKIP() << "the user nobody cannot reach the build directory";
  dictd_.emplace(database_, std::vector<std::string>{"--journal-segment", "64K"},
                 [](support::Command& command, const fs::path& state_dir) {
                   (void)!::chown(state_dir.c_str(), user_id, static_cast<gid_t>(-1));
                   command.before_exec = [] {
                     if (::setresuid(user_id, user_id, user_id) != 0) ::_exit(126);
                     ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user forgets it
                   };
                 });
  Crowd crowd(dictd_->port(), {.at_most = 20'000});
  begin(crowd);
  const fs::path journal = dictd_->state_dir() / "journal";
  const std::size_t rounds = times(5, 1);
  for (std::size_t round = 0; round < rounds; ++round) {
    wait_for_answers(crowd, 1000);
    pause_mariadb();
    wait_for_answers(crowd, 10'000);  // some segments to be removed
    fs::permissions(journal, fs::perms(0500));
    fs::permissions(dictd_->state_dir(), fs::perms(0500));
    resume_mariadb();
    wait_for_answers(crowd, times(50'000, 5000));
    fs::permissions(dictd_->state_dir(), fs::perms(0700));
    fs::permissions(journal, fs::perms(0700));
    wait_for_answers(crowd, 5000);
  }
  finish("the state directory read-only, and writable again x" + std::to_string(rounds), crowd);
  EXPECT_LT(journal_bytes(), 130U * 1024) << "what is drained is not removed";
}

TEST_F(TortureDisk, ClockIsSetBackAnHour) {
  start_with_faults();
  Crowd crowd(dictd_->port());
  for (const int seconds : {0, -3600, -7200, -3600, 86400, 0}) {
    begin(crowd);
    wait_for_answers(crowd, times(50'000, 500));
    faults_->clock_seconds = seconds;
    wait_for_answers(crowd, times(50'000, 500));
    dictd_->kill();
    crowd.join();
    restart();
  }
  finish("the clock set back one hour, twice, and forward a day and back", crowd);
}

// ---- A torn last record ---------------------------------------------------------------------------------------------

class TortureTornRecord : public TortureTest {
 protected:
  static constexpr std::size_t kRecords = 5;
  static std::string bytes_of(const fs::path& file) {
    return (std::stringstream() << std::ifstream(file, std::ios::binary).rdbuf()).str();
  }
  // The segment of a run that was killed with all of its look-ups in it, and none in the database.
  std::string segment_of_a_killed_run() {
    Client client = user("ann");
    pause_mariadb();
    look_up(client, numbered_words("word", kRecords));
    dictd_->kill();
    resume_mariadb();
    return bytes_of(segment());
  }
  [[nodiscard]] fs::path segment() const { return dictd_->state_dir() / "journal" / dictd::segment_name(1); }

  // What the next run puts into the database when the last one left `bytes`.
  std::string words_after(const std::string& bytes) {
    (void)sql("DELETE FROM hist");
    fs::remove_all(dictd_->state_dir() / "journal");
    fs::create_directory(dictd_->state_dir() / "journal");
    std::ofstream(segment(), std::ios::binary) << bytes;
    restart();
    Client client = user("ann");
    EXPECT_EQ(client.ask(forget(1)), "forgot 0");  // the drain has caught up
    dictd_->kill();
    return sql("SELECT GROUP_CONCAT(word ORDER BY event) FROM hist");
  }
};

TEST_F(TortureTornRecord, AtEveryByte) {
  start();
  const std::string bytes = segment_of_a_killed_run();
  const auto header = dictd::decode_header(bytes);
  ASSERT_TRUE(header);
  std::size_t begin = dictd::kHeaderSize;
  std::size_t end = begin;
  for (std::size_t i = 0; i < kRecords; ++i) {
    dictd::Event event;
    const auto record = dictd::decode_record(std::string_view(bytes).substr(end), header->salt, event);
    ASSERT_EQ(record.kind, dictd::RecordKind::kRecord);
    begin = end;
    end += record.size;
  }
  const std::string without_last = "word0,word1,word2,word3\n";
  std::size_t cases = 0;
  for (std::size_t at = begin; at < end; at += times(1, 11)) {
    SCOPED_TRACE("byte " + std::to_string(at - begin));
    ASSERT_EQ(words_after(bytes.substr(0, at)), without_last) << "the file ends there";
    ASSERT_EQ(words_after(bytes.substr(0, at) + std::string(bytes.size() - at, '\0')), without_last) << "zeros follow";
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(~flipped[at]);
    ASSERT_EQ(words_after(flipped), without_last) << "that byte is wrong";
    cases += 3;
  }
  EXPECT_EQ(words_after(bytes.substr(0, end)), "word0,word1,word2,word3,word4\n");
  report("a torn last record, " + std::to_string(cases) + " ways", {.answered = cases * (kRecords - 1)}, "");
}

}  // namespace
}  // namespace integration
