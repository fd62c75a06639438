#include "dictcli/line_reader.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "dictcli/interrupt.h"

namespace dictcli {
namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return;  // a terminal that is gone: the read that follows says so
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

// Hides what is typed, for as long as it lives.
class HiddenTyping {
 public:
  explicit HiddenTyping(int terminal) : terminal_(terminal), known_(::tcgetattr(terminal, &before_) == 0) { hide(); }
  ~HiddenTyping() { show(); }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

  // What was typed before it was hidden is thrown away: it has been on the screen.
  void hide() const {
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden.c_lflag |= ICANON | ISIG | ECHONL;
    if (known_) ::tcsetattr(terminal_, TCSAFLUSH, &hidden);
  }
  void show() const {
    if (known_) ::tcsetattr(terminal_, TCSADRAIN, &before_);
  }

 private:
  int terminal_;
  termios before_{};
  bool known_;
};

// Waits for a line; Ctrl-Z stops the program with the terminal as it was.
bool wait_for_line(int fd, const HiddenTyping* hidden, std::string_view prompt, int output) {
  while (wait_for(fd, POLLIN, std::nullopt) == Wake::kSignal) {
    if (hidden != nullptr) hidden->show();
    if (obey_signal()) return false;
    if (hidden != nullptr) hidden->hide();
    write_all(output, prompt);
  }
  return true;
}

}  // namespace

Line LineReader::take_line(std::size_t end) {
  Line line{Line::Status::kText, ahead_.substr(0, std::min(end, kLongestLine))};
  ahead_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

Line LineReader::read() {
  std::array<char, 4096> bytes{};
  for (;;) {
    if (const std::size_t end = ahead_.find('\n'); end != std::string::npos) return take_line(end);
    if (ahead_.size() > kLongestLine) ahead_.resize(kLongestLine);
    if (wait_for(fd_, POLLIN, std::nullopt) == Wake::kSignal) {
      if (obey_signal()) return {Line::Status::kInterrupted};
      continue;
    }
    const ssize_t count = ::read(fd_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return ahead_.empty() ? Line{} : take_line(std::string::npos);
    ahead_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

Line ask_terminal(int input, int output, std::string_view prompt, bool echo) {
  std::optional<HiddenTyping> hidden;
  if (!echo) hidden.emplace(input);
  write_all(output, prompt);  // only now: whoever answers the prompt is not seen
  Line line{Line::Status::kInterrupted};
  if (wait_for_line(input, hidden ? &*hidden : nullptr, prompt, output)) line = LineReader(input).read();
  if (!line) write_all(output, "\n");
  return line;
}

}  // namespace dictcli
