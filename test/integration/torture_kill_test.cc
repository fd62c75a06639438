// dictd and its database killed at any moment: whatever was answered is in the history, once.
#include "test/integration/torture_fixture.h"

namespace integration {
namespace {

using namespace std::chrono_literals;

class TortureKill : public TortureTest {
 protected:
  // Under load; and again while it starts, where it reads what the first one left.
  void kill_dictd_often(Crowd& crowd, std::size_t rounds, std::size_t most_answers) {
    for (std::size_t round = 0; round < rounds; ++round) {
      begin(crowd);
      wait_for_answers(crowd, random_below(most_answers));
      dictd_->kill();
      crowd.join();
      dictd_->begin(0);
      let_pass(std::chrono::milliseconds(random_below(50)));
      dictd_->kill();
      restart();
    }
  }
};

TEST_F(TortureKill, OfDictd) {
  start();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(50, 5);
  kill_dictd_often(crowd, rounds, times(100'000, 10'000));
  finish("kill -9 of dictd x" + std::to_string(rounds), crowd);
}

TEST_F(TortureKill, OfDictdWhileEachAnswerIsSynced) {
  start({"--journal-sync", "always"});
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  kill_dictd_often(crowd, rounds, times(20'000, 2000));
  finish("kill -9 of dictd x" + std::to_string(rounds) + ", --journal-sync=always", crowd);
}

// A second signal ends it at once.
TEST_F(TortureKill, BySigterm) {
  start();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 4);
  for (std::size_t round = 0; round < rounds; ++round) {
    begin(crowd);
    wait_for_answers(crowd, random_below(times(50'000, 5000)));
    dictd_->process().send_signal(SIGTERM);
    if (round % 2 == 1) dictd_->process().send_signal(SIGTERM);
    EXPECT_EQ(dictd_->process().wait(), 0);
    crowd.join();
    restart();
  }
  finish("SIGTERM under load, once or twice, x" + std::to_string(rounds), crowd);
}

TEST_F(TortureKill, OfMariadb) {
  start();
  Crowd crowd(dictd_->port(), {.at_most = times(20'000, 5000)});
  begin(crowd);
  const std::size_t rounds = times(20, 2);
  for (std::size_t round = 0; round < rounds; ++round) {
    wait_for_answers(crowd, random_below(times(10'000, 2000)));
    kill_mariadb();
    wait_for_answers(crowd, times(10'000, 1000));
    start_mariadb();
  }
  finish("kill -9 of MariaDB x" + std::to_string(rounds), crowd);
}

TEST_F(TortureKill, OfBoth) {
  start();
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(20, 2);
  for (std::size_t round = 0; round < rounds; ++round) {
    begin(crowd);
    wait_for_answers(crowd, random_below(times(50'000, 5000)));
    if (round % 2 == 0) dictd_->kill();
    kill_mariadb();
    wait_for_answers(crowd, round % 2 == 0 ? 0 : 1000);  // which are in the journal alone
    dictd_->kill();
    crowd.join();
    start_mariadb();
    restart();
  }
  finish("kill -9 of both x" + std::to_string(rounds), crowd);
}

TEST_F(TortureKill, BetweenTheInsertAndItsMark) {
  start_with_faults();
  Crowd crowd(dictd_->port(), {.at_most = 20'000});
  const std::size_t rounds = times(20, 4);
  for (std::size_t round = 0; round < rounds; ++round) {
    begin(crowd);
    wait_for_answers(crowd, random_below(times(20'000, 2000)));
    faults_->kill_in_pwrite = round % 2 == 0 ? 1 : 2;
    EXPECT_EQ(dictd_->process().wait(), 128 + SIGKILL);
    crowd.join();
    faults_.heal();
    restart();
  }
  finish("killed between the insert and its mark x" + std::to_string(rounds), crowd);
}

// As if no mark had ever been written: all that the journal still has is inserted again.
TEST_F(TortureKill, WithoutItsMarks) {
  start();
  Crowd crowd(dictd_->port());
  begin(crowd);
  wait_for_answers(crowd, times(200'000, 10'000));
  crowd.end();
  wait_for_drain(dictd_->port());
  dictd_->kill();
  EXPECT_TRUE(std::filesystem::remove(dictd_->state_dir() / "journal" / "drained"));
  restart();
  finish("the mark of what is drained lost", crowd);
}

}  // namespace
}  // namespace integration
