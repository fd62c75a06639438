#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "test/integration/store_fixture.h"

namespace dictd {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr microseconds kMonth = hours(30 * 24);

std::int64_t after(microseconds time) { return kNow + time.count(); }

Event event(std::uint64_t number, std::string word = "word") {
  return {number, 1, kNow + static_cast<std::int64_t>(number), std::move(word)};
}

std::vector<Event> events_through(std::uint64_t last) {
  std::vector<Event> events;
  for (std::uint64_t number = 1; number <= last; ++number) events.push_back(event(number));
  return events;
}

std::vector<std::uint64_t> numbers(const StoreResult<std::vector<Event>>& events) {
  std::vector<std::uint64_t> result;
  for (const Event& one : events.value()) result.push_back(one.number);
  return result;
}

// ---- users

TEST_F(StoreTest, UserIsFoundByNameAndById) {
  const User ann{7, "ann", "$argon2id$..."};
  ASSERT_OK(store_.add_user(ann, kNow));
  EXPECT_EQ(store_.find_user("ann").value(), ann);
  EXPECT_EQ(store_.find_user(7).value(), ann);
  EXPECT_EQ(store_.find_user(8).value(), std::nullopt);
}

TEST_F(StoreTest, NamesAreComparedCodePointByCodePoint) {
  add_user(1, "caf\u00E9");
  for (const std::string_view other : {"cafe", "CAF\u00C9", "cafe\u0301", "caf\u00E9 ", "caf", ""}) {
    EXPECT_EQ(store_.find_user(other).value(), std::nullopt) << other;
  }
  add_user(2, "cafe");
  add_user(3, "CAF\u00C9");
}

TEST_F(StoreTest, NameMayHoldAnyCharacter) {
  add_user(1, "'; DROP TABLE user; --");
  add_user(2, "🍎苹果");
  EXPECT_EQ(store_.find_user("🍎苹果").value()->id, 2U);
}

TEST_F(StoreTest, NameIsTakenOnce) {
  add_user(1, "ann");
  EXPECT_THAT(shown(store_.add_user({2, "ann", "other"}, kNow)), HasSubstr("duplicate"));
  EXPECT_EQ(store_.find_user("ann").value()->id, 1U);
}

TEST_F(StoreTest, SameUserMayBeAddedAgain) {
  add_user(1, "ann");
  add_user(1, "ann");
  EXPECT_THAT(shown(store_.add_user({1, "bob", "hash"}, kNow)), HasSubstr("duplicate"));
}

TEST_F(StoreTest, NoTextIsEmptyTextAndNotNull) {
  ASSERT_OK(store_.add_user({1, "ann", ""}, kNow));
  EXPECT_TRUE(store_.replace_password_hash(1, std::string_view(), "new").value());
}

TEST_F(StoreTest, NameThatDoesNotFitIsRejected) {
  EXPECT_THAT(shown(store_.add_user({1, std::string(33, 'x'), "hash"}, kNow)), HasSubstr("rejected"));
}

TEST_F(StoreTest, PasswordHashIsReplacedOnlyIfItIsStillTheOldOne) {
  add_user(1, "ann");
  EXPECT_TRUE(store_.replace_password_hash(1, "hash", "new").value());
  EXPECT_FALSE(store_.replace_password_hash(1, "hash", "newer").value());
  EXPECT_FALSE(store_.replace_password_hash(2, "hash", "new").value());
  EXPECT_EQ(store_.find_user(1).value()->password_hash, "new");
}

// ---- sessions

class SessionTest : public StoreTest {
 protected:
  void SetUp() override {
    add_user(1, "ann");
    ASSERT_OK(store_.add_session(token_, 1, kNow, kMonth));
  }
  bool good(const TokenHash& token, std::int64_t now) {
    return store_.resume_session(token, now, kMonth).value().has_value();
  }

