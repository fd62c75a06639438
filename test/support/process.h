// Programs under test as child processes: started with arguments and environment, read through pipes, waited
// for with a limit, never left behind.
//
// A child dies with the test program (PR_SET_PDEATHSIG) and at the latest with its Process. What it prints is
// read all the time by a thread of its own, so a talkative child never blocks on a full pipe. A limit that
// passes throws std::runtime_error with all that the child has said: GoogleTest makes a failure of it. Not
// for a program that wants a terminal (terminal.h).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "reactor/fd.h"

namespace support {

// Longer than anything takes on a slow machine under a sanitizer; a test that passes never waits this long.
inline constexpr std::chrono::seconds kGenerousLimit{60};

struct Command {
  std::vector<std::string> arguments;  // the first is the program: a path, or a name looked for in PATH
  // On top of this program's own environment; nullopt takes a variable away.
  std::map<std::string, std::optional<std::string>> environment = {};
  std::filesystem::path directory = {};         // to start in; empty: this program's own
  std::function<void()> before_exec = nullptr;  // runs in the child, async-signal-safe calls only: setrlimit …
};

// What exec() needs, made before fork(): in the child of a program with threads nothing may be allocated.
// A value of the thread that forks.
class ExecPlan {
 public:
  explicit ExecPlan(const Command& command);
  // In the child, its standard descriptors in place: becomes the program, or exits with 127.
  [[noreturn]] void become() const;

 private:
  const Command& command_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_, envp_;
  pid_t parent_;
};

// A running child with pipes for its input, output and errors. One thread at a time.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();  // SIGKILL if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;

  // To its standard input; blocks when the pipe is full. False when the child reads no more.
  bool write(std::string_view bytes);
  void close_input() { input_.reset(); }

  // What came so far, or until text is in it. If the child ends without it, that is a failure at once.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;
  std::string wait_for_output(std::string_view text, std::chrono::milliseconds limit = kGenerousLimit);
  std::string wait_for_errors(std::string_view text, std::chrono::milliseconds limit = kGenerousLimit);

  void send_signal(int signal) const;
  // The exit status, or 128 + the signal that ended it, as a shell says it; then all output has been read.
  int wait(std::chrono::milliseconds limit = kGenerousLimit);
  void kill();  // SIGKILL, and waits

 private:
  void read_all();
  std::string wait_for(const std::string& where, std::string_view text, std::chrono::milliseconds limit);
  [[nodiscard]] std::string story() const;  // of a failure; with mutex_ held

  pid_t pid_ = -1;
  std::string name_;
  reactor::Fd pidfd_, input_, output_pipe_, error_pipe_;
  std::optional<int> status_;

  mutable std::mutex mutex_;  // guards the three below
  std::condition_variable changed_;
  std::string output_, errors_;
  bool finished_ = false;  // the child has ended and its pipes were read empty
  std::thread reader_;
};

// Runs a program to its end with the input given.
struct Outcome {
  int status = -1;
  std::string output, errors;
};
Outcome run(const Command& command, std::string_view input = {}, std::chrono::milliseconds limit = kGenerousLimit);

// The status of waitpid() as a shell says it.
[[nodiscard]] int shell_status(int status);

}  // namespace support
