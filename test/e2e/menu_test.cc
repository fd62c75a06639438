// The two menus on a terminal: registering, logging in and out, the remembered login, Ctrl-C and Ctrl-D.
#include <sys/stat.h>

#include <csignal>

#include "test/e2e/dictcli_fixture.h"

namespace e2e {
namespace {

using support::Terminal;
using testing::HasSubstr;
using testing::Not;

class MenuTest : public Dictcli {};

TEST_F(MenuTest, ShowsThreeChoices) {
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  EXPECT_EQ(terminal.screen(),
            "\n"
            "==== Dictionary ====\n"
            "  1) register\n"
            "  2) log in\n"
            "  3) exit\n"
            "Your choice:\n");
}

TEST_F(MenuTest, ExitsAtThree) {
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("3\n");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_THAT(terminal.screen(), HasSubstr("Goodbye!"));
  EXPECT_TRUE(terminal.echoes());
}

TEST_F(MenuTest, SaysWhatIsPossibleAfterAnyOtherChoice) {
  for (const char* choice : {"4", "x", "12", ""}) {
    Terminal terminal(command());
    terminal.wait_for_prompt(kChoice);
    terminal.type(std::string(choice) + "\n");
    terminal.wait_for("Please type 1, 2 or 3.");
    terminal.wait_for_prompt(kChoice);
  }
}

TEST_F(MenuTest, RegistersAndLogsInStraightAway) {
  const std::string name = user("lee");
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("1\n");
  terminal.wait_for_prompt("Name:");
  terminal.type(name + "\n");
  terminal.wait_for_prompt("Password (6 to 128 bytes):");
  terminal.type("open sesame\n");
  terminal.wait_for_prompt("The same password again:");
  terminal.type("open sesame\n");
  terminal.wait_for(name + " is registered.");
  terminal.wait_for_prompt("Log in now? [Y/n]");
  terminal.type("\n");
  terminal.wait_for(name + " is logged in.");
  terminal.wait_for_prompt("Remember the login on this computer? [y/N]");
  terminal.type("\n");
  terminal.wait_for("==== " + name + " ====");
  terminal.wait_for_prompt(kChoice);
  EXPECT_THAT(terminal.screen(), HasSubstr("  1) look up\n  2) history\n  3) log out\n"));
  EXPECT_THAT(terminal.transcript(), Not(HasSubstr("sesame")));
}

TEST_F(MenuTest, AsksAgainWhenTheTwoPasswordsDiffer) {
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("1\n");
  terminal.wait_for_prompt("Name:");
  terminal.type(user("lee") + "\n");
  terminal.wait_for_prompt("Password (6 to 128 bytes):");
  terminal.type("open sesame\n");
  terminal.wait_for_prompt("The same password again:");
  terminal.type("open barley\n");
  terminal.wait_for("The two passwords differ; please type them again.");
  terminal.wait_for_prompt("Password (6 to 128 bytes):");
}

TEST_F(MenuTest, RefusalsOfTheServerAreSentences) {
  const std::string taken = user("taken");
  register_user(taken);
  const std::string good(kPassword);
  struct Case {
    std::string name, password, sentence;
  };
  const std::vector<Case> cases{
      {taken, good, "This name is taken; please choose another."},
      {"with space", good, "A name has 1 to 32 characters, without white space and control characters."},
      {user("short"), "12345", "A password has 6 to 128 bytes, without control characters."}};
  for (const auto& [name, password, sentence] : cases) {
    EXPECT_THAT(run({}, "1\n" + name + "\n" + password + "\n" + password + "\n").output, HasSubstr(sentence));
  }
}

TEST_F(MenuTest, WrongPasswordLeadsBackToTheMenu) {
  const std::string name = user("lee");
  register_user(name);
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for_prompt("Name:");
  terminal.type(name + "\n");
  terminal.wait_for_prompt("Password:");
  terminal.type("wrong password\n");
  terminal.wait_for("The name or the password is wrong.");
  terminal.wait_for_prompt(kChoice);
  EXPECT_THAT(terminal.screen(), HasSubstr("  2) log in\n"));
  EXPECT_THAT(terminal.transcript(), Not(HasSubstr("wrong password")));
}

TEST_F(MenuTest, LogsOutToTheMainMenu) {
  const std::string name = user("lee");
  register_user(name);
  Terminal terminal(command());
  log_in(terminal, name);
  terminal.type("3\n");
  terminal.wait_for("You are logged out.");
  terminal.wait_for("  3) exit");
}

TEST_F(MenuTest, RemembersTheTokenAloneInAPrivateFile) {
  const std::string name = user("lee");
  register_user(name);
  EXPECT_EQ(file_text(state_file("sessions")), "") << "nothing is remembered that was not asked for";
  remember_login(name);
  struct stat file {
  }, directory{};
  ASSERT_EQ(::stat(state_file("sessions").c_str(), &file), 0);
  ASSERT_EQ(::stat(state_file("").c_str(), &directory), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  EXPECT_EQ(directory.st_mode & 07777, 0700U);
  EXPECT_THAT(file_text(state_file("sessions")), HasSubstr("127.0.0.1:" + port_ + "\t" + name + "\t"));
  EXPECT_THAT(file_text(state_file("sessions")), Not(HasSubstr(kPassword)));
}

TEST_F(MenuTest, RememberedLoginNeedsNoPasswordInTheNextRun) {
  const std::string name = user("lee");
  register_user(name);
  remember_login(name);
  for (int runs = 0; runs < 2; ++runs) {
    Terminal terminal(command());
    terminal.wait_for("Welcome back, " + name + "!");
    terminal.wait_for_prompt(kChoice);
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
}

TEST_F(MenuTest, LoggingOutForgetsTheRememberedLogin) {
  const std::string name = user("lee");
  register_user(name);
  remember_login(name);
  const std::string remembered = file_text(state_file("sessions"));
  EXPECT_THAT(run({}, "3\n").output, HasSubstr("You are logged out."));
  EXPECT_EQ(file_text(state_file("sessions")), "");

  // The server has forgotten it, too: the token, put back, is no longer good.
  std::ofstream(state_file("sessions")) << remembered;
  const auto outcome = run({}, "");
  EXPECT_THAT(outcome.output, HasSubstr("Your login has ended; please log in again."));
  EXPECT_THAT(outcome.output, HasSubstr("1) register"));
  EXPECT_EQ(file_text(state_file("sessions")), "");
}

TEST_F(MenuTest, RemembersSeveralUsersAndTakesTheLastOrTheOneNamed) {
  const std::string first = user("first");
  const std::string second = user("second");
  register_user(first);
  register_user(second);
  remember_login(first);
  std::filesystem::rename(state_file("sessions"), state_file("kept"));
  remember_login(second);
  std::ofstream(state_file("sessions"), std::ios::app) << file_text(state_file("kept"));
  EXPECT_THAT(run({}, "").output, HasSubstr("Welcome back, " + first));
  EXPECT_THAT(run({"--user", second}, "").output, HasSubstr("Welcome back, " + second));
}

// Each row: the keys that lead to a prompt, that prompt, and the menu to which Ctrl-C there leads back.
TEST_F(MenuTest, CtrlCLeavesEachPromptBackToItsMenu) {
  const std::string name = user("lee");
  register_user(name);
  remember_login(name);
  look_up(std::vector<std::string>(10, "apple"));
  const std::string login_line = "2\n" + name + "\n";
  struct Case {
    bool logged_in;
    std::vector<std::pair<std::string, std::string>> way;  // prompts and what is typed there
    std::string prompt;
  };
  const std::string password_twice = "Password (6 to 128 bytes):";
  const std::vector<Case> cases{
      {false, {{kChoice, "1\n"}}, "Name:"},
      {false, {{kChoice, "1\n"}, {"Name:", "x\n"}}, password_twice},
      {false, {{kChoice, "1\n"}, {"Name:", "x\n"}, {password_twice, "secret1\n"}}, "The same password again:"},
      {false, {{kChoice, "2\n"}}, "Name:"},
      {false, {{kChoice, "2\n"}, {"Name:", name + "\n"}}, "Password:"},
      {true, {}, kChoice},
      {true, {{kChoice, "1\n"}}, kWord},
      {true, {{kChoice, "2\n"}}, "Show all? [y/N]"},
  };
  for (const auto& [logged_in, way, prompt] : cases) {
    SCOPED_TRACE(prompt);
    Terminal terminal(command(logged_in ? std::vector<std::string>{} : std::vector<std::string>{"--user", "nobody"}),
                      60);
    for (const auto& [shown, keys] : way) {
      terminal.wait_for_prompt(shown);
      terminal.type(keys);
    }
    terminal.wait_for_prompt(prompt);
    terminal.type("half a line\x03");
    const std::string head = logged_in ? "==== " + name + " ====" : "==== Dictionary ====";
    terminal.wait_until("the menu once more", [&] {
      const std::string screen = terminal.screen();
      return screen.rfind(head) != screen.find(head);
    });
    terminal.wait_for_prompt(kChoice);
    terminal.type(logged_in ? "\x04" : "\x03");
    EXPECT_EQ(terminal.wait(), logged_in ? 0 : 130);
    EXPECT_TRUE(terminal.echoes());
  }
}

TEST_F(MenuTest, ASignalAtThePasswordPromptLeavesTheTerminalWithItsEcho) {
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) {
    Terminal terminal(command());
    terminal.wait_for_prompt(kChoice);
    terminal.type("2\n");
    terminal.wait_for_prompt("Name:");
    terminal.type("x\n");
    terminal.wait_for_prompt("Password:");
    EXPECT_FALSE(terminal.echoes());
    terminal.send_signal(signal);
    EXPECT_EQ(terminal.wait(), 128 + signal);
    EXPECT_TRUE(terminal.echoes());
  }
}

TEST_F(MenuTest, CtrlDAtTheMenusEndsTheProgram) {
  const std::string name = user("lee");
  register_user(name);
  Terminal at_main_menu(command());
  at_main_menu.wait_for_prompt(kChoice);
  at_main_menu.type("\x04");
  EXPECT_EQ(at_main_menu.wait(), 0);

  Terminal at_user_menu(command());
  log_in(at_user_menu, name);
  at_user_menu.type("\x04");
  EXPECT_EQ(at_user_menu.wait(), 0);
}

TEST_F(MenuTest, WithoutAServerItSaysSoAndEnds) {
  auto alone = command({"--port", "1"});
  Terminal terminal(alone);
  EXPECT_EQ(terminal.wait(), 3);
  EXPECT_THAT(terminal.screen(), HasSubstr("Cannot reach 127.0.0.1:1: no server is running there."));
}

TEST_F(MenuTest, LanguageFollowsTheLocaleUnlessItIsNamed) {
  struct Case {
    std::string locale;
    std::vector<std::string> arguments;
    std::string choice;
  };
  const std::vector<Case> cases{{"zh_CN.UTF-8", {}, "请选择："},
                                {"en_US.UTF-8", {}, kChoice},
                                {"C", {}, kChoice},
                                {"C.UTF-8", {"--lang", "zh"}, "请选择："},
                                {"zh_CN.UTF-8", {"--lang", "en"}, kChoice}};
  for (const auto& [locale, arguments, choice] : cases) {
    auto localized = command(arguments);
    localized.environment["LC_ALL"] = locale;
    Terminal terminal(localized);
    terminal.wait_for_prompt(choice);
  }
}

TEST_F(MenuTest, TypesChineseNamesByCharacterInAnyLocale) {
  for (const char* locale : {"zh_CN.UTF-8", "C"}) {
    auto localized = command({"--lang", "zh"});
    localized.environment["LC_ALL"] = locale;
    Terminal terminal(localized);
    terminal.wait_for_prompt("请选择：");
    terminal.type("2\n");
    terminal.wait_for_prompt("用户名：");
    terminal.type("小明明\x7f");
    terminal.wait_for_prompt("用户名：小明");
  }
}

TEST_F(MenuTest, SpeaksNothingButChineseInChinese) {
  const std::string password(kPassword);
  std::string chinese = run({"--lang", "zh"}, "1\n小明\n" + password + "\n" + password +
                                                  "\n\n\n1\n苹\n猫\n##\n2\n9\n3\n1\n小明\n1\n2\n1\n1\n3\n")
                            .output;
  for (const char* allowed : {"Ctrl-D", "[Y/n]", "[y/N]", " y", " n"}) {
    for (std::size_t at; (at = chinese.find(allowed)) != std::string::npos;) chinese.erase(at, std::strlen(allowed));
  }
  EXPECT_THAT(chinese, Not(testing::ContainsRegex("[A-Za-z]")));
}

}  // namespace
}  // namespace e2e
