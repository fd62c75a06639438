// What a user looked up: listed, paged, forgotten; from the journal, the table, or both.
#include <chrono>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UserHistoryTest : public DictdTest {};

// A session of the database's own client; what it locks, it holds.
class DatabaseSession {
 public:
  explicit DatabaseSession(const dictd::DatabaseOptions& database)
      : process_({{"mariadb", "--no-defaults", "--skip-column-names", "--batch", "--unbuffered",
                   "--socket=" + database.socket, "--user=" + database.user, database.name}}) {}
  void run(const std::string& sql) {
    const std::string done = "done " + std::to_string(++statements_);
    process_.write(sql + "; SELECT '" + done + "';\n");
    process_.wait_for_output(done);
  }

 private:
  support::Process process_;
  int statements_ = 0;
};

std::vector<std::string> reversed(std::vector<std::string> words) {
  std::ranges::reverse(words);
  return words;
}

std::int64_t now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

TEST_F(UserHistoryTest, ListsEachLookUpAsItWasTypedFoundOrNot) {
  start();
  Client client = user("ann");
  look_up(client, {"apple", "  APPLE ", "nothing", "苹果", "apple"});
  EXPECT_THAT(client.words(), ElementsAre("apple", "苹果", "nothing", "APPLE", "apple"));
}

TEST_F(UserHistoryTest, WhatIsNoLookUpLeavesNoTrace) {
  start();
  Client client = user("ann");
  for (const Request& request : {query(""), query(std::string(256, 'x')), match("exact", "apple"), ping()}) {
    (void)client.ask(request);
  }
  EXPECT_THAT(client.words(), IsEmpty());
}

TEST_F(UserHistoryTest, TellsTheTimeInMicrosecondsSince1970) {
  start();
  Client client = user("ann");
  const std::int64_t before = now_us();
  look_up(client, {"apple"});
  const std::int64_t after = now_us();
  const std::int64_t time = client.events().at(0).time;
  EXPECT_LE(before, time);
  EXPECT_LE(time, after);
}

