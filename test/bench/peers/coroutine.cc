// A teaching model: a coroutine for each client, on the project's reactor, with one connection to MySQL that
// all wait for while it is asked.
//
// Each co_await is a statement of its own: g++ 12 miscompiles it in some conditions and beside lambdas.
#include <sys/socket.h>

#include <cerrno>
#include <coroutine>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

#include "reactor/acceptor.h"
#include "reactor/loop.h"
#include "reactor/socket.h"
#include "test/bench/peers/model/client.h"

namespace {

constexpr std::size_t kReadSize = 16 * 1024;

// A coroutine that runs at once, and is nobody's: it frees itself at its end.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// A client's socket, which one coroutine may await. Loop thread only.
class Socket final : public reactor::Watcher {
 public:
  explicit Socket(reactor::Fd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] int fd() const { return fd_.get(); }

  // To be awaited after EAGAIN: until the socket can be read from or written to.
  [[nodiscard]] auto readiness() {
    struct Awaiter {
      Socket& socket;
      bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> handle) { socket.waiting_ = handle; }
      void await_resume() {}
    };
    return Awaiter{*this};
  }
  void on_ready(std::uint32_t) override { std::exchange(waiting_, std::noop_coroutine()).resume(); }

 private:
  reactor::Fd fd_;
  std::coroutine_handle<> waiting_ = std::noop_coroutine();
};

Task serve(reactor::Loop& loop, std::unique_ptr<Socket> socket, model::Answerer& answerer) {
  reactor::Buffer input;
  reactor::Buffer output;
  for (bool open = loop.watch(socket->fd(), *socket).has_value(); open;) {
    const ssize_t received = recv(socket->fd(), input.prepare(kReadSize).data(), kReadSize, 0);
    if (received < 0 && errno == EAGAIN) {
      co_await socket->readiness();
      continue;
    }
    if (received <= 0) break;
    input.commit(static_cast<std::size_t>(received));
    open = answerer.answer(input, output);
    while (open && !output.empty()) {
      const ssize_t sent = send(socket->fd(), output.view().data(), output.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        output.consume(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        co_await socket->readiness();
      } else {
        open = false;
      }
    }
  }
  loop.unwatch(socket->fd(), *socket);
  loop.bury(std::move(socket));
}

}  // namespace

int main(int argc, char** argv) {
  const model::Options options = model::read_options(argc, argv);
  const auto index = model::read_words(options);
  model::Answerer answerer(options, index.get());
  reactor::Loop loop;
  const reactor::Acceptor acceptor(
      loop, model::start_listening(options),
      [&](reactor::Fd fd, const reactor::Address&) { serve(loop, std::make_unique<Socket>(std::move(fd)), answerer); },
      [](std::error_code error) { std::fprintf(stderr, "accept: %s\n", error.message().c_str()); });
  loop.run();
}
