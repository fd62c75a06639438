// A teaching model: one thread and poll(), one connection to MySQL. All wait while it is asked, or while one
// client does not take its answers.
#include <poll.h>

#include <unordered_map>
#include <vector>

#include "test/bench/peers/model/client.h"

int main(int argc, char** argv) {
  const model::Options options = model::read_options(argc, argv);
  const auto index = model::read_words(options);
  model::Answerer answerer(options, index.get());
  const reactor::Fd listener = model::start_listening(options);
  std::unordered_map<int, model::Client> clients;  // by descriptor
  std::vector<pollfd> watched = {{listener.get(), POLLIN, 0}};
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0) model::fail("poll failed");
    const bool waiting = watched[0].revents != 0;
    for (std::size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents == 0 || clients.at(watched[i].fd).serve(answerer)) continue;
      clients.erase(watched[i].fd);
      watched[i].fd = -1;
    }
    std::erase_if(watched, [](const pollfd& one) { return one.fd < 0; });
    if (!waiting) continue;
    reactor::Fd fd = model::accept_client(listener.get());
    watched.push_back({fd.get(), POLLIN, 0});
    clients.emplace(fd.get(), std::move(fd));
  }
}
