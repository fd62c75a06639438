// A thread for each client: it serves it with reads and writes that wait, has a connection to MySQL of its own, and ends
// with it.
#include <cstdio>
#include <system_error>
#include <thread>

#include "test/bench/peers/model/blocking.h"
#include "test/bench/peers/model/listener.h"

namespace {

void serve(reactor::Fd listener, const model::Words& words) {
  for (;;) {
    reactor::Fd client = model::accept_client(listener.get(), model::Waiting::kBlocks);
    if (!client) continue;
    try {
      // `words` is main's, and main ends by a signal only.
      std::thread([&words, fd = std::move(client)] { model::serve_blocking(fd.get(), words.look_up()); }).detach();
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "thread: a client is sent away: %s\n", error.what());
    }
  }
}

}  // namespace

int main(int argc, char** argv) { return model::run(argc, argv, model::Waiting::kBlocks, serve); }
