// The client against a server that plays a part: answers written here, byte by byte, nonsense, silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <functional>
#include <thread>

#include "dictcli/client.h"
#include "reactor/address.h"
#include "reactor/frame.h"
#include "reactor/socket.h"

namespace dictcli {
namespace {

namespace wire = dictd::wire;
using Kind = Failure::Kind;

constexpr const char* kToken = "0123456789abcdef";

// What a part does on one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  // The next request's type; its id is what answer() echoes.
  wire::Type request() {
    const std::string prefix = receive(reactor::kFramePrefix);
    if (prefix.empty()) return {};
    body_ = receive(reactor::load<std::uint32_t>(prefix.data()));
    return wire::parse_frame(body_).type;
  }
  template <typename Answer>
  void answer(const Answer& message) {
    answer_as(wire::parse_frame(body_).id, message);
  }
  template <typename Answer>
  void answer_as(std::uint32_t id, const Answer& message) {
    reactor::Buffer output;
    wire::encode(output, id, message);
    send(output.view());
  }
  void send(std::string_view bytes) const { (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // Until the client closes.
  void wait_for_end() { (void)receive(1); }

 private:
  std::string receive(std::size_t count) const {
    std::string bytes(count, '\0');
    return ::recv(fd_, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count) ? bytes : "";
  }

  int fd_;
  std::string body_;
};

// Plays one part for each connection, in order, then refuses.
class FakeServer {
 public:
  explicit FakeServer(std::vector<std::function<void(Peer&)>> parts) : parts_(std::move(parts)) {
    listener_ = std::move(*reactor::listen_on(*reactor::parse_listen_address("127.0.0.1:0")));
    port_ = reactor::local_address(listener_.get())->port();
    thread_ = std::thread([this] {
      for (const auto& part : parts_) {
        pollfd waiting{listener_.get(), POLLIN, 0};
        (void)::poll(&waiting, 1, -1);
        const reactor::Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        Peer peer(fd.get());
        part(peer);
      }
    });
  }
  ~FakeServer() { thread_.join(); }

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  std::vector<std::function<void(Peer&)>> parts_;
  reactor::Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

wire::QueryAnswer apple() { return {.entries = {{"wordbook", "apple", "n. 苹果"}}}; }

void expect_failure(const Result<std::vector<Entry>>& result, Kind kind) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, kind) << describe(result.error(), Language::kEnglish);
}

TEST(Client, AsksAndIsAnswered) {
  FakeServer server({[](Peer& peer) {
    EXPECT_EQ(peer.request(), wire::Type::kQuery);
    peer.answer(apple());
    EXPECT_EQ(peer.request(), wire::Type::kMatch);
    peer.answer(wire::MatchAnswer{.entries = {{"a", "apple"}, {"b", "apple"}, {"b", "apply"}}});
    EXPECT_EQ(peer.request(), wire::Type::kHistory);
    peer.answer(wire::HistoryAnswer{.events = {{7, -5, "apple"}}});
  }});
  Client client(server.endpoint());
  const auto entries = client.look_up("apple");
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->at(0).meaning, "n. 苹果");
  EXPECT_EQ(client.match("lev", "apple", 10), (std::vector<std::string>{"apple", "apply"})) << "each headword once";
  const auto history = client.history(10, 0);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->at(0).number, 7U);
  EXPECT_EQ(history->at(0).time_us, -5);
}

TEST(Client, ARefusalLeavesTheConnectionAsItIs) {
  FakeServer server({[](Peer& peer) {
    (void)peer.request();
    peer.answer(wire::ErrorAnswer{9, "away"});
    (void)peer.request();
    peer.answer(apple());
  }});
  Client client(server.endpoint());
  const auto refused = client.look_up("apple");
  expect_failure(refused, Kind::kRefused);
  EXPECT_EQ(refused.error().code, dictd::ErrorCode::kUnavailable);
  EXPECT_TRUE(client.look_up("apple"));
}

