// TLS connections on a loop: an echo server with clients that wait, that are strangers, or that are gone.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "reactor/acceptor.h"
#include "reactor/connection_set.h"
#include "reactor/socket.h"
#include "reactor/tls.h"
#include "test/support/process.h"
#include "test/unit/tls_fixture.h"

namespace reactor {
namespace {

using Kind = IoResult::Kind;

// Echoes over TLS, on a thread of its own.
class EchoServer {
 public:
  explicit EchoServer(const ConnectionLimits& limits = {}, TlsContext context = server_context())
      : limits_(limits), context_(std::move(context)) {
    std::promise<Address> address;
    auto known = address.get_future();
    thread_ = std::thread([this, &address] { run(address); });
    address_ = known.get();
  }
  ~EchoServer() {
    loop_->post([this] {
      connections_->for_each([](Connection& connection) { connection.handler().on_shutdown(connection); });
      loop_->stop();
    });
    posted_.set_value();
    thread_.join();
  }

  [[nodiscard]] const Address& address() const { return address_; }
  // Until the last of its connections ended, so many times in all.
  void wait_until_left(int times) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(left_.wait_for(lock, support::kGenerousLimit, [&] { return times_left_ >= times; }));
  }
  // Serves somebody who is connected with it already.
  void adopt(Fd connected) {
    loop_->post([this, fd = connected.release()] { take_in(Fd(fd), {}); });
  }
  // Ends all of its connections in order.
  void shut_down() {
    loop_->post([this] {
      connections_->for_each([](Connection& connection) { connection.handler().on_shutdown(connection); });
    });
  }

 private:
  class Echo final : public Connection::Handler {
    std::size_t on_bytes(Connection& connection, std::string_view bytes) override {
      connection.output().append(bytes);
      return bytes.size();
    }
    void on_deadline(Connection& connection, Deadline /*which*/) override { say_good_bye(connection); }
    void on_shutdown(Connection& connection) override {
      say_good_bye(connection);
      connection.close_when_flushed();
    }
    static void say_good_bye(Connection& connection) { connection.output().append("bye"); }
  };

  void take_in(Fd fd, const Address& peer) {
    EXPECT_TRUE(connections_->add(std::make_unique<TlsStream>(context_, std::move(fd)), peer, std::make_unique<Echo>(),
                                  limits_));
  }

  void run(std::promise<Address>& address) {
    auto listener = listen_on(*parse_listen_address("127.0.0.1:0"));
    Loop loop;
    ConnectionSet connections(loop, {});
    loop_ = &loop;
    connections_ = &connections;
    connections.when_empty([this] {
      const std::lock_guard lock(mutex_);
      ++times_left_;
      left_.notify_all();
    });
    const Address bound = *local_address(listener->get());
    Acceptor acceptor(
        loop, std::move(*listener),
        [&](Fd fd, const Address& peer) {
          set_no_delay(fd.get());
          take_in(std::move(fd), peer);
        },
        [](std::error_code error) { ADD_FAILURE() << error.message(); });
    address.set_value(bound);
    loop.run();
    posted_.get_future().wait();  // a loop outlives everybody who still posts to it
  }

  ConnectionLimits limits_;
  TlsContext context_;
  Loop* loop_ = nullptr;
  ConnectionSet* connections_ = nullptr;
  std::promise<void> posted_;
  std::thread thread_;
  Address address_;
  std::mutex mutex_;
  std::condition_variable left_;
  int times_left_ = 0;
};

// A client that waits.
class EchoClient {
 public:
  explicit EchoClient(const EchoServer& server)
      : EchoClient(std::move(*connect_within(server.address(), support::kGenerousLimit))) {}
  explicit EchoClient(Fd connected) : stream_(client_context(), std::move(connected), "127.0.0.1") {}

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const IoResult result = stream_.write(bytes);
      ASSERT_NE(result.kind, Kind::kError) << result.error.message();
      if (result.kind == Kind::kAgain) wait(result.crossed ? POLLIN : POLLOUT);
      bytes.remove_prefix(result.bytes);
    }
  }
  // So many bytes, or what came until the end.
  std::string receive(std::size_t count, Kind end = Kind::kEof) {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const IoResult result = stream_.read({bytes.data() + have, count - have});
      if (result.kind == Kind::kAgain) wait(result.crossed ? POLLOUT : POLLIN);
      if (result.kind == Kind::kEof || result.kind == Kind::kError) {
        EXPECT_EQ(result.kind, end) << result.error.message();
        break;
      }
      have += result.bytes;
    }
    return bytes.substr(0, have);
  }
  TlsStream& stream() { return stream_; }

 private:
  void wait(short events) const {
    pollfd watched{stream_.fd(), events, 0};
    EXPECT_GT(::poll(&watched, 1, std::chrono::milliseconds(support::kGenerousLimit).count()), 0);
  }

  TlsStream stream_;
};

