// The database killed or hanging: what a client sees meanwhile. That nothing is lost by it is the torture tests' to count.
#include <chrono>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

class DatabaseAwayTest : public OwnMariadbTest {};

TEST_F(DatabaseAwayTest, LookUpsAreAnsweredWhileItIsGoneAndAllAreInTheTableAfterwards) {
  start();
  Client client = user("ann");
  look_up(client, numbered_words("before", 300));
  kill_mariadb();
  for (const auto& words : {numbered_words("early", 2500), numbered_words("late", 2500)}) {
    look_up(client, words);
    Client other = connect();
    EXPECT_EQ(other.ask(sign_up("bob", kPassword)), "error 9 unavailable");
    EXPECT_EQ(other.ask(log_in("ann", kPassword)), "error 9 unavailable");
  }
  start_mariadb();
  look_up(client, numbered_words("after", 300));
  wait_for_rows_in_hist(5600);
  wait_until("log-ins work again", [&] { return connect().ask(log_in("ann", kPassword)) == "logged in"; });
}

TEST_F(DatabaseAwayTest, LookUpsGoOnWhileItHangsAndALoginIsUnavailable) {
  start({"--db-timeout", "1"});
  Client client = user("ann");
  pause_mariadb();
  Client other = connect();
  other.send(log_in("ann", kPassword));
  const auto words = numbered_words("word", 1000);
  look_up(client, words);
  EXPECT_EQ(other.receive().text(), "error 9 unavailable");
  EXPECT_EQ(client.words(1), std::vector{words.back()});
  resume_mariadb();
  wait_for_rows_in_hist(words.size());
  wait_until("log-ins work again", [&] { return other.ask(log_in("ann", kPassword)) == "logged in"; });
}

// All others waited for it for ever.
TEST_F(DatabaseAwayTest, OneLookUpThatATriggerRefusesHoldsUpNoOther) {
  start();
  (void)sql(
      "DELIMITER |\n"
      "CREATE TRIGGER refuse BEFORE INSERT ON hist FOR EACH ROW"
      " IF NEW.word = 'bad' THEN SIGNAL SQLSTATE '45000'; END IF|");
  Client client = user("ann");
  look_up(client, {"first", "bad", "last"});
  wait_for_rows_in_hist(2);
  look_up(client, numbered_words("after", 100));
  wait_for_rows_in_hist(102);
}

// To connect took three seconds, whatever the limit.
TEST_F(DatabaseAwayTest, LimitForASilentDatabaseHoldsForNewConnectionsToo) {
  start({"--db-timeout", "1"});
  pause_mariadb();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(connect().ask(log_in("ann", kPassword)), "error 9 unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2900));
}

}  // namespace
}  // namespace integration
