// SIGHUP: new words without a pause for anyone, or the old ones.
#include <atomic>
#include <csignal>
#include <thread>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::HasSubstr;

class ReloadTest : public DictdTest {
 protected:
  void reload() { dictd_->process().send_signal(SIGHUP); }
  static void wait_for_answer(Client& client, const Request& request, const std::string& answer) {
    wait_until(answer, [&] { return client.ask(request) == answer; });
  }
};

TEST_F(ReloadTest, WordsLoadedByDictloadAppearAndThoseReplacedAreGone) {
  start();
  Client client = user("ann");
  support::load_words(database_, "words", "quince\tn. 榅桲\n");
  EXPECT_EQ(client.ask(query("quince")), "found nothing") << "not before it is asked to";
  reload();
  wait_for_answer(client, query("quince"), "found words:quince=n. 榅桲");
  EXPECT_EQ(client.ask(query("apple")), "found nothing");
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries words/words/1");
}

// Look-ups on several connections until told to stop; counts those that were not answered as they should be.
class LookUps {
 public:
  explicit LookUps(std::uint16_t port) {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      threads_.at(i) = std::thread([this, client = logged_in(port, "user" + std::to_string(i))]() mutable {
        try {
          while (!stop_) {
            client.send(std::vector<Request>(20, query("apple")));
            for (int k = 0; k < 20; ++k) {
              if (client.receive().text() == kFoundApple) {
                ++answered_;
              } else {
                ++failed_;
              }
            }
          }
        } catch (const std::exception&) {
          ++failed_;
        }
      });
    }
  }
  ~LookUps() { stop(); }
  LookUps(const LookUps&) = delete;
  LookUps& operator=(const LookUps&) = delete;

  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  [[nodiscard]] int answered() const { return answered_; }
  [[nodiscard]] int failed() const { return failed_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> answered_ = 0;
  std::atomic<int> failed_ = 0;
  std::array<std::thread, 3> threads_;
};

TEST_F(ReloadTest, WhileLookUpsRunNoneFailsAndNoneIsDropped) {
  start();
  Client client = user("ann");
  LookUps look_ups(dictd_->port());
  std::string more;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2000; ++i) more += "new" + std::to_string(round) + "-" + std::to_string(i) + "\tn. new\n";
    load_wordbook(database_, more);
    reload();
    const std::string newest = "new" + std::to_string(round) + "-1999";
    wait_for_answer(client, query(newest), "found words:" + newest + "=n. new");
    const int until_then = look_ups.answered();
    wait_until("look-ups go on", [&] { return look_ups.answered() > until_then + 200; });
  }
  look_ups.stop();
  EXPECT_EQ(look_ups.failed(), 0);
}

TEST_F(ReloadTest, LoadThatFailsKeepsTheOldWords) {
  start();
  Client client = user("ann");
  (void)sql("RENAME TABLE words TO words_away");
  reload();
  dictd_->process().wait_for_errors("the words could not be loaded, the old ones stay");
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries words/words/7");
  (void)sql("RENAME TABLE words_away TO words");
  load_wordbook(database_, "quince\tn. 榅桲\n");
  reload();
  wait_for_answer(client, query("quince"), "found words:quince=n. 榅桲");
}

TEST_F(ReloadTest, SeveralAtOnceAreNoHarm) {
  start();
  Client client = user("ann");
  load_wordbook(database_, "quince\tn. 榅桲\n");
  for (int i = 0; i < 20; ++i) {
    reload();
    EXPECT_EQ(client.ask(query("apple")), kFoundApple);
  }
  wait_for_answer(client, query("quince"), "found words:quince=n. 榅桲");
}

TEST_F(ReloadTest, DictionaryWithoutWordsIsSaidAndCanBeFilledLater) {
  database_ = mariadb_.fresh_database();
  start();
  dictd_->process().wait_for_errors("there are no words; load some with dictload");
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("apple")), "found nothing");
  EXPECT_EQ(client.ask(match("prefix", "a")), "matches");
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries");
  load_wordbook(database_);
  reload();
  wait_for_answer(client, query("apple"), kFoundApple);
}

class ReloadWithoutDatabaseTest : public OwnMariadbTest {};

TEST_F(ReloadWithoutDatabaseTest, WithTheDatabaseAwayTheOldWordsStay) {
  start();
  Client client = user("ann");
  kill_mariadb();
  dictd_->process().send_signal(SIGHUP);
  dictd_->process().wait_for_errors("the words could not be loaded, the old ones stay");
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
}

}  // namespace
}  // namespace integration
