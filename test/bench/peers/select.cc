// A teaching model: one thread and select(), one connection to MySQL. All wait while it is asked, or while
// one client does not take its answers.
#include <sys/select.h>

#include <array>
#include <cstdio>
#include <optional>

#include "test/bench/peers/model/client.h"

int main(int argc, char** argv) {
  const model::Options options = model::read_options(argc, argv);
  const auto index = model::read_words(options);
  model::Answerer answerer(options, index.get());
  const reactor::Fd listener = model::start_listening(options);
  std::array<std::optional<model::Client>, FD_SETSIZE> clients;  // by descriptor
  fd_set watched;
  FD_ZERO(&watched);
  FD_SET(listener.get(), &watched);
  int greatest = listener.get();
  for (;;) {
    fd_set ready = watched;
    if (select(greatest + 1, &ready, nullptr, nullptr, nullptr) < 0) model::fail("select failed");
    for (int fd = 0; fd <= greatest; ++fd) {
      auto& client = clients[static_cast<std::size_t>(fd)];
      if (fd == listener.get() || !FD_ISSET(fd, &ready) || client->serve(answerer)) continue;
      FD_CLR(fd, &watched);
      client.reset();
    }
    if (!FD_ISSET(listener.get(), &ready)) continue;
    reactor::Fd fd = model::accept_client(listener.get());
    if (fd.get() >= FD_SETSIZE) {
      std::fprintf(stderr, "select takes no descriptor over %d: client closed\n", FD_SETSIZE - 1);
      continue;
    }
    FD_SET(fd.get(), &watched);
    greatest = std::max(greatest, fd.get());
    clients[static_cast<std::size_t>(fd.get())].emplace(std::move(fd));
  }
}
