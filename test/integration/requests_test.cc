// Every request of the protocol and its answer.
#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;

constexpr const char* kHello = "hello 1, frames up to 65536";

class RequestsTest : public DictdTest {};

TEST_F(RequestsTest, EachIsAnsweredAsTheProtocolSays) {
  start();
  Client client = connect();
  const struct {
    Request request;
    std::string answer;
  } table[] = {
      {hello(), kHello},
      {ping(), "pong"},
      {sign_up("ann", kPassword), "registered"},
      {log_in("ann", kPassword), "logged in"},
      {query("apple"), kFoundApple},
      {query("aple"), "found nothing"},
      {history(), "history aple apple"},
      {match("exact", "apple"), "matches words:apple"},
      {match("prefix", "app"), "matches words:apple words:apply"},
      {match("lev", "appl"), "matches words:apple words:apply"},
      {match(".", "appl"), "matches words:apple words:apply"},
      {match("prefix", "app", 1), "matches words:apple"},
      {match("exact", "nothing"), "matches"},
      {dictionaries(), "dictionaries words/words/7"},
      {change_password(kPassword, "battery staple"), "password changed"},
      {forget(), "forgot 2"},
      {history(), "history"},
      {log_out(), "logged out"},
      {log_in("ann", "battery staple"), "logged in"},
  };
  for (const auto& [request, answer] : table) EXPECT_EQ(client.ask(request), answer);
}

// Three dictionaries: words, more, and hidden, which is; and a virtual one of the last two.
class DictionariesTest : public DictdTest {
 protected:
  DictionariesTest() {
    support::load_words(database_, "more", "apple\ta fruit\nCafe\ta place\n");
    support::load_words(database_, "hidden", "apple\tsecret\n");
    sql("INSERT INTO dictionary SELECT MAX(id) + 1, 'both', 'Both', 0, 0, 0 FROM dictionary");
    sql("INSERT INTO property SELECT id, 'hidden', 'yes' FROM dictionary WHERE name = 'hidden'");
    sql("INSERT INTO property SELECT id, 'members', 'hidden,more' FROM dictionary WHERE name = 'both'");
  }
};

TEST_F(DictionariesTest, AreAskedByName) {
  start();
  Client client = user("ann");
  const std::string more = "more:apple=a fruit";
  const struct {
    Request request;
    std::string answer;
  } table[] = {
      {dictionaries(), "dictionaries words/words/7 more/more/2 both/Both/3"},
      {query("apple"), std::string(kFoundApple) + " " + more},
      {query_in("*", "apple"), std::string(kFoundApple) + " " + more},
      {query_in("!", "apple"), kFoundApple},
      {query_in("!", "Cafe"), "found words:café=n. 咖啡馆"},
      {query_in("more", "apple"), "found " + more},
      {query_in("more", "pear"), "found nothing"},
      {query_in("hidden", "apple"), "found hidden:apple=secret"},
      {query_in("both", "apple"), "found hidden:apple=secret " + more},
      {query_in("nowhere", "apple"), "error 1 bad_request"},
      {query_in("more", ""), "error 1 bad_request"},
      {match("exact", "apple"), "matches words:apple more:apple"},
      {match_in("more", "prefix", "a"), "matches more:apple"},
      {match_in("both", "exact", "apple"), "matches hidden:apple more:apple"},
      {match_in("!", "exact", "apple"), "matches words:apple"},
      {match_in("*", "prefix", "ap", 2), "matches words:apple words:apply"},
      {match_in("nowhere", "prefix", "a"), "error 1 bad_request"},
      {match_in("more", "telepathy", "a"), "error 1 bad_request"},
      {history(4), "history apple apple pear apple"},
  };
  for (const auto& [request, answer] : table) EXPECT_EQ(client.ask(request), answer);
}

TEST_F(DictionariesTest, TheServerChoosesWhoIsAskedAndInWhichOrder) {
  start({"--dictionaries", "more,words"});
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("apple")), "found more:apple=a fruit words:apple=n. 苹果");
  EXPECT_EQ(client.ask(query_in("!", "pear")), kFoundPear);
}

TEST_F(DictionariesTest, OnlyThoseChosenAreAskedByDefault) {
  start({"--dictionaries", "more"});
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("pear")), "found nothing");
  EXPECT_EQ(client.ask(query_in("words", "pear")), kFoundPear);
}

TEST_F(DictionariesTest, NeedALogin) {
  start();
  Client client = connect();
  EXPECT_EQ(client.ask(query_in("more", "apple")), "error 3 not_logged_in");
  EXPECT_EQ(client.ask(match_in("more", "prefix", "apple")), "error 3 not_logged_in");
}

TEST_F(RequestsTest, HelloMayBeLeftOutAndMayComeAgain) {
  start();
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
  EXPECT_EQ(client.ask(hello(1, "")), kHello);
  EXPECT_EQ(client.ask(hello(1, "a client that renamed itself")), kHello);
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
}

