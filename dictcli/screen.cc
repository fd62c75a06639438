#include "dictcli/screen.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "dictcli/interrupt.h"
#include "reactor/fd.h"

namespace dictcli {
namespace {

constexpr int kNoSuchProgram = 127;  // a shell's word for it

void print(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stdout); }

[[noreturn]] void become_pager(int input, const char* command) {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(kNoSuchProgram);
}

// Until all is written or the pager reads no more.
void feed(reactor::Fd pager, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(pager.get(), text.data(), text.size());
    if (count < 0 && errno != EINTR) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// Whether there was a pager.
bool run_pager(const char* command, std::string_view text) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const reactor::Fd reader(ends[0]);
  reactor::Fd writer(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) become_pager(reader.get(), command);
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // a reader who has seen enough ends the pager
  feed(std::move(writer), text);
  (void)std::signal(SIGPIPE, before);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  SignalWatch::discard_pending();
  return !(WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram);
}

}  // namespace

ScreenSize screen_size() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
}

void show_paged(std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const ScreenSize screen = screen_size();
  if (screen.rows == 0 || lines < screen.rows) return print(text);
  (void)std::fflush(stdout);
  const char* const chosen = std::getenv("PAGER");  // NOLINT(concurrency-mt-unsafe): there is one thread
  if (!run_pager(chosen != nullptr && *chosen != '\0' ? chosen : "less", text)) print(text);
}

}  // namespace dictcli
