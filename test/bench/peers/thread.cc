// A teaching model: a thread for each client, with a connection to MySQL of its own.
#include <cstdio>
#include <system_error>
#include <thread>

#include "test/bench/peers/model/client.h"

int main(int argc, char** argv) {
  const model::Options options = model::read_options(argc, argv);
  const auto index = model::read_words(options);
  const reactor::Fd listener = model::start_listening(options);
  for (;;) {
    try {
      std::thread([&, client = model::Client(model::accept_client(listener.get()))]() mutable {
        model::Answerer answerer(options, index.get());
        while (client.serve(answerer)) {
        }
      }).detach();
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "thread: %s: client closed\n", error.what());
    }
  }
}
