#include "test/bench/peers/model/client.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "reactor/socket.h"

namespace model {

namespace {
constexpr std::size_t kReadSize = 16 * 1024;
}

reactor::Fd start_listening(const Options& options) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  const auto address = reactor::parse_listen_address("127.0.0.1:" + std::to_string(options.port));
  if (!address) fail(address.error());
  auto listener = reactor::listen_on(*address);
  if (!listener) fail("cannot listen: " + listener.error().message());
  std::printf("listening on %s\n", reactor::local_address(listener->get())->text().c_str());
  std::fflush(stdout);
  return std::move(*listener);
}

reactor::Fd accept_client(int listener) {
  fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK);
  for (;;) {
    reactor::Fd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd && errno != EINTR && errno != ECONNABORTED) fail("accept: " + reactor::last_error().message());
    if (!fd) continue;
    reactor::set_no_delay(fd.get());
    return fd;
  }
}

bool Client::serve(Answerer& answerer) {
  const ssize_t received = recv(fd_.get(), input_.prepare(kReadSize).data(), kReadSize, 0);
  if (received < 0 && errno == EINTR) return true;
  if (received <= 0) return false;
  input_.commit(static_cast<std::size_t>(received));
  if (!answerer.answer(input_, output_)) return false;
  while (!output_.empty()) {
    const ssize_t sent = send(fd_.get(), output_.view().data(), output_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) output_.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace model
