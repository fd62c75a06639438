// One thread and select(): all clients are asked for each time, and all are looked through afterwards. A descriptor
// over FD_SETSIZE (1024) has no place in its sets: such a client is sent away.
#include <sys/select.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "test/bench/peers/model/client.h"
#include "test/bench/peers/model/listener.h"

namespace {

void accept_clients(int listener, std::vector<model::Client>& clients) {
  while (reactor::Fd fd = model::accept_client(listener, model::Waiting::kNever)) {
    if (fd.get() < FD_SETSIZE)
      clients.emplace_back(std::move(fd));
    else
      std::fprintf(stderr, "select: a client is sent away: its descriptor is over FD_SETSIZE\n");
  }
}

void serve(reactor::Fd listener, const model::Words& words) {
  model::LookUp look_up = words.look_up();
  std::vector<model::Client> clients;
  for (;;) {
    fd_set readable;
    fd_set writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(listener.get(), &readable);
    int last = listener.get();
    for (const model::Client& client : clients) {
      FD_SET(client.fd(), client.waits_to_write() ? &writable : &readable);
      last = std::max(last, client.fd());
    }
    if (select(last + 1, &readable, &writable, nullptr, nullptr) < 0) {
      if (errno == EINTR) continue;
      return std::perror("select");
    }
    std::erase_if(clients, [&](model::Client& client) {
      return FD_ISSET(client.fd(), client.waits_to_write() ? &writable : &readable) && !client.on_ready(look_up);
    });
    if (FD_ISSET(listener.get(), &readable)) accept_clients(listener.get(), clients);
  }
}

}  // namespace

int main(int argc, char** argv) { return model::run(argc, argv, model::Waiting::kNever, serve); }
