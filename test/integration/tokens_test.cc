// Logins that outlive their connection: tokens, what ends them, and what of them and of passwords is stored.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBad = "error 5 bad_credentials";

class TokensTest : public DictdTest {
 protected:
  // Of a further login of a user who is registered if need be.
  [[nodiscard]] std::string token(const std::string& name = "ann") const {
    return user(name).token_of(log_in(name, kPassword));
  }
  [[nodiscard]] std::string resumed(const std::string& token) const { return connect().ask(resume(token)); }
};

TEST_F(TokensTest, TokenStandsForTheLoginOnAnyConnection) {
  start();
  const std::string of_ann = token();
  Client first = connect();
  Client second = connect();
  for (Client* const client : {&first, &second}) {
    EXPECT_EQ(client->ask(resume(of_ann)), "resumed ann");
    EXPECT_EQ(client->ask(query("apple")), kFoundApple);
  }
  EXPECT_THAT(first.words(), ElementsAre("apple", "apple"));
}

TEST_F(TokensTest, TokenIsGoodAfterARestartAndAfterACrash) {
  start();
  const std::string of_ann = token();
  dictd_->stop();
  restart();
  EXPECT_EQ(resumed(of_ann), "resumed ann");
  dictd_->kill();
  restart();
  EXPECT_EQ(resumed(of_ann), "resumed ann");
}

TEST_F(TokensTest, TokenIsGoodOnAnotherDictdOfTheSameDatabase) {
  start();
  const support::Dictd other(database_);
  Client there(other.port());
  EXPECT_EQ(there.ask(resume(token())), "resumed ann");
  look_up(there, {"on the other"});
  wait_for_rows_in_hist(1);
  Client here = user("ann");
  EXPECT_THAT(here.words(), ElementsAre("on the other"));
}

TEST_F(TokensTest, EventNumbersOfTwoServersNeverCollide) {
  start();
  support::Dictd other(database_);
  (void)user("ann");
  constexpr std::size_t kWords = 3000;
  std::thread there([&] {
    Client client = logged_in(other.port(), "ann");
    look_up(client, numbered_words("there", kWords));
  });
  Client client = user("ann");
  look_up(client, numbered_words("here", kWords));
  there.join();
  wait_for_rows_in_hist(2 * kWords);
  EXPECT_EQ(sql("SELECT COUNT(DISTINCT event) FROM hist"), std::to_string(2 * kWords) + "\n");
}

TEST_F(TokensTest, ResumeWhileLoggedInReplacesTheUserAndChangesNothingIfItFails) {
  start();
  const std::string of_bob = token("bob");
  const std::string of_ann = token();
  Client client = connect();
  EXPECT_EQ(client.ask(resume(of_ann)), "resumed ann");
  look_up(client, {"of ann"});
  EXPECT_EQ(client.ask(resume("a token that nobody has")), kBad);
  EXPECT_THAT(client.words(), ElementsAre("of ann"));
  EXPECT_EQ(client.ask(resume(of_bob)), "resumed bob");
  EXPECT_THAT(client.words(), ElementsAre());
  EXPECT_EQ(resumed(of_ann), "resumed ann") << "the earlier token stays good";
}

// ---- What ends them ------------------------------------------------------------------------------------------------

TEST_F(TokensTest, LogoutEndsTheTokenOfThisConnectionOnly) {
  start();
  Client logged_in = user("ann");
  const std::string own = logged_in.token_of(log_in("ann", kPassword));
  const std::string other = token();
  EXPECT_EQ(logged_in.ask(log_out()), "logged out");
  EXPECT_EQ(resumed(own), kBad);
  Client client = connect();
  EXPECT_EQ(client.ask(resume(other)), "resumed ann");
  EXPECT_EQ(client.ask(log_out()), "logged out");
  EXPECT_EQ(resumed(other), kBad) << "one that was resumed ends as well";
}

TEST_F(TokensTest, ChangeOfPasswordEndsAllTokensOfTheUserButItsOwn) {
  start();
  const std::string other = token();
  const std::string of_bob = token("bob");
  Client client = user("ann");
  const std::string own = client.token_of(log_in("ann", kPassword));
  EXPECT_EQ(client.ask(change_password("wrong password", "battery staple")), kBad);
  EXPECT_EQ(resumed(other), "resumed ann");
  EXPECT_EQ(client.ask(change_password(kPassword, "battery staple")), "password changed");
  EXPECT_EQ(resumed(other), kBad);
  EXPECT_EQ(resumed(own), "resumed ann");
  EXPECT_EQ(resumed(of_bob), "resumed bob");
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
  EXPECT_EQ(connect().ask(log_in("ann", kPassword)), kBad);
  EXPECT_EQ(connect().ask(log_in("ann", "battery staple")), "logged in");
}

