#include "test/bench/peers/model/listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>

#include "reactor/socket.h"

namespace model {

std::optional<reactor::Fd> start_listening(std::uint16_t port, Waiting waiting) {
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  const auto address = reactor::parse_listen_address("127.0.0.1:" + std::to_string(port));
  if (!address) return std::fprintf(stderr, "%s\n", address.error().c_str()), std::nullopt;
  auto listener = reactor::listen_on(*address);
  if (!listener) return std::fprintf(stderr, "listen: %s\n", listener.error().message().c_str()), std::nullopt;
  if (waiting == Waiting::kBlocks) fcntl(listener->get(), F_SETFL, 0);
  const auto local = reactor::local_address(listener->get());
  std::printf("listening on %s\n", local ? local->text().c_str() : "?");
  std::fflush(stdout);
  return std::move(*listener);
}

reactor::Fd accept_client(int listener, Waiting waiting) {
  const int flags = SOCK_CLOEXEC | (waiting == Waiting::kNever ? SOCK_NONBLOCK : 0);
  reactor::Fd fd(accept4(listener, nullptr, nullptr, flags));
  if (fd)
    reactor::set_no_delay(fd.get());
  else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
    std::perror("accept");
  return fd;
}

int run(int argc, char** argv, Waiting waiting, const Serve& serve) {
  const auto options = parse(argc, argv);
  if (!options) return 2;
  const auto words = Words::prepare(*options);
  if (!words) return std::fprintf(stderr, "%s\n", words.error().c_str()), 1;
  if (auto listener = start_listening(options->port, waiting)) serve(std::move(*listener), *words);
  return 1;
}

}  // namespace model
