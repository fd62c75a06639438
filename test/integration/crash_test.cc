// dictd and the database killed, hung and back: whatever was answered is in the history, once.
#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::HasSubstr;

// Several users who look words up, each on a thread of its own, until the server dies.
class Crowd {
 public:
  static constexpr std::size_t kUsers = 4;

  Crowd(std::uint16_t port, std::string round) : round_(std::move(round)) {
    for (std::size_t i = 0; i < kUsers; ++i) {
      threads_.at(i) =
          std::thread([this, i, client = logged_in(port, name(i))]() mutable { look_up_until_it_dies(client, i); });
    }
  }
  ~Crowd() {
    stop_ = true;
    join();
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Once the server is dead.
  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  static std::string name(std::size_t user) { return "user" + std::to_string(user); }
  [[nodiscard]] std::string word(std::size_t user, std::size_t n) const {
    return round_ + "-" + std::to_string(user) + "-" + std::to_string(n);
  }
  [[nodiscard]] std::size_t answered(std::size_t user) const { return answered_.at(user); }
  [[nodiscard]] std::size_t answered() const {
    std::size_t sum = 0;
    for (const auto& count : answered_) sum += count;
    return sum;
  }
  [[nodiscard]] std::string failure() const { return failures_[0] + failures_[1] + failures_[2] + failures_[3]; }

 private:
  void look_up_until_it_dies(Client& client, std::size_t user) {
    constexpr std::size_t kUnderWay = 30;
    try {
      for (std::size_t sent = 0; !stop_; ++answered_.at(user)) {
        while (sent < answered_.at(user) + kUnderWay) client.send(query(word(user, sent++)));
        const std::string answer = client.receive().text();
        if (answer != "found nothing") throw ProtocolError(answer);
      }
    } catch (const Disconnected&) {  // what it waits for
    } catch (const std::exception& exception) {
      failures_.at(user) = exception.what();
    }
  }

  std::string round_;
  std::atomic<bool> stop_ = false;  // for a test that failed before it killed the server
  std::array<std::atomic<std::size_t>, kUsers> answered_{};
  std::array<std::string, kUsers> failures_;
  std::array<std::thread, kUsers> threads_;
};

// All of it, page by page.
std::map<std::string, int> whole_history(Client& client) {
  std::map<std::string, int> counts;
  std::uint64_t before = 0;
  for (auto page = client.events(1000); !page.empty(); page = client.events(1000, before)) {
    for (const Event& event : page) ++counts[event.word];
    before = page.back().number;
  }
  return counts;
}

void expect_each_answer_once(std::uint16_t port, const Crowd& crowd) {
  for (std::size_t user = 0; user < Crowd::kUsers; ++user) {
    Client client = logged_in(port, Crowd::name(user));
    const auto counts = whole_history(client);
    for (std::size_t n = 0; n < crowd.answered(user); ++n) {
      ASSERT_TRUE(counts.contains(crowd.word(user, n))) << "answered and lost: " << crowd.word(user, n);
    }
    for (const auto& [word, count] : counts) ASSERT_EQ(count, 1) << "doubled: " << word;
  }
}

using CrashTest = DictdTest;

TEST_F(CrashTest, KilledFiveTimesItLosesAndDoublesNoAnsweredLookUp) {
  start();
  std::random_device random;
  for (int round = 0; round < 5; ++round) {
    const std::size_t enough = 100 + random() % 4000;
    SCOPED_TRACE("killed after " + std::to_string(enough) + " answers");
    Crowd crowd(dictd_->port(), std::to_string(round));
    wait_until("enough look-ups", [&] { return crowd.answered() >= enough; });
    dictd_->kill();
    crowd.join();
    EXPECT_EQ(crowd.failure(), "");
    restart();
    expect_each_answer_once(dictd_->port(), crowd);
  }
  EXPECT_EQ(dictd_->stop(), 0);
  EXPECT_EQ(sql("SELECT COUNT(*) - COUNT(DISTINCT word) FROM hist"), "0\n");
}

TEST_F(CrashTest, KilledWhileEachAnswerIsSyncedItLosesNothing) {
  start({"--journal-sync", "always"});
  Crowd crowd(dictd_->port(), "synced");
  wait_until("some look-ups", [&] { return crowd.answered() >= 500; });
  dictd_->kill();
  crowd.join();
  EXPECT_EQ(crowd.failure(), "");
  restart();
  expect_each_answer_once(dictd_->port(), crowd);
}

class DatabaseCrashTest : public OwnMariadbTest {};

TEST_F(DatabaseCrashTest, KilledWithBothGoneNothingIsLost) {
  start();
  Crowd crowd(dictd_->port(), "both");
  wait_until("some look-ups", [&] { return crowd.answered() >= 500; });
  kill_mariadb();
  const std::size_t until_then = crowd.answered();
  wait_until("more look-ups, without the database", [&] { return crowd.answered() >= until_then + 500; });
  dictd_->kill();
  crowd.join();
  EXPECT_EQ(crowd.failure(), "");
  start_mariadb();
  restart();
  expect_each_answer_once(dictd_->port(), crowd);
}

TEST_F(DatabaseCrashTest, LookUpsAreAnsweredWhileItIsGoneAndAllAreInTheTableAfterwards) {
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

TEST_F(DatabaseCrashTest, RestartedInTheMiddleOfLookUpsItGetsEachOnce) {
  start();
  Crowd crowd(dictd_->port(), "restarts");
  for (int i = 1; i <= 2; ++i) {
    const std::size_t until_then = crowd.answered();
    wait_until("look-ups", [&] { return crowd.answered() >= until_then + 1000; });
    kill_mariadb();
    wait_until("look-ups without the database", [&] { return crowd.answered() >= until_then + 2000; });
    start_mariadb();
  }
  EXPECT_EQ(dictd_->stop(), 0);
  crowd.join();
  EXPECT_EQ(crowd.failure(), "");
  restart();
  expect_each_answer_once(dictd_->port(), crowd);
}

TEST_F(DatabaseCrashTest, LookUpsGoOnWhileItHangsAndALoginIsUnavailableInTime) {
  start({"--db-timeout", "1"});
  Client client = user("ann");
  pause_mariadb();
  Client other = connect();
  other.send(log_in("ann", kPassword));
  const auto words = numbered_words("word", 1000);
  look_up(client, words);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(other.receive().text(), "error 9 unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(client.words(1), std::vector{words.back()});
  resume_mariadb();
  wait_for_rows_in_hist(words.size());
  wait_until("log-ins work again", [&] { return other.ask(log_in("ann", kPassword)) == "logged in"; });
}

// ---- Events that the database will not have -------------------------------------------------------------------------

TEST_F(CrashTest, LookUpsOfADeletedUserDoNotHoldUpTheOthers) {
  start();
  Client ann = user("ann");
  Client bob = user("bob");
  (void)sql("DELETE FROM user WHERE name = 'ann'");
  for (int i = 0; i < 20; ++i) {
    look_up(ann, {"of ann " + std::to_string(i)});
    look_up(bob, {"of bob " + std::to_string(i)});
  }
  wait_until("bob's are there", [&] { return sql("SELECT COUNT(*) FROM hist WHERE word LIKE 'of bob%'") == "20\n"; });
  EXPECT_EQ(bob.words(1), std::vector<std::string>{"of bob 19"});
}

TEST_F(CrashTest, EventThatTheDatabaseRefusesIsSetAsideAndTheOthersGoOn) {
  (void)sql("ALTER TABLE hist MODIFY word VARCHAR(5) NOT NULL");
  start();
  Client client = user("ann");
  look_up(client, {"one", "longer than five", "two", "three"});
  wait_for_rows_in_hist(3);
  std::ostringstream rejected;
  rejected << std::ifstream(dictd_->state_dir() / "rejected.log").rdbuf();
  EXPECT_THAT(rejected.str(), HasSubstr("\"longer than five\""));
}

}  // namespace
}  // namespace integration
