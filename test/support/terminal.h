// A program on a terminal of its own: a child behind a pseudo-terminal, and the screen a person would see
// (libvterm).
//
// Keys are typed, then the test waits until the screen says what it should: conditions, never the clock. The
// screen is UTF-8 and knows of wide characters. The child dies with the test program and with its Terminal.
// Not for output that goes into pipes (process.h).
#pragma once

#include <vterm.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/fd.h"
#include "test/support/process.h"

namespace support {

// One thread at a time. A limit that passes throws std::runtime_error with the screen as it was.
class Terminal {
 public:
  explicit Terminal(Command command, int rows = 24, int columns = 80);
  ~Terminal();  // SIGKILL if it still runs
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // "\n" or "\r" is Enter, "\x03" Ctrl-C, "\x04" Ctrl-D, "\t" Tab, "\x1b[A" the arrow up.
  void type(std::string_view keys);

  // Until the text stands somewhere on the screen; until the line with the cursor is exactly this, spaces at
  // its end not counted; until any condition holds that is asked after each piece of output.
  void wait_for(std::string_view text, std::chrono::milliseconds limit = kGenerousLimit);
  void wait_for_prompt(std::string_view line, std::chrono::milliseconds limit = kGenerousLimit);
  void wait_until(const std::string& what, const std::function<bool()>& condition,
                  std::chrono::milliseconds limit = kGenerousLimit);

  // Lines without the spaces at their ends; the screen without the empty lines at its end.
  [[nodiscard]] std::string line(int row) const;
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] std::string screen() const;
  // The column at which the text begins in the first line, from the top, that has it.
  [[nodiscard]] std::optional<int> column_of(std::string_view text) const;
  // All bytes that the child ever wrote, control sequences and what has scrolled away with them.
  [[nodiscard]] const std::string& transcript() const { return transcript_; }

  // Whether the terminal, as the child has set it, edits lines and shows what is typed.
  [[nodiscard]] bool echoes() const;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send_signal(int signal) const;
  // The exit status as a shell says it; the screen then shows the last output.
  int wait(std::chrono::milliseconds limit = kGenerousLimit);

 private:
  struct Cell {
    std::string text;
    int column;
  };
  [[nodiscard]] std::vector<Cell> cells(int row) const;
  // Waits for output and draws it; false when the child has closed the terminal or the deadline is over.
  bool draw_more(std::chrono::steady_clock::time_point deadline);

  int rows_, columns_;
  pid_t pid_ = -1;
  reactor::Fd master_;
  std::optional<int> status_;
  std::unique_ptr<VTerm, void (*)(VTerm*)> emulator_;
  VTermScreen* screen_;  // of emulator_
  std::string transcript_;
};

}  // namespace support
