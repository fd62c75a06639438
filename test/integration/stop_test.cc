// How dictd ends.
#include <csignal>
#include <filesystem>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StopTest : public DictdTest {};

TEST_F(StopTest, EachSignalToStopGivesExitCode0) {
  start();
  for (const int signal : {SIGTERM, SIGINT}) {
    dictd_->process().send_signal(signal);
    EXPECT_EQ(dictd_->process().wait(), 0) << signal;
    EXPECT_THAT(dictd_->process().errors(), HasSubstr("stopped"));
    restart();
  }
}

// The thread that writes the log did not block them: it took them, and the process died of them.
TEST_F(StopTest, SignalsReachTheLoopAndNoOtherThread) {
  start();
  for (int i = 0; i < 3; ++i) {
    dictd_->process().send_signal(SIGHUP);
    wait_until("the words are loaded anew", [&] {
      const std::string log = dictd_->process().errors();
      return log.find("words of", log.rfind("loading the words anew")) != std::string::npos;
    });
  }
  EXPECT_EQ(dictd_->stop(), 0);
}

// ---- Requests under way --------------------------------------------------------------------------------------------

// The answer to the first request came, so the second is at work: both were decoded in one turn.
void begin_slow_login(Client& client) {
  client.send({ping(), log_in("ann", kPassword)});
  EXPECT_EQ(client.receive().text(), "pong");
}

const std::vector<std::string> kSlowPasswords{"--password-memory", "32768", "--password-passes", "2"};

TEST_F(StopTest, RequestsUnderWayAreAnsweredBeforeTheConnectionCloses) {
  start(kSlowPasswords);
  Client client = connect();
  EXPECT_EQ(client.ask(sign_up("ann", kPassword)), "registered");
  begin_slow_login(client);
  dictd_->process().send_signal(SIGTERM);
  EXPECT_THAT(client.until_closed(), ElementsAre("logged in", "unasked error 14 shutting_down"));
  client.close();
  EXPECT_EQ(dictd_->process().wait(), 0);
}

TEST_F(StopTest, PortIsClosedWhileRequestsAreUnderWay) {
  start(kSlowPasswords);
  Client client = connect();
  Client idle = connect();
  EXPECT_EQ(idle.ask(ping()), "pong");
  EXPECT_EQ(client.ask(sign_up("ann", kPassword)), "registered");
  begin_slow_login(client);
  dictd_->process().send_signal(SIGTERM);
  EXPECT_THAT(idle.until_closed(), ElementsAre("unasked error 14 shutting_down"));
  EXPECT_THROW(connect(), std::system_error);
  EXPECT_EQ(client.receive().text(), "logged in");
}

TEST_F(StopTest, UnderLoadEveryAnsweredLookUpIsInTheTableAtTheEnd) {
  start();
  Client client = user("ann");
  std::size_t sent = 0;
  std::size_t answered = 0;
  try {
    for (;; ++answered) {
      while (sent < answered + 50) client.send(query("word" + std::to_string(sent++)));
      EXPECT_EQ(client.receive().text(), "found nothing");
      if (answered == 1000) dictd_->process().send_signal(SIGTERM);
    }
  } catch (const Disconnected& closed) {
    EXPECT_THAT(closed.what(), HasSubstr("error 14 shutting_down"));
  }
  client.close();
  EXPECT_EQ(dictd_->process().wait(), 0);
  EXPECT_GT(answered, 1000U);
  const std::string first_answered = "SELECT COUNT(DISTINCT word) FROM hist WHERE CAST(SUBSTR(word, 5) AS UNSIGNED) < ";
  EXPECT_EQ(sql(first_answered + std::to_string(answered)), std::to_string(answered) + "\n");
}

// ---- When it takes long --------------------------------------------------------------------------------------------

class StopWithoutDatabaseTest : public OwnMariadbTest {
 protected:
  // A database that hangs, and a request that waits for it much longer than a test may take.
  void hang(Client& client) {
    pause_mariadb();
    begin_slow_login(client);
  }
  // At once: long before the limits that these tests set are over.
  int stop_once_more() {
    dictd_->process().send_signal(SIGTERM);
    return dictd_->process().wait(std::chrono::seconds(20));
  }
  static inline const std::vector<std::string> kLongLimits{"--db-timeout", "600", "--shutdown-timeout", "600"};
};

TEST_F(StopWithoutDatabaseTest, RequestThatTakesTooLongIsGivenUp) {
  start({"--db-timeout", "2", "--shutdown-timeout", "1"});
  Client client = user("ann");
  hang(client);
  EXPECT_EQ(dictd_->stop(), 0);
}

TEST_F(StopWithoutDatabaseTest, SecondSignalEndsItAtOnceWhileARequestIsUnderWay) {
  start(kLongLimits);
  Client client = user("ann");
  look_up(client, {"apple"});
  hang(client);
  dictd_->process().send_signal(SIGTERM);
  dictd_->process().wait_for_errors("stopping");
  EXPECT_EQ(stop_once_more(), 0);
}

// The loop is over by then: the drain alone is waited for.
TEST_F(StopWithoutDatabaseTest, SecondSignalEndsItAtOnceWhileItDrains) {
  const support::TempDir dir;
  auto options = kLongLimits;
  options.insert(options.end(), {"--pid-file", dir.file("pid")});
  start(options);
  Client client = user("ann");
  kill_mariadb();
  look_up(client, {"one", "two"});
  client.close();
  dictd_->process().wait_for_errors("look-ups wait in the journal");  // and so does the drain, for the database
  dictd_->process().send_signal(SIGTERM);
  dictd_->process().wait_for_errors("the last look-ups go to the database");
  EXPECT_EQ(stop_once_more(), 0);
  EXPECT_FALSE(std::filesystem::exists(dir.file("pid")));
  start_mariadb();
  restart();
  EXPECT_THAT(user("ann").words(), ElementsAre("two", "one"));
}

TEST_F(StopWithoutDatabaseTest, LookUpsThatCannotBeDrainedWaitForTheNextStart) {
  start({"--shutdown-timeout", "1"});
  Client client = user("ann");
  kill_mariadb();
  look_up(client, {"one", "two"});
  client.close();
  EXPECT_EQ(dictd_->stop(), 0);
  start_mariadb();
  restart();
  EXPECT_THAT(user("ann").words(), ElementsAre("two", "one"));
  wait_for_rows_in_hist(2);
}

}  // namespace
}  // namespace integration
