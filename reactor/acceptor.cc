#include "reactor/acceptor.h"

#include <cerrno>

#include "reactor/socket.h"

namespace reactor {
namespace {

// accept(2), "Error handling": a connection that failed before it was taken; the next in the queue may be
// well.
bool concerns_one_connection(int error) {
  switch (error) {
    case ECONNABORTED:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPERM:
    case EPROTO: return true;
    default: return false;  // EMFILE, ENFILE, ENOBUFS, ENOMEM: the next would fail as well
  }
}

}  // namespace

Acceptor::Acceptor(Loop& loop, Fd listener, OnAccept on_accept, OnTrouble on_trouble)
    : loop_(loop),
      listener_(std::move(listener)),
      on_accept_(std::move(on_accept)),
      on_trouble_(std::move(on_trouble)),
      retry_(loop.timers(), [this] { accept_some(); }) {
  if (const auto watched = loop_.watch(listener_.get(), *this); !watched) throw std::system_error(watched.error());
}

Acceptor::~Acceptor() { close(); }

void Acceptor::close() {
  if (!listener_) return;
  loop_.unwatch(listener_.get(), *this);
  retry_.cancel();
  listener_.reset();
}

void Acceptor::on_ready(std::uint32_t /*epoll_events*/) { accept_some(); }
void Acceptor::on_again() { accept_some(); }

void Acceptor::accept_some() {
  for (int taken = 0; listener_ && !retry_.is_set(); ++taken) {
    if (taken == kPerTurn) {
      loop_.run_again(*this);
      return;
    }
    auto accepted = accept_from(listener_.get());
    if (accepted) {
      on_accept_(std::move(accepted->fd), accepted->peer);
      continue;
    }
    if (accepted.error().value() == EAGAIN) return;
    if (concerns_one_connection(accepted.error().value())) continue;
    retry_.set(loop_.now() + kPause);
    on_trouble_(accepted.error());
  }
}

}  // namespace reactor
