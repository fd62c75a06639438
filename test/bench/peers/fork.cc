// A process for each client, as the first server of many a course: the parent accepts and forks, the child serves its
// one client with reads and writes that wait, has a connection to MySQL of its own, and ends with it.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "test/bench/peers/model/blocking.h"
#include "test/bench/peers/model/listener.h"

namespace {

[[noreturn]] void serve_in_child(int fd, pid_t parent, const model::Words& words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent) model::serve_blocking(fd, words.look_up());
  _exit(0);
}

void serve(reactor::Fd listener, const model::Words& words) {
  std::signal(SIGCHLD, SIG_IGN);  // nobody waits for a child: the kernel is not to keep it
  const pid_t parent = getpid();
  for (;;) {
    const reactor::Fd client = model::accept_client(listener.get(), model::Waiting::kBlocks);
    if (!client) continue;
    const pid_t child = fork();
    if (child == 0) {
      listener.reset();
      serve_in_child(client.get(), parent, words);
    }
    if (child < 0) std::perror("fork: a client is sent away");
  }
}

}  // namespace

int main(int argc, char** argv) { return model::run(argc, argv, model::Waiting::kBlocks, serve); }
