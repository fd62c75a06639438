// One thread and poll(): as select(), without its limit; the list of clients is kept, and goes to the kernel whole each
// time.
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "test/bench/peers/model/client.h"
#include "test/bench/peers/model/listener.h"

namespace {

constexpr std::size_t kListener = 0;  // its place in the list

// polled[i + 1] is for clients[i].
struct Clients {
  std::vector<pollfd> polled;
  std::vector<model::Client> clients;

  void add(reactor::Fd fd) {
    polled.push_back({.fd = fd.get(), .events = POLLIN, .revents = 0});
    clients.emplace_back(std::move(fd));
  }
  // The last one takes its place.
  void remove(std::size_t i) {
    std::swap(clients[i], clients.back());
    clients.pop_back();
    polled[i + 1] = polled.back();
    polled.pop_back();
  }
};

void serve(reactor::Fd listener, const model::Words& words) {
  model::LookUp look_up = words.look_up();
  Clients all;
  all.polled.push_back({.fd = listener.get(), .events = POLLIN, .revents = 0});
  for (;;) {
    if (poll(all.polled.data(), all.polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return std::perror("poll");
    }
    const bool clients_wait = all.polled[kListener].revents != 0;
    for (std::size_t i = 0; i < all.clients.size();) {
      pollfd& polled = all.polled[i + 1];
      model::Client& client = all.clients[i];
      if (polled.revents != 0 && !client.on_ready(look_up)) {
        all.remove(i);
        continue;
      }
      polled.events = client.waits_to_write() ? POLLOUT : POLLIN;
      ++i;
    }
    if (!clients_wait) continue;
    while (reactor::Fd fd = model::accept_client(listener.get(), model::Waiting::kNever)) all.add(std::move(fd));
  }
}

}  // namespace

int main(int argc, char** argv) { return model::run(argc, argv, model::Waiting::kNever, serve); }
