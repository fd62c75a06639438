// What a person types, or a pipe in a person's place: choices, names, passwords, words.
//
// On a terminal readline edits the line; words come with a history and with completion by Tab, other lines
// with neither. A password is asked without echo and never comes near readline. From a pipe each question
// takes one line.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dictcli/line_reader.h"

namespace dictcli {

// Standard input and output. readline is one for the whole program, and so is this; one thread.
class LineInput {
 public:
  LineInput();

  // Whether both ends are a terminal.
  [[nodiscard]] bool interactive() const { return interactive_; }

  [[nodiscard]] Line read_line(const std::string& prompt);
  [[nodiscard]] Line read_password(std::string_view prompt);
  // Tab offers what `complete` knows to begin with the line so far, whole lines; it runs while the line is
  // edited.
  using Completer = std::function<std::vector<std::string>(const std::string&)>;
  [[nodiscard]] Line read_word(const std::string& prompt, const std::vector<std::string>& history,
                               const Completer& complete);

 private:
  [[nodiscard]] Line read_from_pipe(std::string_view prompt);

  bool interactive_;
  LineReader pipe_;
};

}  // namespace dictcli
