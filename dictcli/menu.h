// The two menus: 1) register 2) log in 3) exit, and once logged in 1) look up 2) history 3) log out.
//
// Ctrl-C leaves what is being asked, back to the menu; at the main menu it ends the program. Ctrl-D ends look-up like
// ##, and ends the program at a menu; so does the end of a pipe. A login that was not remembered ends with the program,
// at the server too. Not for one-shot use (one_shot.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"
#include "dictcli/line_input.h"
#include "dictcli/session_file.h"
#include "dictcli/word_history.h"

namespace dictcli {

// One run of the menus on standard input and output; what it is given outlives it. One thread.
class Menu {
 public:
  Menu(Client& client, const SessionFile& sessions, WordHistory& words, LineInput& input, Language language)
      : client_(client), sessions_(sessions), words_(words), input_(input), language_(language) {}

  // Until the user leaves. A remembered login, of `user` or of whoever was last, goes straight to the second
  // menu.
  [[nodiscard]] ExitStatus run(const std::optional<std::string>& user);

 private:
  enum class Leave { kMenu, kProgram, kByInterrupt };

  [[nodiscard]] Leave main_menu();
  [[nodiscard]] Leave user_menu();
  [[nodiscard]] Leave leave_at(const Line& line) const;
  void resume_login(const std::optional<std::string>& user);
  void register_user();
  void ask_to_log_in();
  void log_in(const std::string& name, const std::string& password);
  void log_out();
  void look_up();
  [[nodiscard]] bool look_up_word(const std::string& word, const std::vector<Dictionary>& dictionaries);
  void show_history();
  [[nodiscard]] Result<std::string> fetch_history();

  [[nodiscard]] Line ask_new_password();
  // No answer is the default; neither is one that leaves the question.
  [[nodiscard]] std::optional<bool> ask_yes_or_no(Text question, bool by_default);
  [[nodiscard]] std::string prompt(Text which) const { return std::string(text(language_, which)); }
  void say(std::string_view sentence) const;
  void say(Text which) const { say(text(language_, which)); }
  void tell_loss();
  // Tells it; a login that has ended is forgotten.
  void tell(const Failure& failure);

  Client& client_;
  const SessionFile& sessions_;
  WordHistory& words_;
  LineInput& input_;
  Language language_;
  std::string user_;  // empty: nobody is logged in
  bool remembered_ = false;
};

}  // namespace dictcli