TEST_F(UserHistoryTest, LimitIs10UnlessAskedForMoreAndNeverOver1000) {
  start();
  Client client = user("ann");
  look_up(client, numbered_words("word", 1100));
  const struct {
    std::uint32_t limit;
    std::size_t count;
  } table[] = {{0, 10}, {1, 1}, {11, 11}, {1000, 1000}, {1001, 1000}, {0xffff'ffff, 1000}};
  for (const auto& [limit, count] : table) EXPECT_EQ(client.events(limit).size(), count) << limit;
  wait_for_rows_in_hist(1100);
  for (const auto& [limit, count] : table) EXPECT_EQ(client.events(limit).size(), count) << limit;
}

TEST_F(UserHistoryTest, PagesJoinWithoutGapOrRepetition) {
  start();
  Client client = user("ann");
  const auto words = numbered_words("word", 95);
  look_up(client, words);
  std::vector<std::string> seen;
  std::uint64_t before = 0;
  for (auto page = client.events(10); !page.empty(); page = client.events(10, before)) {
    for (const Event& event : page) {
      EXPECT_TRUE(before == 0 || event.number < before);
      before = event.number;
      seen.push_back(event.word);
    }
  }
  EXPECT_EQ(seen, reversed(words));
  EXPECT_THAT(client.words(10, 1), IsEmpty());
}

TEST_F(UserHistoryTest, OwnLookUpsAreListedBeforeTheyAreInTheTable) {
  start();
  Client client = user("ann");
  DatabaseSession other(database_);
  other.run("LOCK TABLES hist READ, user READ");
  const auto words = numbered_words("word", 20);
  look_up(client, words);
  EXPECT_EQ(client.words(20), reversed(words));
  EXPECT_EQ(client.words(1000), reversed(words));
  EXPECT_EQ(rows_in_hist(), "0\t0\n");
}

TEST_F(UserHistoryTest, MergesTheTableAndWhatIsNotInItYet) {
  start();
  Client client = user("ann");
  const auto words = numbered_words("word", 30);
  look_up(client, {words.begin(), words.begin() + 15});
  wait_for_rows_in_hist(15);
  DatabaseSession other(database_);
  other.run("LOCK TABLES hist READ, user READ");
  look_up(client, {words.begin() + 15, words.end()});
  EXPECT_EQ(client.words(1000), reversed(words));
  const auto half = client.events(20);
  EXPECT_EQ(client.words(1000, half.back().number), reversed({words.begin(), words.begin() + 10}));
  other.run("UNLOCK TABLES");
  wait_for_rows_in_hist(30);
  EXPECT_EQ(client.words(1000), reversed(words));
}

TEST_F(UserHistoryTest, IsTheSameOnEveryConnectionOfTheUser) {
  start();
  Client one = user("ann");
  Client other = user("ann");
  for (int i = 0; i < 10; ++i) {
    look_up(one, {"one" + std::to_string(i)});
    EXPECT_EQ(other.words(1), std::vector{"one" + std::to_string(i)});
    look_up(other, {"other" + std::to_string(i)});
    EXPECT_EQ(one.words(1), std::vector{"other" + std::to_string(i)});
  }
}

// ---- FORGET --------------------------------------------------------------------------------------------------------

TEST_F(UserHistoryTest, ForgetRemovesOneEventOfThisUser) {
  start();
  Client ann = user("ann");
  Client bob = user("bob");
  look_up(ann, {"a", "b", "c"});
  look_up(bob, {"of bob"});
  const std::uint64_t middle = ann.events().at(1).number;
  EXPECT_EQ(bob.forget_count(middle), 0U) << "another's";
  EXPECT_EQ(ann.forget_count(12345), 0U) << "nobody's";
  EXPECT_EQ(ann.forget_count(middle), 1U);
  EXPECT_EQ(ann.forget_count(middle), 0U) << "again";
  EXPECT_THAT(ann.words(), ElementsAre("c", "a"));
  EXPECT_THAT(bob.words(), ElementsAre("of bob"));
}

TEST_F(UserHistoryTest, ForgetAllRemovesThisUsersAndCountsThem) {
  start();
  Client ann = user("ann");
  Client bob = user("bob");
  look_up(bob, {"of bob"});
  look_up(ann, numbered_words("word", 250));
  EXPECT_EQ(ann.forget_count(), 250U) << "right after they were looked up";
  EXPECT_EQ(ann.forget_count(), 0U);
  EXPECT_THAT(ann.words(), IsEmpty());
  EXPECT_THAT(bob.words(), ElementsAre("of bob"));
  look_up(ann, {"new"});
  EXPECT_THAT(ann.words(), ElementsAre("new"));
}

TEST_F(UserHistoryTest, ForgetAllRemovesALongHistoryToItsEnd) {
  start();
  Client ann = user("ann");
  for (int i = 0; i < 11; ++i) look_up(ann, numbered_words("word", 1000));
  EXPECT_EQ(ann.forget_count(), 11'000U);
  EXPECT_THAT(ann.words(), IsEmpty());
}

// The look-ups are in the journal still: a replay must not bring them back.
TEST_F(UserHistoryTest, WhatWasForgottenStaysForgottenAfterACrash) {
  start();
  Client client = user("ann");
  for (int round = 0; round < 3; ++round) {
    look_up(client, numbered_words("word", 50));
    EXPECT_EQ(client.forget_count(), round == 0 ? 50U : 52U);
    look_up(client, {"a", "b", "c"});
    EXPECT_EQ(client.forget_count(client.events().at(1).number), 1U);
    dictd_->kill();
    restart();
    client = user("ann");
    EXPECT_THAT(client.words(100), ElementsAre("c", "a"));
  }
}

using UserHistoryWithoutDatabaseTest = OwnMariadbTest;

TEST_F(UserHistoryWithoutDatabaseTest, OwnLookUpsAreListedAsLongAsTheJournalHasEnoughOfThem) {
  start();
  Client client = user("ann");
  kill_mariadb();
  const auto words = numbered_words("word", 50);
  look_up(client, words);
  EXPECT_EQ(client.words(50), reversed(words));
  EXPECT_EQ(client.words(0).size(), 10U);
  EXPECT_EQ(client.ask(history(51)), "error 9 unavailable") << "the rest may be in the table";
  start_mariadb();
  wait_until("the database is found again", [&] { return !client.ask(history(51)).starts_with("error"); });
  EXPECT_EQ(client.words(51), reversed(words));
}

TEST_F(UserHistoryWithoutDatabaseTest, ForgetIsUnavailableAndForgetsNothing) {
  start();
  Client client = user("ann");
  look_up(client, {"a"});
  wait_for_rows_in_hist(1);
  kill_mariadb();
  look_up(client, {"b"});
  EXPECT_EQ(client.ask(forget()), "error 9 unavailable");
  start_mariadb();
  wait_until("the database is found again", [&] { return !client.ask(history()).starts_with("error"); });
  EXPECT_THAT(client.words(), ElementsAre("b", "a"));
}

}  // namespace
}  // namespace integration