TEST_F(TokensTest, TokenEndsWhenItWasNotUsedForItsLifetime) {
  start({"--token-lifetime", "1"});
  const std::string of_ann = token();
  wait_until("its time is over", [&] {
    // Up to a twenty-fourth of its lifetime later it may still be taken.
    return sql("SELECT MAX(ends) + 1000000 / 24 < UNIX_TIMESTAMP(NOW(6)) * 1000000 FROM session") == "1\n";
  });
  EXPECT_EQ(resumed(of_ann), kBad);
}

TEST_F(TokensTest, TokenLastsForThirtyDaysAndEachUseBeginsThemAnew) {
  start();
  const std::string of_ann = token();
  (void)sql("UPDATE session SET last_used = last_used - 86400000000 * 29, ends = ends - 86400000000 * 29");
  const std::string days_left =
      "SELECT ROUND((MAX(ends) / 1000000 - UNIX_TIMESTAMP()) / 86400) FROM session WHERE created <> last_used";
  EXPECT_EQ(sql(days_left), "1\n");
  EXPECT_EQ(resumed(of_ann), "resumed ann");
  EXPECT_EQ(sql(days_left), "30\n");
  (void)sql("UPDATE session SET last_used = last_used - 86400000000 * 31, ends = ends - 86400000000 * 31");
  EXPECT_EQ(resumed(of_ann), kBad);
}

TEST_F(TokensTest, TokenOfADeletedUserIsNoLongerGood) {
  start();
  const std::string of_ann = token();
  (void)sql("DELETE FROM user WHERE name = 'ann'");
  EXPECT_EQ(resumed(of_ann), kBad);
  EXPECT_EQ(connect().ask(log_in("ann", kPassword)), kBad);
}

// ---- What is stored ------------------------------------------------------------------------------------------------

std::string all_files_below(const std::filesystem::path& directory) {
  std::ostringstream text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return text.str();
}

TEST_F(TokensTest, OnlyHashesOfTokensAndPasswordsAreStored) {
  start({"--log-level", "trace"});
  Client client = user("ann");
  const std::string own = client.token_of(log_in("ann", kPassword));
  EXPECT_EQ(client.ask(resume(own)), "resumed ann");
  EXPECT_EQ(client.ask(change_password(kPassword, "battery staple")), "password changed");
  look_up(client, {"apple"});
  client.close();
  dictd_->stop();
  const std::string stored =
      sql("SELECT * FROM user; SELECT * FROM session; SELECT * FROM server; SELECT * FROM hist") +
      all_files_below(dictd_->state_dir()) + dictd_->process().errors();
  EXPECT_THAT(stored, HasSubstr("$argon2id$"));
  for (const std::string& secret : {own, std::string(kPassword), std::string("battery staple")}) {
    EXPECT_THAT(stored, Not(HasSubstr(secret)));
  }
}

TEST_F(TokensTest, NoTwoTokensAreTheSame) {
  start();
  std::set<std::string> tokens;
  Client client = user("ann");
  for (int i = 0; i < 20; ++i) tokens.insert(client.token_of(log_in("ann", kPassword)));
  EXPECT_EQ(tokens.size(), 20U);
}

TEST_F(TokensTest, HashOfAPasswordIsRenewedAtTheNextLoginWithOtherSettings) {
  start({"--password-memory", "64"});
  const std::string of_ann = token();
  EXPECT_THAT(sql("SELECT password_hash FROM user"), HasSubstr("$m=64,t=1,"));
  dictd_->stop();
  dictd_.emplace(database_, std::vector<std::string>{"--password-memory", "128", "--password-passes", "2"});
  EXPECT_EQ(resumed(of_ann), "resumed ann");
  EXPECT_EQ(connect().ask(log_in("ann", "wrong password")), kBad);
  EXPECT_THAT(sql("SELECT password_hash FROM user"), HasSubstr("$m=64,t=1,")) << "not by anything else";
  EXPECT_EQ(connect().ask(log_in("ann", kPassword)), "logged in");
  EXPECT_THAT(sql("SELECT password_hash FROM user"), HasSubstr("$m=128,t=2,"));
  EXPECT_EQ(connect().ask(log_in("ann", kPassword)), "logged in");
}

}  // namespace
}  // namespace integration
