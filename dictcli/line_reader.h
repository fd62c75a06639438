// Lines from a pipe, a file or a terminal in its ordinary mode, and questions asked of a terminal without
// echo.
//
// No line editing (line_input.h).
#pragma once

#include <string>
#include <string_view>

namespace dictcli {

inline constexpr std::size_t kLongestLine = 4096;  // bytes; what is over it is dropped: no word and no name is so long

struct Line {
  enum class Status {
    kText,
    kEnd,          // of the input; Ctrl-D
    kInterrupted,  // Ctrl-C
  };
  Status status = Status::kEnd;
  std::string text = {};

  [[nodiscard]] explicit operator bool() const { return status == Status::kText; }
};

// Reads a descriptor that is its own alone, and may read ahead. One thread.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}
  // Without its newline; the last line needs none.
  [[nodiscard]] Line read();

 private:
  [[nodiscard]] Line take_line(std::size_t end);

  int fd_;
  std::string ahead_;
};

// Asks a terminal by these two descriptors. What is typed stays hidden unless `echo`; the terminal is as
// before when this returns, whatever ends it.
[[nodiscard]] Line ask_terminal(int input, int output, std::string_view prompt, bool echo);

}  // namespace dictcli
