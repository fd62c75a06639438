// How a connection ends, from either side: nothing that can still be delivered is lost.
#include "test/unit/connection_fixture.h"

namespace reactor {
namespace {

using namespace std::chrono_literals;
using connection_test::ConnectionTest;
using support::Peer;
using testing::ElementsAre;

class ConnectionEndTest : public ConnectionTest {
 protected:
  // As ConnectionTest's echo, with commands.
  ConnectionEndTest() {
    on_line_ = [](Connection& connection, std::string_view line) {
      connection.output().append(std::string(line) + "\n");
      if (line == "work") connection.pause();
      if (line == "bye") connection.close_when_flushed();
      if (line == "drop") connection.close(CloseReason::kEnded);
    };
  }
};

TEST_F(ConnectionEndTest, APeerThatFinishesGetsItsAnswersFirst) {
  Peer peer = connect();
  beside([&] {
    peer.send("a\nb\n");
    peer.finish_writing();
    EXPECT_EQ(peer.receive_all(), "a\nb\n");
    log_.wait_for("peer closed");
  });
}

TEST_F(ConnectionEndTest, APeerThatFinishesWhileThisSideIsAtWorkGetsThatAnswerAndTheNext) {
  Peer peer = connect();
  beside([&] {
    peer.send("work\nnext\n");
    peer.finish_writing();
    EXPECT_EQ(peer.receive(5), "work\n");
    settle();
    on_loop([this] {
      connection().output().append("done\n");
      connection().resume();
    });
    EXPECT_EQ(peer.receive_all(), "done\nnext\n");
    log_.wait_for("peer closed");
  });
}

// A stream that tells when something was written.
class ToldStream final : public Stream {
 public:
  ToldStream(std::unique_ptr<Stream> stream, std::function<void()> on_write)
      : stream_(std::move(stream)), on_write_(std::move(on_write)) {}
  IoResult read(std::span<char> into) override { return stream_->read(into); }
  IoResult write(std::string_view bytes) override {
    const IoResult result = stream_->write(bytes);
    on_write_();
    return result;
  }
  void finish() override { stream_->finish(); }
  [[nodiscard]] int fd() const override { return stream_->fd(); }

