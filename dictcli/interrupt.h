// Ctrl-C, Ctrl-Z and their kin, seen only where the program waits: so a terminal is never left in a strange
// mode.
//
// While a SignalWatch lives, SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGTSTP are blocked but for the moments
// inside wait_for(), which says that one came; what it means is the caller's business. Without a SignalWatch
// they do what they always do.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <optional>

namespace dictcli {

// The process's main thread; one at a time.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  static constexpr std::array kWatched{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, kWatched.size()> before_{};
};

// While it lives the terminal belongs to another program: Ctrl-C, Ctrl-\ and Ctrl-Z are for that one alone. Its child has
// to be made before.
class LentTerminal {
 public:
  LentTerminal();
  ~LentTerminal();
  LentTerminal(const LentTerminal&) = delete;
  LentTerminal& operator=(const LentTerminal&) = delete;

 private:
  static constexpr std::array kOfItsKeys{SIGINT, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, kOfItsKeys.size()> before_{};
};

enum class Wake { kReady, kTimeout, kSignal };

// Waits for an event (POLLIN, POLLOUT) of a descriptor, without a limit if none is given. A hang-up or an
// error is an event, too: the next read or write tells it.
[[nodiscard]] Wake wait_for(int fd, short events, std::optional<std::chrono::milliseconds> limit);

// Obeys the signal that woke wait_for(); the caller has given the terminal back as it was. Ctrl-Z stops the
// program here until it is continued, then false: go on waiting. A signal that asks the program to end ends
// it here. True is Ctrl-C: leave what is being done.
[[nodiscard]] bool obey_signal();

}  // namespace dictcli
