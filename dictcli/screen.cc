#include "dictcli/screen.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "dictcli/interrupt.h"
#include "reactor/fd.h"

namespace dictcli {
namespace {

constexpr int kNoSuchProgram = 127;               // a shell's word for it
constexpr const char* kUsualPager = "exec less";  // in the shell's place, so that we see less itself stop

void print(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stdout); }

[[noreturn]] void become_pager(int input, const char* command) {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(kNoSuchProgram);
}

// A file without a name, at its beginning: unlike a pipe it takes any text at once, so that nobody waits for the pager to
// read on.
reactor::Fd file_of(std::string_view text) {
  reactor::Fd file(::memfd_create("dictcli", MFD_CLOEXEC));
  while (file && !text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno != EINTR) return {};
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (file) (void)::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// Whether it was there. Ctrl-Z stops it, and us with it, until both are continued.
bool wait_for_pager(pid_t pid) {
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WUNTRACED) < 0) {
      if (errno != EINTR) return false;
    } else if (!WIFSTOPPED(status)) {
      return !(WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram);
    } else {
      (void)::raise(SIGSTOP);
      (void)::kill(pid, SIGCONT);
    }
  }
}

// Whether there was a pager.
bool run_pager(const char* command, std::string_view text) {
  const reactor::Fd file = file_of(text);
  if (!file) return false;
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) become_pager(file.get(), command);
  const LentTerminal lent;
  return wait_for_pager(pid);
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
  if (!run_pager(chosen != nullptr && *chosen != '\0' ? chosen : kUsualPager, text)) print(text);
}

}  // namespace dictcli
