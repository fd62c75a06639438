#include "dictcli/line_input.h"

#include <poll.h>
#include <unistd.h>

// readline's headers want FILE.
#include <cstdio>

#include <readline/history.h>
#include <readline/readline.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "dictcli/interrupt.h"

namespace dictcli {
namespace {

// readline calls plain functions: these two are what they work on, for as long as a line is read.
std::optional<Line> finished;
const LineInput::Completer* completer = nullptr;

void take_line(char* text) {
  ::rl_callback_handler_remove();  // else the prompt is shown again at once
  finished = text == nullptr ? Line{} : Line{Line::Status::kText, text};
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): readline's malloc()
}

char** complete_line(const char* text, int /*start*/, int /*end*/) {
  ::rl_attempted_completion_over = 1;  // never names of files
  if (completer == nullptr) return nullptr;
  static std::vector<std::string> found;
  static std::size_t next;
  found = (*completer)(text);
  next = 0;
  return ::rl_completion_matches(
      text, [](const char*, int) -> char* { return next < found.size() ? ::strdup(found[next++].c_str()) : nullptr; });
}

void set_up_readline() {
  ::rl_readline_name = "dictcli";
  ::rl_catch_signals = 0;  // interrupt.h does
  ::rl_attempted_completion_function = complete_line;
  ::rl_completer_word_break_characters = "";  // a headword may hold spaces: the whole line is completed
  ::rl_completer_quote_characters = "";
  ::rl_completion_append_character = '\0';
  ::rl_variable_bind("completion-ignore-case", "on");  // as a look-up does
  ::rl_variable_bind("page-completions", "off");
  ::rl_variable_bind("enable-bracketed-paste", "off");  // pasted lines are words, one after the other
}

void abandon_line() {
  ::rl_free_line_state();
  ::rl_callback_sigcleanup();
  ::rl_callback_handler_remove();
}

Line edit_line(const std::string& prompt) {
  finished.reset();
  ::rl_callback_handler_install(prompt.c_str(), take_line);
  while (!finished) {
    if (wait_for(STDIN_FILENO, POLLIN, std::nullopt) != Wake::kSignal) {
      ::rl_callback_read_char();
      continue;
    }
    ::rl_deprep_terminal();
    if (obey_signal()) {
      abandon_line();
      finished = Line{Line::Status::kInterrupted};
    } else {
      ::rl_prep_terminal(1);
      ::rl_forced_update_display();
    }
  }
  if (!*finished) (void)std::fputs("\n", stdout);
  return std::move(*finished);
}

// A line as it goes on its way: control characters, which Ctrl-V can type, are spaces.
Line cleaned(Line line) {
  std::replace_if(
      line.text.begin(), line.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      ' ');
  return line;
}

}  // namespace

LineInput::LineInput() : interactive_(::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO)), pipe_(STDIN_FILENO) {
  if (interactive_) set_up_readline();
}

Line LineInput::read_line(const std::string& prompt) {
  if (!interactive_) return cleaned(read_from_pipe(prompt));
  ::clear_history();
  completer = nullptr;
  return cleaned(edit_line(prompt));
}

Line LineInput::read_word(const std::string& prompt, const std::vector<std::string>& history,
                          const Completer& complete) {
  if (!interactive_) return cleaned(read_from_pipe(prompt));
  ::clear_history();
  for (const std::string& word : history) ::add_history(word.c_str());
  completer = &complete;
  Line line = cleaned(edit_line(prompt));
  completer = nullptr;
  return line;
}

Line LineInput::read_password(std::string_view prompt) {
  if (!interactive_) return read_from_pipe(prompt);
  (void)std::fflush(stdout);
  return ask_terminal(STDIN_FILENO, STDOUT_FILENO, prompt, false);
}

Line LineInput::read_from_pipe(std::string_view prompt) {
  (void)std::fwrite(prompt.data(), 1, prompt.size(), stdout);
  (void)std::fflush(stdout);
  Line line = pipe_.read();
  (void)std::fputs("\n", stdout);  // nobody's Enter has ended the line
  return line;
}

}  // namespace dictcli