 private:
  std::unique_ptr<Stream> stream_;
  std::function<void()> on_write_;
};

// They were dropped when the peer's end came before they were taken up again.
TEST_F(ConnectionEndTest, RequestsThatWaitedForTheHighMarkAreAnsweredThoughThePeerFinished) {
  limits_.high_mark = 1000;
  limits_.low_mark = 100;
  on_line_ = [](Connection& connection, std::string_view line) {
    connection.output().append(std::string(line) + std::string(100, '.') + "\n");
  };
  constexpr std::size_t kRequests = 500;
  std::string requests;
  for (std::size_t i = 0; i < kRequests; ++i) requests += "?\n";
  support::Ends ends = support::connected_ends();
  ends.peer.send(requests);
  Peer* far = nullptr;
  ends.stream = std::make_unique<ToldStream>(std::move(ends.stream), [&far] { far->finish_writing(); });
  Peer peer = accept(std::move(ends));
  far = &peer;
  beside([&] { EXPECT_EQ(peer.receive_all().size(), kRequests * 102); });
}

TEST_F(ConnectionEndTest, TheBeginningOfARequestIsWorthNothingOnceThePeerFinished) {
  Peer peer = connect();
  beside([&] {
    peer.send("whole\nbegin");
    peer.finish_writing();
    EXPECT_EQ(peer.receive_all(), "whole\n");
    log_.wait_for("peer closed");
  });
}

TEST_F(ConnectionEndTest, AResetEndsItAtOnce) {
  Peer peer = accept(support::connected_tcp_ends());
  beside([&] {
    peer.send("hello\n");
    EXPECT_EQ(peer.receive(6), "hello\n");
    peer.reset();
    log_.wait_for("broken");
  });
}

TEST_F(ConnectionEndTest, AResetWhileThisSideIsAtWorkIsFoundAfterwards) {
  Peer peer = accept(support::connected_tcp_ends());
  beside([&] {
    peer.send("work\n");
    EXPECT_EQ(peer.receive(5), "work\n");
    peer.reset();
    settle();
    EXPECT_EQ(on_loop([this] {
                connection().output().append("done\n");
                connection().resume();
                return log_.lines().size();
              }),
              0U);
    log_.wait_for("broken");
  });
}

TEST_F(ConnectionEndTest, EndingDeliversEverythingThenTheEnd) {
  const std::string large(5'000'000, 'x');
  on_line_ = [&](Connection& connection, std::string_view /*line*/) {
    connection.output().append(large);
    connection.close_when_flushed();
  };
  Peer peer = connect();
  beside([&] {
    peer.send("go\nnot any more\n");
    settle();
    EXPECT_EQ(peer.receive_all(), large);
    peer.close();
    log_.wait_for("ended");
  });
}

TEST_F(ConnectionEndTest, EndingTakesNoMoreRequests) {
  Peer peer = connect();
  beside([&] {
    peer.send("a\nbye\nb\n");
    peer.send("c\n");
    EXPECT_EQ(peer.receive_all(), "a\nbye\n");
  });
}

// Closing a socket with unread input makes the kernel throw away what it has not delivered.
TEST_F(ConnectionEndTest, ATcpPeerGetsTheLastAnswerThoughItWasStillSending) {
  on_line_ = [](Connection& connection, std::string_view /*line*/) {
    connection.output().append(std::string(100'000, 'x'));
    connection.close_when_flushed();
  };
  Peer peer = accept(support::connected_tcp_ends());
  beside([&] {
    peer.send("go\n" + std::string(300'000, 'y'));
    settle();
    peer.send(std::string(300'000, 'z'));
    settle();
    EXPECT_EQ(peer.receive_all().size(), 100'000U);
    peer.close();
    log_.wait_for("ended");
  });
}

TEST_F(ConnectionEndTest, LingersNoLongerThanItsLimit) {
  limits_.linger = 20ms;
  Peer peer = connect();
  beside([&] {
    peer.send("bye\n");
    log_.wait_for("ended");
    EXPECT_EQ(peer.receive_all(), "bye\n");
  });
}

TEST_F(ConnectionEndTest, LingersNoLongerThanThePeer) {
  limits_.linger = 1h;
  Peer peer = connect();
  beside([&] {
    peer.send("bye\n");
    EXPECT_EQ(peer.receive_all(), "bye\n");
    peer.finish_writing();
    log_.wait_for("ended");
  });
}

TEST_F(ConnectionEndTest, APeerThatDoesNotTakeTheLastAnswersIsClosed) {
  limits_.over_mark = 20ms;
  on_line_ = [](Connection& connection, std::string_view /*line*/) {
    connection.output().append(std::string(5'000'000, 'x'));
    connection.close_when_flushed();
  };
  Peer peer = connect();
  beside([&] {
    peer.send("go\n");
    log_.wait_for("too slow");
  });
}

TEST_F(ConnectionEndTest, ClosingAtOnceDropsWhatWaits) {
  Peer peer = connect();
  beside([&] {
    peer.send("drop\nmore\n");
    EXPECT_EQ(peer.receive(100), "") << "not even its own answer";
  });
  EXPECT_THAT(log_.lines(), ElementsAre("ended"));
}

TEST_F(ConnectionEndTest, TheOwnerIsToldOnce) {
  Peer peer = connect();
  on_line_ = [](Connection& connection, std::string_view /*line*/) {
    connection.close_when_flushed();
    connection.close(CloseReason::kBroken);
    connection.close(CloseReason::kEnded);
    connection.close_when_flushed();
  };
  beside([&] {
    peer.send("x\n");
    log_.wait_for("broken");
    settle();
  });
  EXPECT_THAT(log_.lines(), ElementsAre("broken"));
}

}  // namespace
}  // namespace reactor
