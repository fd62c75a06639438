// dictcli as a person uses it: the real program on a terminal or a pipe, against a real dictd with a small
// wordbook.
//
// One dictd serves all tests of the program; each test has users of its own and a state directory of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dictd/database_options.h"
#include "test/support/dictd.h"
#include "test/support/process.h"
#include "test/support/temp_dir.h"
#include "test/support/terminal.h"

namespace e2e {

// A fresh database with the wordbook of these tests.
[[nodiscard]] dictd::DatabaseOptions database_with_words();

inline constexpr const char* kPassword = "correct horse";

// The prompts of the menus, as the line with the cursor shows them.
inline constexpr const char* kChoice = "Your choice:";
inline constexpr const char* kWord = "Word (## ends):";

class Dictcli : public testing::Test {
 protected:
  // The server that all tests share, started by the first.
  static support::Dictd& server();

  // dictcli with these arguments, its port, and an environment in which nothing of this computer's is left.
  [[nodiscard]] support::Command command(std::vector<std::string> arguments = {}) const;
  [[nodiscard]] support::Outcome run(std::vector<std::string> arguments, std::string_view input = {}) const {
    return support::run(command(std::move(arguments)), input);
  }

  // Registers a user without a trace in the state directory; with the login remembered.
  void register_user(const std::string& name) const;
  void remember_login(const std::string& name) const;
  // Looks words up, oldest first, as a user whose login is remembered.
  void look_up(std::vector<std::string> words) const;

  // From the main menu to the user's.
  static void log_in(support::Terminal& terminal, const std::string& name);
  // From the user's menu to the prompt of the look-up.
  static void begin_look_up(support::Terminal& terminal);

  [[nodiscard]] std::string state_file(const std::string& name) const { return state_.file("dictcli/" + name); }

  // Names are the test's own, since the server is not.
  [[nodiscard]] std::string user(const std::string& name) const;

  std::string port_ = std::to_string(server().port());

 private:
  support::TempDir state_;
};

[[nodiscard]] std::string file_text(const std::string& path);

}  // namespace e2e
