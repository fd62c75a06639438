// A database that hangs, moves, refuses rows, or is shared: look-ups go on, and all of them arrive.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "test/integration/torture_fixture.h"

namespace integration {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TortureDatabase : public TortureTest {
 protected:
  // What becomes of a log-in, and how long that takes, while the crowd looks words up.
  void expect_unavailable_log_in(std::chrono::milliseconds limit) const {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(connect().ask(log_in("u0", kPassword)), "error 9 unavailable");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, limit);
  }
};

TEST_F(TortureDatabase, Hangs) {
  start({"--db-timeout", "1"});
  Crowd crowd(dictd_->port(), {.at_most = times(20'000, 10'000)});
  begin(crowd);
  wait_for_answers(crowd, 1000);
  const std::size_t seconds = times(30, 2);
  const std::uint64_t before = crowd.answered();
  pause_mariadb();
  expect_unavailable_log_in(5s);
  let_pass(std::chrono::seconds(seconds) - 1s);
  const std::uint64_t meanwhile = crowd.answered() - before;
  resume_mariadb();
  wait_for_answers(crowd, 1000);
  EXPECT_GE(meanwhile, seconds * times(20'000, 10'000) / 2) << "look-ups waited for the database";
  finish("SIGSTOP of MariaDB for " + std::to_string(seconds) + " s", crowd,
         std::to_string(meanwhile) + " of them meanwhile");
}

TEST_F(TortureDatabase, MovesItsSocket) {
  start();
  Crowd crowd(dictd_->port(), {.at_most = times(20'000, 5000)});
  begin(crowd);
  dictd::DatabaseOptions moved = database_;
  moved.socket += ".moved";
  const std::size_t rounds = times(5, 2);
  for (std::size_t round = 0; round < rounds; ++round) {
    wait_for_answers(crowd, times(10'000, 1000));
    std::filesystem::rename(database_.socket, moved.socket);
    // The connections that dictd had before the move, too.
    (void)support::run_sql(moved, support::run_sql(moved,
                                                   "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist"
                                                   " WHERE id <> CONNECTION_ID() AND user = 'root' AND db = '" +
                                                       database_.name + "'"));
    wait_for_answers(crowd, times(10'000, 1000));
    expect_unavailable_log_in(5s);
    std::filesystem::rename(moved.socket, database_.socket);
    wait_until("log-ins", [&] { return connect().ask(log_in("u0", kPassword)) == "logged in"; });
  }
  finish("MariaDB's socket moved away and back x" + std::to_string(rounds), crowd);
}

TEST_F(TortureDatabase, RefusesRows) {
  (void)sql("ALTER TABLE hist MODIFY word VARCHAR(12) NOT NULL");
  start();
  Crowd crowd(dictd_->port(), {.at_most = 20'000});
  Client ann = user("ann");
  Client bob = user("bob");
  begin(crowd);
  const std::size_t rows = times(500, 20);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == rows / 2) (void)sql("DELETE FROM user WHERE name = 'ann'");
    look_up(ann, {"ann" + std::to_string(i)});
    look_up(bob, {"longer than the column " + std::to_string(i), "bob" + std::to_string(i)});
    wait_for_answers(crowd, times(100, 50));
  }
  finish("rows refused (a word longer than the column, a user deleted)", crowd,
         std::to_string(rows) + " poisoned, all in rejected.log");
  EXPECT_EQ(sql("SELECT COUNT(*) FROM hist WHERE word LIKE 'bob%'"), std::to_string(rows) + "\n");
  std::ostringstream rejected;
  rejected << std::ifstream(dictd_->state_dir() / "rejected.log").rdbuf();
  for (std::size_t i = 0; i < rows; ++i) {
    ASSERT_THAT(rejected.str(), HasSubstr("\"longer than the column " + std::to_string(i) + "\""));
  }
  EXPECT_EQ(std::ranges::count(rejected.str(), '\n'), static_cast<std::ptrdiff_t>(rows));
}

TEST_F(TortureDatabase, IsAwayUntilTheJournalIsFull) {
  start({"--journal-max", "1M", "--journal-segment", "64K"});
  fill_the_journal("the journal full (--journal-max)", [this] { EXPECT_LE(journal_bytes(), std::uint64_t{1} << 20); });
}

TEST_F(TortureDatabase, IsSharedByTwo) {
  start();
  support::Dictd other(database_);
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 3);
  for (std::size_t round = 0; round < rounds; ++round) {
    crowd.begin({dictd_->port(), other.port()});
    wait_for_answers(crowd, random_below(times(50'000, 5000)));
    support::Dictd& victim = round % 2 == 0 ? other : *dictd_;
    victim.kill();
    wait_for_answers(crowd, 1000);
    crowd.end();
    victim.start_on(0);
  }
  wait_for_drain(other.port());
  finish("two dictd on one database, one of them killed x" + std::to_string(rounds), crowd);
  EXPECT_EQ(sql("SELECT COUNT(*) - COUNT(DISTINCT event) FROM hist"), "0\n") << "event numbers collide";
  EXPECT_EQ(sql("SELECT COUNT(DISTINCT event % 4096) FROM hist"), "2\n");
}

}  // namespace
}  // namespace integration
