#include "test/integration/dictload_fixture.h"

#include <pty.h>
#include <signal.h>
#include <sys/mman.h>

#include <array>

namespace words {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(DictloadTest, LoadsAFileUnderItsName) {
  const Ended ended = run({file("fruit.txt", "# fruit\napple  n. 苹果\n\nice cream\tn. 冰淇淋\n")});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "fruit: 2 entries loaded, 0 bad lines\n");
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_EQ(loaded(), "fruit\tfruit\tapple\tn. 苹果\nfruit\tfruit\tice cream\tn. 冰淇淋\n");
}

TEST_F(DictloadTest, LoadsSeveralFilesAndStandardInputIntoOneDictionary) {
  const std::string one = file("one.txt", "a  1\n");
  const std::string two = file("two.txt",
                               "\xEF\xBB\xBF"
                               "c  3");  // a mark of its own, and no LF at the end
  EXPECT_EQ(run({"--dictionary", "all", "--title", "All of it", one, "-", two}, "b  2\r\n").status, 0);
  EXPECT_EQ(loaded(), "all\tAll of it\ta\t1\nall\tAll of it\tb\t2\nall\tAll of it\tc\t3\n");
}

TEST_F(DictloadTest, ReplacesTheDictionary) {
  EXPECT_EQ(run({"--dictionary", "d", "-"}, "old  1\nolder  2\n").status, 0);
  EXPECT_EQ(run({"--dictionary", "d", "-"}, "new  3\n").status, 0);
  EXPECT_EQ(loaded(), "d\td\tnew\t3\n");
}

TEST_F(DictloadTest, ReportsBadLinesAndGoesOn) {
  const std::string path = file("d.txt", "a  1\nbad\nb  2\n\xFF  3\nc  \x01\n");
  const Ended ended = run({path});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, path + ":2: no meaning\n" + path + ":4: not UTF-8 (is it another encoding? --charset NAME)\n" +
                           path + ":5: control character in the meaning\n");
  EXPECT_EQ(ended.out, "d: 2 entries loaded, 3 bad lines\n");
  EXPECT_EQ(loaded(), "d\td\ta\t1\nd\td\tb\t2\n");
}

TEST_F(DictloadTest, LineWithoutEndIsOneBadLineAndCostsNoMemory) {
  const Ended ended = run({"--dictionary", "d", "-"}, std::string(5 << 20, 'x') + "  y\na  1\n");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("-:1: line of more than"));
  EXPECT_EQ(loaded(), "d\td\ta\t1\n");
}

TEST_F(DictloadTest, NothingToLoadLeavesTheOldWords) {
  EXPECT_EQ(run({"--dictionary", "d", "-"}, "old  1\n").status, 0);
  for (const std::string text : {"", "# nothing\n\n", "bad\n"}) {
    const Ended ended = run({"--dictionary", "d", "-"}, text);
    EXPECT_EQ(ended.status, 3) << text;
    EXPECT_THAT(ended.err, HasSubstr("there is no entry to load"));
  }
  EXPECT_EQ(loaded(), "d\td\told\t1\n");
}

TEST_F(DictloadTest, UnreadableFileLeavesTheOldWords) {
  EXPECT_EQ(run({"--dictionary", "d", "-"}, "old  1\n").status, 0);
  for (const std::string& path : {dir_.file("missing"), dir_.path().string()}) {
    const Ended ended = run({"--dictionary", "d", file("good.txt", "new  1\n"), path});
    EXPECT_EQ(ended.status, 3) << path;
    EXPECT_THAT(ended.err, HasSubstr("cannot read " + path));
  }
  EXPECT_EQ(loaded(), "d\td\told\t1\n");
}

TEST_F(DictloadTest, WrongUsageIsSaid) {
  const std::vector<std::vector<std::string>> table = {
      {},
      {"-"},
      {"--no-such-option", "-"},
      {"--dictionary", "two words", "-"},
      {"--dictionary", "*", "-"},
      {"--dictionary", std::string(65, 'x'), "-"},
      {"--dictionary", "d", "--title", std::string(256, 'x'), "-"},
      {file("two words.txt", "a  1\n")},
  };
  for (const auto& arguments : table) {
    const Ended ended = run(arguments, "a  1\n");
    EXPECT_EQ(ended.status, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(ended.err, Not(IsEmpty()));
  }
}

TEST_F(DictloadTest, HelpNamesTheExitCodes) {
  const Ended ended = run({"--help"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("Exit codes"));
}

TEST_F(DictloadTest, DatabaseThatIsAwayIsSaid) {
  database_.socket = dir_.file("no.sock");
  const Ended ended = run({"--dictionary", "d", "-"}, "a  1\n");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.err, HasSubstr("dictload: "));
}

TEST_F(DictloadTest, MissingSchemaSaysWhatToDo) {
  database_ = support::shared_mariadb().empty_database();
  const Ended ended = run({"--dictionary", "d", "-"}, "a  1\n");
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.err, HasSubstr("apply schema.sql"));
}

TEST_F(DictloadTest, StoppedHalfWayLeavesTheOldWords) {
  EXPECT_EQ(run({"--dictionary", "d", "-"}, "old  1\n").status, 0);
  for (const int how : {SIGINT, SIGTERM, SIGKILL}) {
    int pipe[2];
    ASSERT_EQ(pipe2(pipe, O_CLOEXEC), 0);
    const pid_t pid = start({"--dictionary", "d", "-"}, pipe[0], -1, -1);
    close(pipe[0]);
    // More than the pipe holds: when all is written, dictload has taken and sent most of it.
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(write(pipe[1], "new word  n. 1\n", 15), 15);
    kill(pid, how);
    EXPECT_EQ(end_of(pid), -how);
    close(pipe[1]);
    EXPECT_EQ(loaded(), "d\td\told\t1\n") << strsignal(how);
  }
  // The server may still be undoing the last one.
  while (run({"--dictionary", "d", "-"}, "new  1\n").status == 4) continue;
  EXPECT_EQ(loaded(), "d\td\tnew\t1\n");
}

TEST_F(DictloadTest, ShowsProgressOnATerminalInOneLine) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "word  n.\n";
  const std::string path = file("d.txt", text);
  EXPECT_THAT(run({path}).err, IsEmpty());
  int master = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  EXPECT_EQ(end_of(start({path}, -1, -1, terminal)), 0);
  close(terminal);
  // A terminal hands on what was written in pieces; after the last one, nobody being there, it says EIO.
  std::string shown;
  std::array<char, 4096> piece{};
  for (ssize_t bytes = 0; (bytes = read(master, piece.data(), piece.size())) > 0;) {
    shown.append(piece.data(), static_cast<std::size_t>(bytes));
  }
  close(master);
  EXPECT_EQ(shown, "\r1000 entries\r2000 entries\r3000 entries\r\033[K");
}

}  // namespace
}  // namespace words
