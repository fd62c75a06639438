#include "test/bench/peers/model/blocking.h"

#include <sys/socket.h>

#include <cerrno>

#include "test/bench/peers/model/answers.h"

namespace model {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{16} * 1024;

bool send_all(int fd, reactor::Buffer& output) {
  while (!output.empty()) {
    const ssize_t sent = send(fd, output.view().data(), output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) output.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

void serve_blocking(int fd, LookUp look_up) {
  reactor::Buffer input;
  reactor::Buffer output;
  for (;;) {
    const ssize_t got = recv(fd, input.prepare(kReadAtOnce).data(), kReadAtOnce, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    input.commit(static_cast<std::size_t>(got));
    const auto consumed = answer_frames(input.view(), look_up, output);
    if (!consumed || !send_all(fd, output)) return;
    input.consume(*consumed);
  }
}

}  // namespace model
