// dictcli WORD…: what it prints, what it asks for, and what it exits with.
#include <fstream>

#include "test/e2e/dictcli_fixture.h"

namespace e2e {
namespace {

using support::Terminal;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OneShotTest : public Dictcli {
 protected:
  void SetUp() override {
    register_user(name_);
    remember_login(name_);
  }
  // The same without a remembered login.
  void forget_login() const { std::filesystem::remove(state_file("sessions")); }

  std::string name_ = user("lee");
};

TEST_F(OneShotTest, ExitsWithZeroWhenAllWereFound) {
  const auto outcome = run({"apple", "ICE CREAM"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "apple\n  n. 苹果；苹果树\nice cream\n  n. 冰淇淋\n");
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(OneShotTest, ExitsWithOneWhenAWordWasNotFound) {
  const auto outcome = run({"appl", "apple"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, "“appl” was not found.\nNear words: apple, apply\napple\n  n. 苹果；苹果树\n");
}

TEST_F(OneShotTest, ExitsWithTwoAtWrongUsage) {
  const std::vector<std::vector<std::string>> wrong{{"--bogus"},
                                                    {"--port"},
                                                    {"--port", "0"},
                                                    {"--port", "65536"},
                                                    {"--port", "12x"},
                                                    {"--lang", "fr"},
                                                    {"--json"},
                                                    {"--match", "exact"},
                                                    {"--list", "apple"},
                                                    {"--list", "--match", "."},
                                                    {"--list", "--dictionary", "x"}};
  for (const auto& arguments : wrong) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments.back();
    EXPECT_THAT(outcome.output, IsEmpty());
    EXPECT_THAT(outcome.errors, Not(IsEmpty()));
  }
}

TEST_F(OneShotTest, ExitsWithThreeWithoutAServer) {
  const auto outcome = run({"--port", "1", "--user", name_, "apple"});
  EXPECT_NE(outcome.status, 0);
  auto with_password = command({"--port", "1", "--user", name_, "apple"});
  with_password.environment["DICTCLI_PASSWORD"] = kPassword;
  const auto alone = support::run(with_password);
  EXPECT_EQ(alone.status, 3);
  EXPECT_THAT(alone.errors, HasSubstr("Cannot reach 127.0.0.1:1"));
}

TEST_F(OneShotTest, ExitsWithFourWithoutALogin) {
  forget_login();
  // setsid: no terminal to ask, even when the tests have one.
  auto alone = command({"apple"});
  alone.arguments.insert(alone.arguments.begin(), "setsid");
  alone.arguments.insert(alone.arguments.begin() + 1, "-w");
  const auto outcome = support::run(alone);
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.errors,
            "dictcli: Not logged in: run dictcli and let it remember the login, or use --user with "
            "DICTCLI_PASSWORD.\n");
}

TEST_F(OneShotTest, TakesTheUserAndThePasswordOfTheEnvironment) {
  forget_login();
  auto given = command({"--user", name_, "apple"});
  given.environment["DICTCLI_PASSWORD"] = kPassword;
  EXPECT_EQ(support::run(given).status, 0);
  EXPECT_EQ(file_text(state_file("sessions")), "") << "and remembers nothing";
  given.environment["DICTCLI_PASSWORD"] = "wrong password";
  const auto wrong = support::run(given);
  EXPECT_EQ(wrong.status, 4);
  EXPECT_THAT(wrong.errors, HasSubstr("The name or the password is wrong."));
}

TEST_F(OneShotTest, AsksTheTerminalForThePasswordWithoutEcho) {
  forget_login();
  Terminal terminal(command({"--user", name_, "apple"}));
  terminal.wait_for_prompt("Password:");
  EXPECT_FALSE(terminal.echoes());
  terminal.type(std::string(kPassword) + "\n");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_THAT(terminal.screen(), HasSubstr("苹果"));
  EXPECT_THAT(terminal.transcript(), Not(HasSubstr(kPassword)));
  EXPECT_TRUE(terminal.echoes());
}

TEST_F(OneShotTest, CtrlCAtThePasswordPromptEndsItWithTheEchoBack) {
  forget_login();
  Terminal terminal(command({"--user", name_, "apple"}));
  terminal.wait_for_prompt("Password:");
  terminal.type("half\x03");
  EXPECT_EQ(terminal.wait(), 130);
  EXPECT_TRUE(terminal.echoes());
}

TEST_F(OneShotTest, ExitsWithFiveWhenTheServerRefusesAndGoesOnAfterAWordThatIsNone) {
  const auto outcome = run({std::string(256, 'a'), "apple"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("A word has 1 to 255 characters and is valid UTF-8."));
  EXPECT_THAT(outcome.output, HasSubstr("苹果"));
}

TEST_F(OneShotTest, ReadsWordsFromAPipe) {
  const auto outcome = run({"-"}, "apple\n\n  ice cream \r\ncat");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.output, "apple\n  n. 苹果；苹果树\nice cream\n  n. 冰淇淋\ncat\n  n. 猫\n");
}

TEST_F(OneShotTest, PrintsAJsonObjectForEachWord) {
  const auto outcome = run({"--json", "apple", "appl", "qqqqqq"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, R"({"word":"apple","found":true,"entries":[{"dictionary":"wordbook","headword":"apple",)"
                            R"("meaning":"n. 苹果；苹果树"}]})"
                            "\n"
                            R"({"word":"appl","found":false,"near":["apple","apply"]})"
                            "\n"
                            R"({"word":"qqqqqq","found":false,"near":[]})"
                            "\n");
}

TEST_F(OneShotTest, EndsQuietlyWhenNobodyReadsOn) {
  auto piped = command({"-"});
  std::string line = "exec 3<&0; while echo apple; do :; done |";
  for (const std::string& argument : piped.arguments) line += " '" + argument + "'";
  piped.arguments = {"sh", "-c", line + " | head -n 1"};
  const auto outcome = support::run(piped);
  EXPECT_EQ(outcome.output, "apple\n");
  EXPECT_THAT(outcome.errors, Not(HasSubstr("dictcli")));
}

TEST_F(OneShotTest, SaysWhenTheOutputCannotBeWritten) {
  auto full = command({"apple"});
  std::string line;
  for (const std::string& argument : full.arguments) line += "'" + argument + "' ";
  full.arguments = {"sh", "-c", line + "> /dev/full"};
  const auto outcome = support::run(full);
  EXPECT_EQ(outcome.status, 6);
  EXPECT_EQ(outcome.errors, "dictcli: The output cannot be written.\n");
}

TEST_F(OneShotTest, HelpNamesEveryOptionInBothLanguages) {
  for (const char* language : {"zh", "en"}) {
    const auto outcome = run({"--lang", language, "--help"});
    EXPECT_EQ(outcome.status, 0);
    for (const char* option :
         {"--dictionary", "--match", "--list", "--host", "--port", "--user", "--lang", "--json", "DICTCLI_PASSWORD"}) {
      EXPECT_THAT(outcome.output, HasSubstr(option));
    }
  }
}

}  // namespace
}  // namespace e2e