TEST_F(RequestsTest, HelloTellsTheLargestFrameThatIsSet) {
  start({"--largest-frame", "100K"});
  EXPECT_EQ(connect().ask(hello()), "hello 1, frames up to 102400");
}

TEST_F(RequestsTest, QueryIgnoresCaseAndWhiteSpaceAround) {
  start();
  Client client = user("ann");
  const struct {
    const char* word;
    const char* answer;
  } table[] = {
      {"APPLE", kFoundApple},
      {" \t apple\n", kFoundApple},
      {"\u3000apple\u00a0", kFoundApple},
      {"STRASSE", "found words:straße=n. 街道"},
      {"CAFÉ", "found words:café=n. 咖啡馆"},
      {"cafe\u0301", "found words:café=n. 咖啡馆"},
      {"Ice Cream", "found words:ice cream=n. 冰淇淋"},
  };
  for (const auto& [word, answer] : table) EXPECT_EQ(client.ask(query(word)), answer) << word;
}

TEST_F(RequestsTest, QueryFindsAWordInEveryDictionaryThatHasIt) {
  support::load_words(database_, "fruit", "apple\tAPFEL\napple\tAPFELBAUM\n");
  start();
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("apple")), std::string(kFoundApple) + " fruit:apple=APFEL fruit:apple=APFELBAUM");
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries words/words/7 fruit/fruit/2");
}

TEST_F(RequestsTest, WordOf255CharactersIsLookedUp) {
  start();
  Client client = user("ann");
  std::string longest;
  for (int i = 0; i < 255; ++i) longest += "\U0001F34E";  // four bytes each
  EXPECT_EQ(client.ask(query(longest)), "found nothing");
  EXPECT_EQ(client.ask(query("  " + longest + "  ")), "found nothing");
  EXPECT_THAT(client.words(), ElementsAre(longest, longest));
}

TEST_F(RequestsTest, MatchGives20UnlessAskedForMoreAndNeverMoreThan1000) {
  std::string lines;
  for (int i = 0; i < 1100; ++i) lines += "number" + std::to_string(i) + "\tn. " + std::to_string(i) + "\n";
  load_wordbook(database_, lines);
  start();
  Client client = user("ann");
  const struct {
    std::uint32_t limit;
    std::uint32_t count;
  } table[] = {{0, 20}, {1, 1}, {21, 21}, {1000, 1000}, {1001, 1000}, {0xffff'ffff, 1000}};
  for (const auto& [limit, count] : table) {
    client.send(match("prefix", "number", limit));
    EXPECT_EQ(Fields(client.receive().fields).u32(), count) << limit;
  }
}

TEST_F(RequestsTest, MatchAndDictionariesNeedNoLoginWhereAnonymousLookUpsAreAllowed) {
  start({"--anonymous"});
  Client client = connect();
  EXPECT_EQ(client.ask(match("exact", "apple")), "matches words:apple");
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries words/words/7");
  EXPECT_EQ(client.ask(query("apple")), "error 3 not_logged_in");
}

TEST_F(RequestsTest, RegisterDoesNotLogIn) {
  start();
  Client client = connect();
  EXPECT_EQ(client.ask(sign_up("ann", kPassword)), "registered");
  EXPECT_EQ(client.ask(query("apple")), "error 3 not_logged_in");
}

TEST_F(RequestsTest, NamesAreUniqueAndCaseSensitive) {
  start();
  Client client = connect();
  for (const char* const name : {"ann", "Ann", "ANN", "änn", "安"}) {
    EXPECT_EQ(client.ask(sign_up(name, kPassword)), "registered") << name;
    EXPECT_EQ(client.ask(sign_up(name, "another password")), "error 4 name_taken") << name;
    EXPECT_EQ(client.ask(log_in(name, kPassword)), "logged in") << name;
  }
}

TEST_F(RequestsTest, LoginReplacesTheUserAndChangesNothingIfItFails) {
  start();
  user("bob");
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("of ann")), "found nothing");
  EXPECT_EQ(client.ask(log_in("bob", "wrong password")), "error 5 bad_credentials");
  EXPECT_THAT(client.words(), ElementsAre("of ann"));
  EXPECT_EQ(client.ask(log_in("bob", kPassword)), "logged in");
  EXPECT_THAT(client.words(), ElementsAre());
}

TEST_F(RequestsTest, LogoutEndsTheLoginOfThisConnectionAndIsNoErrorWithoutOne) {
  start();
  Client client = user("ann");
  EXPECT_EQ(client.ask(log_out()), "logged out");
  EXPECT_EQ(client.ask(query("apple")), "error 3 not_logged_in");
  EXPECT_EQ(client.ask(log_out()), "logged out");
  EXPECT_EQ(connect().ask(log_out()), "logged out");
}

}  // namespace
}  // namespace integration
