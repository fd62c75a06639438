#include "dictd/daemon.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "dictd/exit_code.h"
#include "dictd/file.h"

namespace dictd {
namespace {

int failed(const char* what) {
  std::fprintf(stderr, "dictd: cannot go to the background: %s: %s\n", what,
               std::system_category().message(errno).c_str());
  return kExitInternal;
}

// What the child tells; a child that died without a word has failed.
int wait_for_child(int pipe) {
  unsigned char code = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipe, &code, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1 ? code : static_cast<int>(kExitInternal);
}

void close_off_standard_streams() {
  const reactor::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return;
  (void)::dup2(null.get(), STDIN_FILENO);
  (void)::dup2(null.get(), STDOUT_FILENO);
}

}  // namespace

std::optional<int> Daemon::detach() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("pipe2");
  reactor::Fd reading(ends[0]);
  reactor::Fd writing(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return failed("fork");
  if (child > 0) {
    writing.reset();
    return wait_for_child(reading.get());
  }
  if (::setsid() < 0) return failed("setsid");
  close_off_standard_streams();
  parent_ = std::move(writing);
  return std::nullopt;
}

void Daemon::ready() {
  if (!parent_) return;
  if (::isatty(STDERR_FILENO) == 1) (void)::dup2(STDOUT_FILENO, STDERR_FILENO);
  tell(kExitOk);
}

int Daemon::fail(int exit_code, const std::string& message) {
  std::fprintf(stderr, "dictd: %s\n", message.c_str());
  tell(exit_code);
  return exit_code;
}

void Daemon::tell(int exit_code) {
  if (!parent_) return;
  const auto code = static_cast<unsigned char>(exit_code);
  // A parent that is gone meanwhile needs no answer.
  while (::write(parent_.get(), &code, 1) < 0 && errno == EINTR) {
  }
  parent_.reset();
}

PidFile::~PidFile() {
  std::error_code ignored;  // one that is gone already is what we want
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

tl::expected<void, std::string> PidFile::write(const std::filesystem::path& path) {
  const auto absolute = std::filesystem::absolute(path);
  const auto written = replace_file(absolute.parent_path(), absolute.filename(), std::to_string(::getpid()) + "\n");
  if (!written) return tl::unexpected("cannot write the pid file " + path.string() + ": " + written.error().text());
  path_ = absolute;
  return {};
}

}  // namespace dictd
