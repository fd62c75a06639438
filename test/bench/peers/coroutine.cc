// A coroutine for each client, on the project's reactor: reads like the thread's code, and waits like the loop's. What it
// asks of MySQL it waits for as the other loops do, with all clients.
#include <coroutine>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

#include "reactor/acceptor.h"
#include "reactor/buffer.h"
#include "reactor/loop.h"
#include "reactor/socket.h"
#include "reactor/stream.h"
#include "test/bench/peers/model/answers.h"
#include "test/bench/peers/model/listener.h"

namespace {

constexpr std::size_t kReadAtOnce = std::size_t{16} * 1024;

// A coroutine that nobody waits for: it runs until it waits for the first time, and is gone with its end.
struct Detached {
  struct promise_type {  // NOLINT(readability-identifier-naming): the language looks for this name
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// A socket to co_await; one coroutine at a time, and only the one that owns it.
class Socket final : public reactor::Watcher {
 public:
  enum class Outcome { kDone, kEnd, kWait };

  // What a coroutine waits for; it lives in the coroutine meanwhile.
  struct Operation {
    Socket& socket;
    Outcome (Socket::*attempt)(reactor::Buffer&);
    reactor::Buffer& buffer;
    Outcome outcome = Outcome::kWait;
    std::coroutine_handle<> coroutine = nullptr;

    bool await_ready() {
      outcome = (socket.*attempt)(buffer);
      return outcome != Outcome::kWait;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      coroutine = waiting;
      socket.waiting_ = this;
    }
    [[nodiscard]] bool await_resume() const { return outcome == Outcome::kDone; }
  };

  explicit Socket(reactor::Fd fd) : stream_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return stream_.fd(); }
  // Appends what has come; false at the client's end.
  [[nodiscard]] Operation read(reactor::Buffer& buffer) { return {*this, &Socket::try_read, buffer}; }
  // Empties the buffer; false if the client is gone.
  [[nodiscard]] Operation write(reactor::Buffer& buffer) { return {*this, &Socket::try_write, buffer}; }

  void on_ready(std::uint32_t) override {
    readable_ = true;
    if (waiting_ != nullptr && waiting_->await_ready()) std::exchange(waiting_, nullptr)->coroutine.resume();
  }

 private:
  Outcome try_read(reactor::Buffer& buffer) {
    if (!readable_) return Outcome::kWait;
    const reactor::IoResult got = stream_.read(buffer.prepare(kReadAtOnce).first(kReadAtOnce));
    readable_ = got.kind == reactor::IoResult::Kind::kDone && !got.drained;
    if (got.kind == reactor::IoResult::Kind::kAgain) return Outcome::kWait;
    if (got.kind != reactor::IoResult::Kind::kDone) return Outcome::kEnd;
    buffer.commit(got.bytes);
    return Outcome::kDone;
  }
  Outcome try_write(reactor::Buffer& buffer) {
    while (!buffer.empty()) {
      const reactor::IoResult sent = stream_.write(buffer.view());
      if (sent.kind == reactor::IoResult::Kind::kAgain) return Outcome::kWait;
      if (sent.kind != reactor::IoResult::Kind::kDone) return Outcome::kEnd;
      buffer.consume(sent.bytes);
    }
    return Outcome::kDone;
  }

  reactor::SocketStream stream_;
  Operation* waiting_ = nullptr;
  bool readable_ = true;  // an edge has come, and not all was read since
};

Detached serve_client(reactor::Loop& loop, std::unique_ptr<Socket> socket, model::LookUp& look_up) {
  reactor::Buffer input;
  reactor::Buffer output;
  for (;;) {
    const bool has_come = co_await socket->read(input);
    if (!has_come) break;
    const auto consumed = model::answer_frames(input.view(), look_up, output);
    if (!consumed) break;
    input.consume(*consumed);
    const bool has_gone = co_await socket->write(output);
    if (!has_gone) break;
  }
  loop.unwatch(socket->fd(), *socket);
  loop.bury(std::move(socket));
}

void serve(reactor::Fd listener, const model::Words& words) {
  model::LookUp look_up = words.look_up();
  reactor::Loop loop;
  reactor::Acceptor acceptor(
      loop, std::move(listener),
      [&](reactor::Fd fd, const reactor::Address&) {
        reactor::set_no_delay(fd.get());
        auto socket = std::make_unique<Socket>(std::move(fd));
        if (loop.watch(socket->fd(), *socket)) serve_client(loop, std::move(socket), look_up);
      },
      [](std::error_code error) { std::fprintf(stderr, "accept: %s\n", error.message().c_str()); });
  loop.run();
}

}  // namespace

int main(int argc, char** argv) { return model::run(argc, argv, model::Waiting::kNever, serve); }
