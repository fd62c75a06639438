#include "test/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
extern "C" {  // glibc 2.36 forgot it in there
#include <sys/pidfd.h>
}

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace support {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

struct Pipe {
  reactor::Fd reader, writer;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {reactor::Fd(ends[0]), reactor::Fd(ends[1])};
}

void make_non_blocking(int fd) {
  if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
}

// Reads what is there; false at the end of the file.
bool read_available(int fd, std::string& into) {
  std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by read()
  for (;;) {
    const ssize_t count = ::read(fd, bytes.data(), bytes.size());
    if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
    if (count == 0) return false;
    if (count < 0 && errno != EINTR) return errno == EAGAIN;
  }
}

}  // namespace

int shell_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

ExecPlan::ExecPlan(const Command& command) : command_(command), parent_(::getpid()) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!command.environment.contains(std::string(text.substr(0, text.find('='))))) environment_.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) {
    if (value) environment_.push_back(name + "=" + *value);
  }
  for (const std::string& argument : command.arguments) argv_.push_back(const_cast<char*>(argument.c_str()));
  for (std::string& variable : environment_) envp_.push_back(variable.data());
  argv_.push_back(nullptr);
  envp_.push_back(nullptr);
}

void ExecPlan::become() const {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent_) ::_exit(127);  // the test program died before prctl took hold
  (void)std::signal(SIGPIPE, SIG_DFL);       // an ignored signal would stay ignored over exec
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  if (command_.directory.empty() || ::chdir(command_.directory.c_str()) == 0) {
    if (command_.before_exec) command_.before_exec();
    ::execvpe(argv_[0], argv_.data(), envp_.data());
  }
  const char* const reason = ::strerrordesc_np(errno);  // strerror() may allocate
  for (const char* text : {static_cast<const char*>(argv_[0]), ": ", reason, "\n"})
    (void)!::write(STDERR_FILENO, text, std::strlen(text));
  ::_exit(127);
}

Process::Process(const Command& command) : name_(command.arguments.at(0)) {
  (void)std::signal(SIGPIPE, SIG_IGN);  // write() says that the child reads no more
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  make_non_blocking(out.reader.get());
  make_non_blocking(err.reader.get());
  const ExecPlan plan(command);
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::dup2(in.reader.get(), STDIN_FILENO);
    ::dup2(out.writer.get(), STDOUT_FILENO);
    ::dup2(err.writer.get(), STDERR_FILENO);
    plan.become();
  }
  input_ = std::move(in.writer);
  output_pipe_ = std::move(out.reader);
  error_pipe_ = std::move(err.reader);
  pidfd_.reset(::pidfd_open(pid_, 0));
  if (!pidfd_) fail("pidfd_open");
  reader_ = std::thread([this] { read_all(); });
}

Process::~Process() {
  ::pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0);  // a child that has ended already is what we want
  reader_.join();
  if (!status_) ::waitpid(pid_, nullptr, 0);
}

// Until the child has ended: a grandchild that keeps the pipes open is not waited for.
void Process::read_all() {
  std::array<pollfd, 3> watched{
      {{output_pipe_.get(), POLLIN, 0}, {error_pipe_.get(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}}};
  for (bool ended = false; !ended;) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    ended = watched[2].revents != 0;
    const std::lock_guard lock(mutex_);
    if (watched[0].fd >= 0 && !read_available(watched[0].fd, output_)) watched[0].fd = -1;
    if (watched[1].fd >= 0 && !read_available(watched[1].fd, errors_)) watched[1].fd = -1;
    finished_ = ended;
    changed_.notify_all();
  }
}

bool Process::running() const {
  pollfd watched{pidfd_.get(), POLLIN, 0};
  return !status_ && ::poll(&watched, 1, 0) == 0;
}

bool Process::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(input_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string Process::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

std::string Process::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

std::string Process::story() const {
  return name_ + "\n--- standard output:\n" + output_ + "\n--- standard error:\n" + errors_;
}

std::string Process::wait_for(const std::string& where, std::string_view text, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return where.find(text) != std::string::npos; };
  changed_.wait_for(lock, limit, [&] { return finished_ || there(); });
  if (!there()) {
    throw std::runtime_error("waited in vain for \"" + std::string(text) + "\" from " +
                             (finished_ ? "the ended " : "") + story());
  }
  return where;
}

std::string Process::wait_for_output(std::string_view text, std::chrono::milliseconds limit) {
  return wait_for(output_, text, limit);
}

std::string Process::wait_for_errors(std::string_view text, std::chrono::milliseconds limit) {
  return wait_for(errors_, text, limit);
}

void Process::send_signal(int signal) const {
  // By descriptor: it cannot reach a stranger who got the same number. A child that has ended is no error.
  if (::pidfd_send_signal(pidfd_.get(), signal, nullptr, 0) != 0 && errno != ESRCH) fail("pidfd_send_signal");
}

int Process::wait(std::chrono::milliseconds limit) {
  if (status_) return *status_;
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return finished_; })) {
      throw std::runtime_error("waited in vain for the end of " + story());
    }
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  status_ = shell_status(status);
  return *status_;
}

void Process::kill() {
  send_signal(SIGKILL);
  wait();
}

Outcome run(const Command& command, std::string_view input, std::chrono::milliseconds limit) {
  Process process(command);
  process.write(input);
  process.close_input();
  const int status = process.wait(limit);
  return {status, process.output(), process.errors()};
}

}  // namespace support
