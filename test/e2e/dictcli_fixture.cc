#include "test/e2e/dictcli_fixture.h"

#include <fstream>
#include <sstream>

#include "test/support/mariadb.h"

namespace e2e {
namespace {

constexpr std::string_view kWordbook =
    "apple\tn. 苹果；苹果树\n"
    "apply\tv. 申请\n"
    "cat\tn. 猫\n"
    "ice\tn. 冰\n"
    "ice cream\tn. 冰淇淋\n"
    "long\tadj. 长的，很长的；漫长的，冗长的；长久的，长期的；长度为（若干）的；长元音的 adv. "
    "长久地，长期地；始终，全程\n";

}  // namespace

dictd::DatabaseOptions database_with_words() {
  auto database = support::shared_database();
  support::load_words(database, "wordbook", std::string(kWordbook));
  return database;
}

support::Dictd& Dictcli::server() {
  static support::Dictd server(database_with_words());
  return server;
}

support::Command Dictcli::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {support::build_dir() / "dictcli", "--port", port_});
  return {.arguments = std::move(arguments),
          .environment = {{"LC_ALL", "C.UTF-8"},
                          {"XDG_STATE_HOME", state_.path()},
                          {"HOME", state_.path()},
                          {"TZ", "Asia/Shanghai"},
                          {"INPUTRC", "/dev/null"},
                          {"PAGER", std::nullopt},
                          {"LESS", std::nullopt},
                          {"DICTCLI_PASSWORD", std::nullopt}}};
}

std::string Dictcli::user(const std::string& name) const {
  static int calls = 0;
  return name + std::to_string(++calls);
}

void Dictcli::register_user(const std::string& name) const {
  const std::string password(kPassword);
  const auto outcome = run({}, "1\n" + name + "\n" + password + "\n" + password + "\nn\n");
  ASSERT_THAT(outcome.output, testing::HasSubstr(name + " is registered."));
}

void Dictcli::remember_login(const std::string& name) const {
  const auto outcome = run({}, "2\n" + name + "\n" + std::string(kPassword) + "\ny\n");
  ASSERT_THAT(outcome.output, testing::HasSubstr(name + " is logged in."));
}

void Dictcli::look_up(std::vector<std::string> words) const {
  const auto outcome = run(std::move(words));
  ASSERT_LE(outcome.status, 1) << outcome.errors;
}

void Dictcli::log_in(support::Terminal& terminal, const std::string& name) {
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for_prompt("Name:");
  terminal.type(name + "\n");
  terminal.wait_for_prompt("Password:");
  terminal.type(std::string(kPassword) + "\n");
  terminal.wait_for_prompt("Remember the login on this computer? [y/N]");
  terminal.type("n\n");
  terminal.wait_for_prompt(kChoice);
}

void Dictcli::begin_look_up(support::Terminal& terminal) {
  terminal.wait_for_prompt(kChoice);
  terminal.type("1\n");
  terminal.wait_for_prompt(kWord);
}

std::string file_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace e2e
