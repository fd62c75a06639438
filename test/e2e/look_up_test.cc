// Look-up on a terminal: entries, misses, line editing, and a server that goes away and comes back.
#include <sys/stat.h>

#include "test/e2e/dictcli_fixture.h"

namespace e2e {
namespace {

using support::Terminal;
using testing::HasSubstr;
using testing::Not;

class LookUpTest : public Dictcli {
 protected:
  void SetUp() override {
    register_user(name_);
    remember_login(name_);
  }
  std::string name_ = user("lee");
};

TEST_F(LookUpTest, ShowsHeadwordAndMeaning) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("Apple\n");
  terminal.wait_for("\napple\n  n. 苹果；苹果树\nWord (## ends):");
}

TEST_F(LookUpTest, RepeatsUntilItsEnd) {
  for (const char* end : {"##\n", "\x04", "  ## \n"}) {
    Terminal terminal(command(), 60);
    begin_look_up(terminal);
    terminal.type("apple\n");
    terminal.wait_for("苹果");
    terminal.type("\n");  // nothing typed is nothing to look up
    terminal.type("cat\n");
    terminal.wait_for("猫");
    terminal.wait_for_prompt(kWord);
    terminal.type(end);
    terminal.wait_for_prompt(kChoice);
    EXPECT_EQ(file_text(state_file("words")).find("##"), std::string::npos);
  }
}

TEST_F(LookUpTest, AMissOffersNearWords) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("appl\n");
  terminal.wait_for("“appl” was not found.\nNear words: apple, apply\n");
}

TEST_F(LookUpTest, AMissWithNothingNearSaysOnlyThat) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("qqqqqq\n");
  terminal.wait_for("“qqqqqq” was not found.\nWord (## ends):");
}

TEST_F(LookUpTest, WrapsALongMeaningToTheScreen) {
  Terminal terminal(command(), 24, 40);
  begin_look_up(terminal);
  terminal.type("long\n");
  terminal.wait_for_prompt(kWord);
  terminal.wait_for("长的");
  for (const std::string& line : terminal.lines()) {
    if (line.find("长") == std::string::npos) continue;
    EXPECT_EQ(line.substr(0, 2), "  ") << "every line is indented: " << line;
  }
}

TEST_F(LookUpTest, TabCompletesAHeadword) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("app\t");
  terminal.wait_for_prompt("Word (## ends): appl");
  terminal.type("\t\t");
  terminal.wait_for("apple  apply");
}

TEST_F(LookUpTest, TabCompletesAHeadwordWithSpaces) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("ice c\t");
  terminal.wait_for_prompt("Word (## ends): ice cream");
  terminal.type("\n");
  terminal.wait_for("冰淇淋");
}

TEST_F(LookUpTest, ArrowUpBringsBackTheWordsOfEarlierRunsToo) {
  {
    Terminal terminal(command());
    begin_look_up(terminal);
    terminal.type("apple\n");
    terminal.wait_for("苹果");
    terminal.type("cat\ncat\n");
    terminal.wait_for("猫");
    terminal.type("##\n");
    terminal.wait_for_prompt(kChoice);
  }
  EXPECT_EQ(file_text(state_file("words")), "apple\ncat\n");
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("\x1b[A");
  terminal.wait_for_prompt("Word (## ends): cat");
  terminal.type("\x1b[A");
  terminal.wait_for_prompt("Word (## ends): apple");
}

TEST_F(LookUpTest, OnlyWordsGetIntoTheHistoryOfKeys) {
  Terminal terminal(command({"--user", "nobody"}));
  log_in(terminal, name_);
  begin_look_up(terminal);
  terminal.type("apple\n");
  terminal.wait_for("苹果");
  terminal.type("##\n");
  terminal.wait_for_prompt(kChoice);
  terminal.type("\x1b[A");
  terminal.type("x");  // at the menu the arrow brings nothing back
  terminal.wait_for_prompt("Your choice: x");
  EXPECT_EQ(file_text(state_file("words")), "apple\n");
  struct stat file {};
  ASSERT_EQ(::stat(state_file("words").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
}

TEST_F(LookUpTest, AWordThatIsNoneIsToldAndTheNextOneIsLookedUp) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type(std::string(256, 'a') + "\n");
  terminal.wait_for("A word has 1 to 255 characters and is valid UTF-8.");
  terminal.type("apple\n");
  terminal.wait_for("苹果");
}

class LostServerTest : public Dictcli {
 protected:
  LostServerTest() { port_ = std::to_string(own_.port()); }
  support::Dictd own_{database_with_words()};
};

TEST_F(LostServerTest, IsToldAndFoundAgainWithoutAPassword) {
  const std::string name = user("lee");
  register_user(name);
  Terminal terminal(command());
  log_in(terminal, name);
  begin_look_up(terminal);
  terminal.type("apple\n");
  terminal.wait_for("苹果");
  const std::uint16_t port = own_.port();
  own_.stop();
  terminal.type("cat\n");
  terminal.wait_for("Cannot reach 127.0.0.1:" + port_ + ": no server is running there.");
  terminal.wait_for_prompt(kWord);
  own_.start_on(port);
  terminal.type("cat\n");
  terminal.wait_for("猫");
}

TEST_F(LostServerTest, ARestartBetweenTwoWordsCostsASentence) {
  const std::string name = user("lee");
  register_user(name);
  Terminal terminal(command());
  log_in(terminal, name);
  begin_look_up(terminal);
  const std::uint16_t port = own_.port();
  own_.stop();
  own_.start_on(port);
  terminal.type("apple\n");
  terminal.wait_for("The connection to the server had been lost; it was made again.\napple\n");
  terminal.type("cat\n");
  terminal.wait_for("猫");
  const std::string screen = terminal.screen();
  EXPECT_EQ(screen.find("had been lost"), screen.rfind("had been lost")) << "told once";
}

TEST_F(LostServerTest, ALoginThatEndedMeanwhileLeadsToTheMainMenu) {
  const std::string name = user("lee");
  register_user(name);
  remember_login(name);
  Terminal terminal(command());
  begin_look_up(terminal);
  // Another run, with the same token, logs out; then this one has to connect again.
  EXPECT_THAT(run({}, "3\n").output, HasSubstr("You are logged out."));
  const std::uint16_t port = own_.port();
  own_.stop();
  own_.start_on(port);
  terminal.type("apple\n");
  terminal.wait_for("Your login has ended; please log in again.");
  terminal.wait_for("2) log in");
}

}  // namespace
}  // namespace e2e