Fd plain_client(const EchoServer& server) {
  Fd fd = std::move(*connect_within(server.address(), support::kGenerousLimit));
  EXPECT_EQ(::fcntl(fd.get(), F_SETFL, 0), 0);
  const timeval limit{support::kGenerousLimit.count(), 0};
  EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  return fd;
}

// Whether the other end has ended it, by an end or a reset, after whatever it still sent.
bool is_ended(const Fd& fd) {
  std::array<char, 1000> thrown_away{};
  ssize_t got = 0;
  while ((got = ::recv(fd.get(), thrown_away.data(), thrown_away.size(), 0)) > 0) {
  }
  return got == 0 || errno == ECONNRESET;
}

TEST(TlsConnection, EchoesAMebibyteInPieces) {
  ConnectionLimits limits;
  limits.read_budget = 10'000;  // less than a record of TLS: what is decrypted and not yet read has no edge
  limits.high_mark = 30'000;
  limits.low_mark = 5'000;
  EchoServer server(limits);
  EchoClient client(server);
  const std::string sent = pattern(1 << 20);
  std::string received;
  for (std::size_t at = 0, piece = 1; at < sent.size(); at += piece, piece = piece * 3 % 60'013 + 1) {
    const std::string_view bytes = std::string_view(sent).substr(at, piece);
    client.send(bytes);
    received += client.receive(bytes.size());
  }
  EXPECT_EQ(received, sent);
}

// The server's reads wait for room to write: its certificate is larger than the socket's buffer.
TEST(TlsConnection, AHandshakeThatDoesNotFitTheSocketGoesOnWhenThereIsRoom) {
  std::string names = "IP:127.0.0.1";
  for (int i = 0; i < 500; ++i) names += ",DNS:host" + std::to_string(i) + ".dictionary.example";
  const support::Certificate large = authority().issue(names);
  EchoServer server({}, server_context(large));
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  const int smallest = 0;
  ASSERT_EQ(::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
  server.adopt(Fd(fds[0]));
  EchoClient client{Fd(fds[1])};
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
}

TEST(TlsConnection, AnswersEverythingToAClientThatSaidItsEnd) {
  EchoServer server;
  EchoClient client(server);
  const std::string sent = pattern(100'000);
  client.send(sent);
  client.stream().finish();
  EXPECT_EQ(client.receive(sent.size() + 1, Kind::kEof), sent);
}

TEST(TlsConnection, EndsInOrderAndSaysSo) {
  EchoServer server;
  EchoClient client(server);
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
  server.shut_down();
  EXPECT_EQ(client.receive(100, Kind::kEof), "bye");
}

TEST(TlsConnection, AClientThatSpeaksNoTlsIsEndedAndHurtsNobody) {
  EchoServer server;
  EchoClient client(server);
  client.send("x");
  const Fd plain = plain_client(server);
  ASSERT_GT(::send(plain.get(), "\0\0\0\5\x08\0\0\0\1", 9, MSG_NOSIGNAL), 0);
  EXPECT_TRUE(is_ended(plain));
  EXPECT_EQ(client.receive(1), "x");
}

TEST(TlsConnection, AClientThatIsGoneInTheHandshakeIsForgotten) {
  EchoServer server;
  const std::vector<std::string> beginnings{"", "\x16", std::string("\x16\x03\x01\x02\0\x01", 6)};
  int times = 0;
  for (const std::string& beginning : beginnings) {
    {
      const Fd plain = plain_client(server);
      ASSERT_EQ(::send(plain.get(), beginning.data(), beginning.size(), MSG_NOSIGNAL), std::ssize(beginning));
    }
    server.wait_until_left(++times);
  }
  {
    EchoClient client(server);
    ASSERT_NE(client.stream().handshake().kind, Kind::kError);  // its first half, or all of it if the server is quick
  }
  server.wait_until_left(++times);
  EchoClient client(server);
  client.send("x");
  EXPECT_EQ(client.receive(1), "x");
}

// Such a client can be told nothing: there is no output to wait for.
TEST(TlsConnection, AClientThatNeverShakesHandsIsClosedWithTheDeadlineOfItsFirstRequest) {
  ConnectionLimits limits;
  limits.first_request = std::chrono::milliseconds(20);
  limits.over_mark = std::chrono::hours(1);
  EchoServer server(limits);
  const Fd silent = plain_client(server);
  EXPECT_TRUE(is_ended(silent));
}

TEST(TlsConnection, AClientInItsHandshakeDoesNotHoldUpTheEnd) {
  ConnectionLimits limits;
  limits.over_mark = std::chrono::hours(1);
  EchoServer server(limits);
  EchoClient client(server);
  client.send("x");
  ASSERT_EQ(client.receive(1), "x");
  const Fd silent = plain_client(server);
  EchoClient after(server);  // accepted after it
  after.send("y");
  ASSERT_EQ(after.receive(1), "y");
  server.shut_down();
  EXPECT_TRUE(is_ended(silent));
  EXPECT_EQ(client.receive(100, Kind::kEof), "bye");
}

}  // namespace
}  // namespace reactor
