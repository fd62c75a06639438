// A teaching model: a process for each client, with a connection to MySQL of its own.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "test/bench/peers/model/client.h"

int main(int argc, char** argv) {
  const model::Options options = model::read_options(argc, argv);
  const auto index = model::read_words(options);
  const reactor::Fd listener = model::start_listening(options);
  std::signal(SIGCHLD, SIG_IGN);  // nobody waits for the children
  for (;;) {
    reactor::Fd fd = model::accept_client(listener.get());
    const pid_t child = fork();
    if (child < 0) std::perror("fork: client closed");
    if (child != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    model::Client client(std::move(fd));
    model::Answerer answerer(options, index.get());
    while (client.serve(answerer)) {
    }
    return 0;
  }
}