  const TokenHash token_ = hash_token("token");
  const TokenHash other_ = hash_token("other");
};

TEST_F(SessionTest, TokenStandsForItsUser) {
  EXPECT_EQ(store_.resume_session(token_, kNow, kMonth).value(), (SessionUser{1, "ann"}));
  EXPECT_EQ(store_.resume_session(other_, kNow, kMonth).value(), std::nullopt);
}

TEST_F(SessionTest, LastsItsLifetimeAndNoMoreThanTheGraceLonger) {
  EXPECT_FALSE(good(token_, after(kMonth + hours(1))));
  EXPECT_TRUE(good(token_, after(kMonth)));
}

TEST_F(SessionTest, LastsALifetimeAfterEachUse) {
  EXPECT_TRUE(good(token_, after(hours(1))));  // writes nothing, and yet
  EXPECT_TRUE(good(token_, after(kMonth + hours(1) - microseconds(1))));
  EXPECT_TRUE(good(token_, after(2 * kMonth)));
}

TEST_F(SessionTest, ResumeIsAReadWithinTheGrace) {
  const std::string before = sql("SELECT last_used, ends FROM session");
  EXPECT_TRUE(good(token_, after(hours(1))));
  EXPECT_EQ(sql("SELECT last_used, ends FROM session"), before);
  EXPECT_TRUE(good(token_, after(hours(2))));
  EXPECT_NE(sql("SELECT last_used, ends FROM session"), before);
}

TEST_F(SessionTest, GraceOfAShortLifetimeIsShort) {
  EXPECT_EQ(Store::session_grace(kMonth), hours(1));
  EXPECT_EQ(Store::session_grace(microseconds(2400)), microseconds(100));
}

TEST_F(SessionTest, EndsWhenItIsEnded) {
  ASSERT_OK(store_.add_session(other_, 1, kNow, kMonth));
  ASSERT_OK(store_.end_session(token_));
  ASSERT_OK(store_.end_session(token_));
  EXPECT_FALSE(good(token_, kNow));
  EXPECT_TRUE(good(other_, kNow));
}

TEST_F(SessionTest, AllOfAUserEndButTheOneToKeep) {
  add_user(2, "bob");
  const TokenHash bobs = hash_token("bob's");
  ASSERT_OK(store_.add_session(other_, 1, kNow, kMonth));
  ASSERT_OK(store_.add_session(bobs, 2, kNow, kMonth));
  ASSERT_OK(store_.end_sessions(1, token_));
  EXPECT_TRUE(good(token_, kNow));
  EXPECT_FALSE(good(other_, kNow));
  EXPECT_TRUE(good(bobs, kNow));
  ASSERT_OK(store_.end_sessions(1, std::nullopt));
  EXPECT_FALSE(good(token_, kNow));
}

TEST_F(SessionTest, EndedOnesAreRemovedAFewAtATime) {
  for (const char* name : {"a", "b", "c"}) ASSERT_OK(store_.add_session(hash_token(name), 1, kNow, hours(2)));
  EXPECT_EQ(store_.remove_ended_sessions(after(hours(2)), 10).value(), 0U) << "could still be resumed";
  EXPECT_EQ(store_.remove_ended_sessions(after(hours(3)), 2).value(), 2U);
  EXPECT_EQ(store_.remove_ended_sessions(after(hours(3)), 2).value(), 1U);
  EXPECT_TRUE(good(token_, after(hours(3))));
}

TEST_F(SessionTest, NeedsAUser) {
  EXPECT_THAT(shown(store_.add_session(other_, 9, kNow, kMonth)), HasSubstr("rejected"));
}

// ---- history

class HistoryTest : public StoreTest {
 protected:
  void SetUp() override { add_user(1, "ann"); }
};

TEST_F(HistoryTest, GivesBackWhatWasInserted) {
  const std::vector<Event> events = {event(2, "苹果"), event(1, "trailing\u00A0"), {3, 2, -5, "another user's"}};
  ASSERT_OK(store_.insert_history(events));
  EXPECT_THAT(store_.history(1, 10, 0).value(), ElementsAre(events[0], events[1]));
}

TEST_F(HistoryTest, PagesFromTheNewest) {
  ASSERT_OK(store_.insert_history(events_through(5)));
  EXPECT_THAT(numbers(store_.history(1, 2, 0)), ElementsAre(5, 4));
  EXPECT_THAT(numbers(store_.history(1, 2, 4)), ElementsAre(3, 2));
  EXPECT_THAT(numbers(store_.history(1, 2, 2)), ElementsAre(1));
  EXPECT_THAT(numbers(store_.history(1, 2, 1)), IsEmpty());
  EXPECT_THAT(numbers(store_.history(1, 0, 0)), IsEmpty());
}

TEST_F(HistoryTest, InsertTakesAnyNumberOfEvents) {
  std::uint64_t expected = 0;
  for (const std::size_t count : {0U, 1U, 2U, 3U, 999U, 1000U, 1001U, 2567U}) {
    std::vector<Event> events;
    for (std::size_t i = 0; i < count; ++i) events.push_back(event(++expected));
    ASSERT_OK(store_.insert_history(events));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM hist"), std::to_string(expected) + "\n");
  }
}

TEST_F(HistoryTest, InsertingAgainDoublesAndChangesNothing) {
  ASSERT_OK(store_.insert_history(events_through(1500)));
  std::vector<Event> again = events_through(1600);
  for (Event& one : again) one.word = "changed";
  ASSERT_OK(store_.insert_history(again));
  EXPECT_EQ(sql("SELECT word, COUNT(*) FROM hist GROUP BY word ORDER BY word"), "changed\t100\nword\t1500\n");
}

TEST_F(HistoryTest, EventThatDoesNotFitIsRejected) {
  for (const std::string& word : {std::string(256, 'x'), std::string("bad \xFF"), std::string("cut \xE8\x8B")}) {
    EXPECT_THAT(shown(store_.insert_history(std::vector{event(1), event(2, word)})), HasSubstr("rejected")) << word;
  }
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "🍎";
  ASSERT_OK(store_.insert_history(std::vector{event(3, longest)}));
}

TEST_F(HistoryTest, EventForWhichThereIsNoPartitionIsRejected) {
  sql("ALTER TABLE hist PARTITION BY RANGE (event) (PARTITION p VALUES LESS THAN (3))");
  EXPECT_THAT(shown(store_.insert_history(events_through(3))), HasSubstr("rejected"));
  ASSERT_OK(store_.insert_history(events_through(2)));
}

// It was taken for a database that is away.
TEST_F(HistoryTest, RefusalByATriggerIsDoubtful) {
  sql("DELIMITER |\n"
      "CREATE TRIGGER refuse BEFORE INSERT ON hist FOR EACH ROW"
      " IF NEW.word = 'bad' THEN SIGNAL SQLSTATE '45000'; END IF|");
  EXPECT_THAT(shown(store_.insert_history(std::vector{event(1), event(2, "bad")})), HasSubstr("doubtful"));
  ASSERT_OK(store_.insert_history(events_through(2)));
}

TEST_F(HistoryTest, WrongSchemaGivesUpNoEvent) {
  sql("DROP TABLE hist");
  EXPECT_THAT(shown(store_.insert_history(events_through(3))), HasSubstr("unavailable"));
}

TEST_F(HistoryTest, ForgetsOneEvent) {
  ASSERT_OK(store_.insert_history(events_through(3)));
  EXPECT_EQ(store_.remove_event(1, 2).value(), 1U);
  EXPECT_EQ(store_.remove_event(1, 2).value(), 0U);
  EXPECT_EQ(store_.remove_event(2, 3).value(), 0U) << "of another user";
  EXPECT_THAT(numbers(store_.history(1, 10, 0)), ElementsAre(3, 1));
}

TEST_F(HistoryTest, HidesAllThroughANumberAndRemovesItInParts) {
  ASSERT_OK(store_.insert_history(events_through(12'000)));
  ASSERT_OK(store_.hide_history(1, 11'998));
  EXPECT_THAT(numbers(store_.history(1, 10, 0)), ElementsAre(12'000, 11'999));
  EXPECT_EQ(store_.remove_hidden_history(2).value(), 0U) << "of another user";
  EXPECT_EQ(store_.remove_hidden_history(1).value(), 5000U);
  EXPECT_EQ(store_.remove_hidden_history(1).value(), 5000U);
  EXPECT_EQ(store_.remove_hidden_history(1).value(), 1998U);
  EXPECT_EQ(store_.remove_hidden_history(1).value(), 0U);
  EXPECT_THAT(numbers(store_.history(1, 10, 0)), ElementsAre(12'000, 11'999));
}

TEST_F(HistoryTest, NeverShowsWhatWasForgottenBeforeItCameIn) {
  ASSERT_OK(store_.hide_history(1, 2));
  ASSERT_OK(store_.hide_history(1, 1));  // takes nothing back
  ASSERT_OK(store_.insert_history(events_through(3)));
  EXPECT_THAT(numbers(store_.history(1, 10, 0)), ElementsAre(3));
}

// ---- servers

std::string instance(int i) { return std::string(28, 'f') + std::to_string(1000 + i); }

TEST_F(StoreTest, InstanceGetsTheLowestFreeNumberAndKeepsIt) {
  EXPECT_EQ(store_.claim_server_number(instance(0), kNow).value(), 0);
  EXPECT_EQ(store_.claim_server_number(instance(1), kNow).value(), 1);
  EXPECT_EQ(store_.claim_server_number(instance(2), kNow).value(), 2);
  EXPECT_EQ(store_.claim_server_number(instance(1), kNow).value(), 1);
  sql("DELETE FROM server WHERE number = 1");
  EXPECT_EQ(store_.claim_server_number(instance(3), kNow).value(), 1);
  EXPECT_EQ(store_.claim_server_number(instance(1), kNow).value(), 3);
}

TEST_F(StoreTest, NumberUnseenForNinetyDaysGoesToAnotherWhenNoneIsFree) {
  sql("INSERT INTO server SELECT seq, seq, " + std::to_string(kNow) + " FROM seq_0_to_4095");
  EXPECT_THAT(shown(store_.claim_server_number(instance(0), after(hours(90 * 24)))), HasSubstr("rejected"));
  ASSERT_TRUE(store_.server_seen(0, "0", after(hours(24))).value());
  EXPECT_EQ(store_.claim_server_number(instance(0), after(hours(91 * 24))).value(), 1);
  EXPECT_FALSE(store_.server_seen(1, "1", after(hours(91 * 24))).value());
  EXPECT_TRUE(store_.server_seen(1, instance(0), after(hours(91 * 24))).value());
}

TEST_F(StoreTest, InstancesThatClaimAtOnceGetDifferentNumbers) {
  std::vector<int> claimed(8, -1);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    threads.emplace_back([&, i] {
      claimed[i] = Store(database_).claim_server_number(instance(static_cast<int>(i)), kNow).value_or(0xFFFF);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(claimed, testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

// ---- trouble

TEST_F(StoreTest, CallWhoseConnectionWasLostIsDoneOnANewOne) {
  add_user(1, "ann");
  cut_connection();
  EXPECT_EQ(store_.find_user("ann").value()->id, 1U);
  cut_connection();
  ASSERT_OK(store_.insert_history(events_through(3)));
}

TEST_F(StoreTest, MissingSchemaSaysWhatToDo) {
  Store store(support::shared_mariadb().empty_database());
  ASSERT_OK(store.ping());
  const std::string answer = shown(store.find_user("ann"));
  EXPECT_THAT(answer, HasSubstr("rejected"));
  EXPECT_THAT(answer, HasSubstr("apply schema.sql"));
}

TEST_F(StoreTest, MissingDatabaseSaysWhatToDo) {
  database_.name = "no_such_database";
  EXPECT_THAT(shown(Store(database_).ping()), HasSubstr("create the database"));
}

TEST_F(StoreTest, WrongAccountSaysWhatToDoAndNotThePassword) {
  database_.user = "nobody_at_all";
  database_.password = "very secret";
  const std::string answer = shown(Store(database_).ping());
  EXPECT_THAT(answer, HasSubstr("check the database's user and password"));
  EXPECT_THAT(answer, testing::Not(HasSubstr("very secret")));
}

TEST_F(StoreTest, OptionFileFillsWhatIsEmpty) {
  const support::TempDir dir;
  std::ofstream(dir.file("client.cnf")) << "[client]\nsocket=" << database_.socket
                                        << "\nuser=nobody_at_all\n[dictd]\nuser=root\n";
  DatabaseOptions options;
  options.name = database_.name;
  options.defaults_file = dir.file("client.cnf");
  ASSERT_OK(Store(options).ping());
  options.defaults_file = dir.file("missing.cnf");
  EXPECT_THAT(shown(Store(options).ping()), HasSubstr("cannot read the option file"));
}

// Calls until the database is back; the back-off says how long that takes.
void wait_until_back(Store& store) {
  while (!store.ping()) std::this_thread::yield();
}

TEST(StoreAndServer, CallsFailAtOnceWhileTheDatabaseIsAwayAndWorkWhenItIsBack) {
  support::Mariadb server;
  Store store(server.options());
  ASSERT_OK(store.add_user({1, "ann", "hash"}, kNow));
  server.kill();
  EXPECT_THAT(shown(store.find_user("ann")), HasSubstr("unavailable"));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(shown(store.find_user("ann")), HasSubstr("unavailable"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  server.start();
  wait_until_back(store);
  EXPECT_EQ(store.find_user("ann").value()->id, 1U);
  server.stop();
  server.start();
  EXPECT_EQ(store.find_user("ann").value()->id, 1U) << "was lost and is back: no call need fail";
}

// It was taken for a database that is away, whether the server said why or only closed the connection.
TEST(StoreAndServer, MoreThanFitsIntoAPacketIsDoubtful) {
  const support::Mariadb mariadb({"--max-allowed-packet=1M"});
  Store store(mariadb.options());
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "🍎";
  std::vector<Event> events;
  for (std::uint64_t number = 1; number <= 1000; ++number) events.push_back(event(number, longest));
  EXPECT_THAT(shown(store.insert_history(events)), HasSubstr("doubtful"));
  ASSERT_OK(store.insert_history(std::span(events).first(500)));
}

TEST(StoreAndServer, DatabaseThatHangsIsUnavailable) {
  support::Mariadb server;
  DatabaseOptions options = server.options();
  options.connect_timeout = options.io_timeout = std::chrono::seconds(1);
  Store store(options);
  ASSERT_OK(store.ping());
  server.pause();
  EXPECT_THAT(shown(store.find_user("ann")), HasSubstr("unavailable"));  // of a connection that stood
  EXPECT_THAT(shown(Store(options).ping()), HasSubstr("unavailable"));   // of a new one
  server.resume();
  wait_until_back(store);
  ASSERT_OK(store.find_user("ann"));
}

}  // namespace
}  // namespace dictd
