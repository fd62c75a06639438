#include "test/bench/peers/model/client.h"

#include <sys/socket.h>

#include <cerrno>

#include "test/bench/peers/model/answers.h"

namespace model {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{16} * 1024;

bool comes_again() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

bool Client::on_ready(LookUp& look_up) { return waits_to_write() ? write() : read_and_answer(look_up); }

bool Client::read_and_answer(LookUp& look_up) {
  const ssize_t got = recv(fd(), input_.prepare(kReadAtOnce).data(), kReadAtOnce, 0);
  if (got < 0) return comes_again();
  if (got == 0) return false;
  input_.commit(static_cast<std::size_t>(got));
  const auto consumed = answer_frames(input_.view(), look_up, output_);
  if (!consumed) return false;
  input_.consume(*consumed);
  return output_.empty() || write();
}

bool Client::write() {
  const ssize_t sent = send(fd(), output_.view().data(), output_.size(), MSG_NOSIGNAL);
  if (sent < 0) return comes_again();
  output_.consume(static_cast<std::size_t>(sent));
  return true;
}

}  // namespace model
