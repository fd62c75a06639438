#include "reactor/stream.h"

#include <sys/socket.h>

#include <cerrno>

#include "reactor/socket.h"

namespace reactor {
namespace {

IoResult outcome(ssize_t moved) {
  if (moved >= 0) return {IoResult::Kind::kDone, static_cast<std::size_t>(moved)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoResult::Kind::kAgain};
  return {IoResult::Kind::kError, 0, last_error()};
}

}  // namespace

IoResult SocketStream::read(std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {IoResult::Kind::kEof};
  IoResult result = outcome(got);
  result.drained = result.kind == IoResult::Kind::kDone && result.bytes < into.size();
  return result;
}

IoResult SocketStream::write(std::string_view bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return outcome(sent);
}

void SocketStream::finish() { shut_down_writing(fd_.get()); }

}  // namespace reactor
