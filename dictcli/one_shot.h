// dictcli WORD…: looks words up without menus, as a user whose login is remembered or given by name and
// password.
//
// Answers go to standard output in the order of the words, as soon as each is there; what is wrong goes to
// standard error in words, with --json as well. A word that is no word (empty, too long) does not keep the
// others from being looked up; any other failure ends the run. ExitStatus (failure.h) says how it went, the
// first failure first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"
#include "dictcli/session_file.h"

namespace dictcli {

struct OneShot {
  std::vector<std::string> words;   // "-" stands for the lines of standard input
  std::optional<std::string> user;  // whose login, of those that are remembered or with a password
  const char* password;             // null: ask the terminal
  bool json;
  Language language;
};

[[nodiscard]] ExitStatus run_one_shot(const OneShot& task, Client& client, const SessionFile& sessions);

}  // namespace dictcli
