#include "test/support/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace support {
namespace {

void append_utf8(std::string& text, std::uint32_t character) {
  const auto put = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xc0 | character >> 6);
    put(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  } else {
    put(0xf0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3f));
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  }
}

}  // namespace

Terminal::Terminal(Command command, int rows, int columns)
    : rows_(rows), columns_(columns), emulator_(vterm_new(rows, columns), vterm_free) {
  command.environment.try_emplace("TERM", "xterm");
  vterm_set_utf8(emulator_.get(), 1);
  screen_ = vterm_obtain_screen(emulator_.get());
  vterm_screen_enable_altscreen(screen_, 1);
  vterm_screen_reset(screen_, 1);
  const ExecPlan plan(command);
  const winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
  int master = -1;
  pid_ = ::forkpty(&master, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
  if (pid_ == 0) plan.become();
  master_.reset(master);
  if (::fcntl(master, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(master, F_SETFL, O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "fcntl");
  }
}

Terminal::~Terminal() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Terminal::type(std::string_view keys) {
  // A pseudo-terminal takes 4,096 bytes at once, more than a person types ahead.
  if (::write(master_.get(), keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    throw std::runtime_error("the terminal does not take what is typed; the screen:\n" + screen());
  }
}

bool Terminal::draw_more(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd watched{master_.get(), POLLIN, 0};
  const int ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  if (ready < 0 && errno == EINTR) return true;
  if (ready <= 0) return false;
  std::array<char, 4096> bytes{};
  const ssize_t count = ::read(master_.get(), bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) return false;  // EIO: the last descriptor of the other side was closed
  transcript_.append(bytes.data(), static_cast<std::size_t>(count));
  vterm_input_write(emulator_.get(), bytes.data(), static_cast<std::size_t>(count));
  return true;
}

void Terminal::wait_until(const std::string& what, const std::function<bool()>& condition,
                          std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (!draw_more(deadline)) {
      throw std::runtime_error("waited in vain for " + what + "; the screen:\n" + screen());
    }
  }
}

void Terminal::wait_for(std::string_view text, std::chrono::milliseconds limit) {
  wait_until(
      '"' + std::string(text) + '"', [&] { return screen().find(text) != std::string::npos; }, limit);
}

void Terminal::wait_for_prompt(std::string_view text, std::chrono::milliseconds limit) {
  wait_until(
      "the prompt \"" + std::string(text) + '"',
      [&] {
        VTermPos cursor{};
        vterm_state_get_cursorpos(vterm_obtain_state(emulator_.get()), &cursor);
        return line(cursor.row) == text;
      },
      limit);
}

std::vector<Terminal::Cell> Terminal::cells(int row) const {
  std::vector<Cell> result;
  for (int column = 0; column < columns_;) {
    VTermScreenCell cell;
    vterm_screen_get_cell(screen_, {row, column}, &cell);
    Cell seen{"", column};
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; ++i) append_utf8(seen.text, cell.chars[i]);
    if (seen.text.empty()) seen.text = " ";
    result.push_back(std::move(seen));
    column += std::max<int>(cell.width, 1);
  }
  while (!result.empty() && result.back().text == " ") result.pop_back();
  return result;
}

std::string Terminal::line(int row) const {
  std::string text;
  for (const Cell& cell : cells(row)) text += cell.text;
  return text;
}

std::vector<std::string> Terminal::lines() const {
  std::vector<std::string> result;
  result.reserve(static_cast<std::size_t>(rows_));
  for (int row = 0; row < rows_; ++row) result.push_back(line(row));
  while (!result.empty() && result.back().empty()) result.pop_back();
  return result;
}

std::string Terminal::screen() const {
  std::string text;
  for (const std::string& one : lines()) text += one + '\n';
  return text;
}

std::optional<int> Terminal::column_of(std::string_view text) const {
  for (int row = 0; row < rows_; ++row) {
    const std::size_t found = line(row).find(text);
    if (found == std::string::npos) continue;
    std::size_t bytes = 0;
    for (const Cell& cell : cells(row)) {
      if (bytes == found) return cell.column;
      bytes += cell.text.size();
    }
  }
  return std::nullopt;
}

bool Terminal::echoes() const {
  termios mode{};
  if (::tcgetattr(master_.get(), &mode) != 0) throw std::system_error(errno, std::generic_category(), "tcgetattr");
  return (mode.c_lflag & ECHO) != 0 && (mode.c_lflag & ICANON) != 0;
}

void Terminal::send_signal(int signal) const {
  if (!status_) ::kill(pid_, signal);
}

int Terminal::wait(std::chrono::milliseconds limit) {
  if (status_) return *status_;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (draw_more(deadline)) {
  }
  if (std::chrono::steady_clock::now() >= deadline) {
    throw std::runtime_error("waited in vain for the program's end; the screen:\n" + screen());
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  status_ = shell_status(status);
  return *status_;
}

}  // namespace support
