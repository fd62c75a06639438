#include "reactor/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace reactor {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void Signals::block(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0) {
    throw std::system_error(code, std::system_category(), "pthread_sigmask");
  }
}

Signals::Signals(Loop& loop, std::initializer_list<int> signals, Callback callback)
    : loop_(loop), callback_(std::move(callback)) {
  const sigset_t set = set_of(signals);
  fd_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw std::system_error(errno, std::system_category(), "signalfd");
  if (const auto watched = loop_.watch(fd_.get(), *this); !watched) throw std::system_error(watched.error());
}

Signals::~Signals() { loop_.unwatch(fd_.get(), *this); }

void Signals::on_ready(std::uint32_t /*epoll_events*/) {
  signalfd_siginfo info{};
  for (;;) {
    const ssize_t got = ::read(fd_.get(), &info, sizeof info);
    if (got == sizeof info) {
      callback_(static_cast<int>(info.ssi_signo));
    } else if (got >= 0 || errno != EINTR) {
      return;  // EAGAIN: all were told
    }
  }
}

}  // namespace reactor
