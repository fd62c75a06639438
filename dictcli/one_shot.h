// dictcli WORD…, --match and --list: looks words up, or finds headwords like them, or lists the dictionaries, without
// menus, as a user whose login is remembered or given by name and password. --match and --list need none where the
// server answers everybody.
//
// Answers go to standard output in the order of the words, as soon as each is there, by the pager where a terminal is
// too small for one; what is wrong goes to standard error in words, with --json as well. A word that is no word (empty,
// too long) does not keep the others from being looked up; any other failure ends the run. ExitStatus (failure.h) says
// how it went, the first failure first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"
#include "dictcli/session_file.h"

namespace dictcli {

struct OneShot {
  std::vector<std::string> words;       // "-" stands for the lines of standard input; none: list the dictionaries
  std::optional<std::string> strategy;  // find headwords by it, and look nothing up
  std::optional<std::string> user;      // whose login, of those that are remembered or with a password
  const char* password;                 // null: ask the terminal
  bool json;
  Language language;
};

[[nodiscard]] ExitStatus run_one_shot(const OneShot& task, Client& client, const SessionFile& sessions);

}  // namespace dictcli