TEST(Client, NonsenseIsToldAsSuch) {
  const std::vector<std::function<void(Peer&)>> parts{
      [](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); },             // a length beyond any limit
      [](Peer& peer) { peer.send(std::string_view("\0\0\0\4\x85\0\0\1", 8)); },      // a length under 5
      [](Peer& peer) { peer.send(std::string_view("\0\0\0\6\x85\0\0\0\1x", 10)); },  // fields cut off
      [](Peer& peer) { peer.answer(wire::LoginAnswer{kToken}); },                    // to another question
      [](Peer& peer) { peer.answer_as(77, apple()); },                               // with another id
      [](Peer& peer) {
        peer.answer_as(77, wire::ErrorAnswer{9, ""});
      },
      [](Peer& peer) {
        peer.answer(wire::QueryAnswer{.entries = {{"a", "b", "\xff"}}});
      },  // not UTF-8
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    SCOPED_TRACE(i);
    FakeServer server({[&](Peer& peer) {
      (void)peer.request();
      parts[i](peer);
      peer.wait_for_end();
    }});
    Client client(server.endpoint());
    expect_failure(client.look_up("apple"), i == 0 ? Kind::kAnswerTooLarge : Kind::kNonsense);
  }
}

TEST(Client, ATokenThatIsNoneIsNonsense) {
  for (const std::string& token : {std::string("short"), std::string(129, 'a'), "two\nlines" + std::string(16, 'a')}) {
    FakeServer server({[&](Peer& peer) {
      (void)peer.request();
      peer.answer(wire::LoginAnswer{token});
      peer.wait_for_end();
    }});
    Client client(server.endpoint());
    const auto result = client.log_in("lee", "secret");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Kind::kNonsense);
  }
}

TEST(Client, ARequestThatWasUnderWayIsNotSentAgain) {
  FakeServer server({[](Peer& peer) { EXPECT_EQ(peer.request(), wire::Type::kQuery); },  // and closes
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  expect_failure(client.look_up("apple"), Kind::kLost);
  EXPECT_TRUE(client.look_up("apple"));
  EXPECT_FALSE(client.take_loss()) << "it was told already";
}

TEST(Client, ResumesTheLoginOnANewConnection) {
  FakeServer server({[](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kLogin);
                       peer.answer(wire::LoginAnswer{kToken});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                     },
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kResume);
                       peer.answer(wire::ResumeAnswer{"lee"});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  ASSERT_TRUE(client.log_in("lee", "secret"));
  expect_failure(client.look_up("apple"), Kind::kLost);
  EXPECT_TRUE(client.look_up("apple"));
}

TEST(Client, SaysThatALoginHasEndedAndResumesItNoMore) {
  FakeServer server({[](Peer& peer) {
                       (void)peer.request();
                       peer.answer(wire::ResumeAnswer{"lee"});
                       (void)peer.request();
                     },
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kResume);
                       peer.answer(wire::ErrorAnswer{5, ""});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(wire::ErrorAnswer{3, ""});
                     }});
  Client client(server.endpoint());
  EXPECT_EQ(client.resume(kToken), "lee");
  expect_failure(client.look_up("apple"), Kind::kLost);
  expect_failure(client.look_up("apple"), Kind::kSessionEnded);
  expect_failure(client.look_up("apple"), Kind::kRefused);
}

TEST(Client, ALossBetweenTwoRequestsIsMendedAndItsReasonKept) {
  FakeServer server({[](Peer& peer) {
                       (void)peer.request();
                       peer.answer(apple());
                       peer.answer_as(0, wire::ErrorAnswer{15, "idle"});
                     },
                     [](Peer& peer) {
                       (void)peer.request();
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  ASSERT_TRUE(client.look_up("apple"));
  // The server's last words are on their way: a request sent before they arrive is lost, one after is not.
  auto again = client.look_up("apple");
  if (!again) {
    EXPECT_TRUE(again.error().refused_as(dictd::ErrorCode::kIdle));
    EXPECT_TRUE(client.look_up("apple"));
    return;
  }
  const auto loss = client.take_loss();
  ASSERT_TRUE(loss);
  EXPECT_TRUE(loss->refused_as(dictd::ErrorCode::kIdle));
  EXPECT_FALSE(client.take_loss());
}

TEST(Client, NobodyThereIsAFailureThatNamesTheServer) {
  Client client({"127.0.0.1", 1});
  const auto connected = client.connect();
  ASSERT_FALSE(connected);
  EXPECT_EQ(
      describe(connected.error(), Language::kEnglish),
      "Cannot reach 127.0.0.1:1: no server is running there. Start dictd, or name another with --host and --port.");
}

TEST(Client, AnUnknownHostIsAFailureThatNamesIt) {
  Client client({"no-such-host.invalid", 8888});
  const auto connected = client.connect();
  ASSERT_FALSE(connected);
  EXPECT_EQ(describe(connected.error(), Language::kEnglish), "There is no host named no-such-host.invalid.");
}

}  // namespace
}  // namespace dictcli
