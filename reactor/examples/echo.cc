// An echo server on the reactor: what comes in goes out. Usage: echo ADDR:PORT
#include <csignal>
#include <cstdio>

#include "reactor/acceptor.h"
#include "reactor/connection_set.h"
#include "reactor/signals.h"
#include "reactor/socket.h"

class Echo final : public reactor::Connection::Handler {
  std::size_t on_bytes(reactor::Connection& connection, std::string_view bytes) override {
    connection.output().append(bytes);
    return bytes.size();
  }
  void on_deadline(reactor::Connection&, reactor::Deadline) override {}
  void on_shutdown(reactor::Connection& connection) override { connection.close_when_flushed(); }
};

int main(int argc, char** argv) {
  const auto address = reactor::parse_listen_address(argc > 1 ? argv[1] : "127.0.0.1:7777");
  if (!address) return std::fprintf(stderr, "echo: %s\n", address.error().c_str()), 2;
  auto listener = reactor::listen_on(*address);
  if (!listener) return std::fprintf(stderr, "echo: %s\n", listener.error().message().c_str()), 1;
  std::printf("listening on %s\n", reactor::local_address(listener->get())->text().c_str());
  std::fflush(stdout);

  reactor::Signals::block({SIGINT, SIGTERM});
  reactor::Loop loop;
  const reactor::ConnectionLimits limits;
  reactor::ConnectionSet connections(loop, {.total = 10'000, .per_address = 10'000});
  reactor::Signals signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  reactor::Acceptor acceptor(
      loop, std::move(*listener),
      [&](reactor::Fd fd, const reactor::Address& peer) {
        (void)connections.add(std::make_unique<reactor::SocketStream>(std::move(fd)), peer, std::make_unique<Echo>(),
                              limits);
      },
      [](std::error_code error) { std::fprintf(stderr, "echo: %s\n", error.message().c_str()); });
  loop.run();
}
