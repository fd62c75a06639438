#include "dictcli/interrupt.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace dictcli {
namespace {

// Written by the handler, which runs inside ppoll() only.
volatile std::sig_atomic_t last_signal = 0;
sigset_t mask_while_waiting;
bool watching = false;

void note_signal(int signal) { last_signal = signal; }

// Ignores it from now on; one that was blocked, and waited, is gone as well.
void forget(int signal) { (void)std::signal(signal, SIG_IGN); }

}  // namespace

SignalWatch::SignalWatch() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kWatched) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, &mask_while_waiting);
  struct sigaction note {};
  note.sa_handler = note_signal;
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    ::sigaction(kWatched[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kWatched[i], &note, nullptr);  // nohup means it
  }
  watching = true;
}

SignalWatch::~SignalWatch() {
  forget(SIGINT);
  for (std::size_t i = 0; i < kWatched.size(); ++i) ::sigaction(kWatched[i], &before_[i], nullptr);
  ::pthread_sigmask(SIG_SETMASK, &mask_while_waiting, nullptr);
  watching = false;
}

LentTerminal::LentTerminal() {
  for (std::size_t i = 0; i < kOfItsKeys.size(); ++i) {
    ::sigaction(kOfItsKeys[i], nullptr, &before_[i]);
    forget(kOfItsKeys[i]);
  }
}

LentTerminal::~LentTerminal() {
  for (std::size_t i = 0; i < kOfItsKeys.size(); ++i) {
    forget(kOfItsKeys[i]);
    ::sigaction(kOfItsKeys[i], &before_[i], nullptr);
  }
}

Wake wait_for(int fd, short events, std::optional<std::chrono::milliseconds> limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit.value_or(std::chrono::milliseconds(0));
  pollfd watched{fd, events, 0};
  for (;;) {
    timespec left{};
    if (limit) {
      const auto rest = std::max(deadline - Clock::now(), Clock::duration(0));
      const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
      left.tv_sec = seconds.count();
      left.tv_nsec = std::chrono::nanoseconds(rest - seconds).count();
    }
    const int ready = ::ppoll(&watched, 1, limit ? &left : nullptr, watching ? &mask_while_waiting : nullptr);
    if (last_signal != 0) return Wake::kSignal;
    if (ready > 0) return Wake::kReady;
    if (ready == 0) return Wake::kTimeout;
    if (errno != EINTR) return Wake::kReady;  // the read or write that follows fails and says why
  }
}

bool obey_signal() {
  const int signal = last_signal;
  last_signal = 0;
  if (signal == SIGINT) return true;
  if (signal == SIGTSTP) {
    (void)::raise(SIGSTOP);
    return false;
  }
  (void)std::signal(signal, SIG_DFL);
  (void)::raise(signal);  // it is blocked, so it comes with the next line
  ::pthread_sigmask(SIG_SETMASK, &mask_while_waiting, nullptr);
  return true;
}

}  // namespace dictcli
