// A connection's input and its backpressure. Its end is connection_end_test.cc's, held output connection_hold_test.cc's.
#include "reactor/connection.h"

#include "test/unit/connection_fixture.h"

namespace reactor {
namespace {

using namespace std::chrono_literals;
using connection_test::ConnectionTest;
using support::Peer;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ConnectionTest, RequestsArriveWholeHoweverTheirBytesAreCut) {
  const std::string requests = "first\n\nthird line\n" + std::string(300, 'x') + "\nlast\n";
  Peer peer = connect();
  beside([&] {
    for (std::size_t piece = 1; piece <= requests.size(); piece += 1 + piece / 3) {
      for (std::size_t at = 0; at < requests.size(); at += piece) {
        peer.send(std::string_view(requests).substr(at, piece));
        settle();
      }
      EXPECT_EQ(peer.receive(requests.size()), requests) << "in pieces of " << piece;
    }
  });
}

TEST_F(ConnectionTest, WhatTheHandlerLeavesIsOfferedAgainWithWhatFollows) {
  Peer peer = connect();
  beside([&] {
    for (const char* const piece : {"a\nbe", "gi", "n\nx"}) {
      peer.send(piece);
      settle();
    }
  });
  EXPECT_THAT(offers_.lines(), ElementsAre("a\nbe", "begi", "begin\nx"));
}

TEST_F(ConnectionTest, PausesAreCountedAndNothingIsLostWhenPausedInTheMiddle) {
  on_line_ = [](Connection& connection, std::string_view line) {
    connection.output().append(std::string(line) + "\n");
    if (line == "pause") connection.pause(), connection.pause();
  };
  Peer peer = connect();
  beside([&] {
    peer.send("a\npause\nb\nc\npar");
    EXPECT_EQ(peer.receive(8), "a\npause\n");
    peer.send("t\nd\n");
    settle();
    on_loop([this] { connection().resume(); });
    settle();
    EXPECT_EQ(peer.receive_now(), "") << "one reason to pause is left";
    on_loop([this] { connection().resume(); });
    EXPECT_EQ(peer.receive(11), "b\nc\npart\nd\n");
  });
}

TEST_F(ConnectionTest, ResumingReadsWhatCameMeanwhileThoughNoEdgeComes) {
  Peer peer = connect();
  beside([&] {
    settle();
    on_loop([this] { connection().pause(); });
    peer.send("came meanwhile\n");
    settle();
    on_loop([this] { connection().resume(); });
    EXPECT_EQ(peer.receive(15), "came meanwhile\n");
  });
}

TEST_F(ConnectionTest, MoreThanTheBudgetWaitsUntilTheOthersHadTheirs) {
  limits_.read_budget = 1000;
  std::vector<std::string> order;
  on_line_ = [&](Connection& connection, std::string_view line) {
    order.emplace_back(line);
    // Not for each of the flood: an answer that is taken would be an edge.
    if (line == "small" || line == "last") connection.output().append("ok\n");
  };
  constexpr std::size_t kLines = 500;  // of 100 bytes: fifty budgets
  Peer flood = connect(), small = connect();
  std::string lines;
  for (std::size_t i = 0; i < kLines; ++i) lines += std::string(99, 'f') + "\n";
  flood.send(lines + "last\n");
  small.send("small\n");
  beside([&] {
    EXPECT_EQ(small.receive(3), "ok\n");
    EXPECT_EQ(flood.receive(3), "ok\n") << "all of it is read, though no edge comes";
  });
  const auto small_one = std::ranges::find(order, "small") - order.begin();
  EXPECT_LE(small_one, 10) << "no more than one budget was served before";
  EXPECT_EQ(order.size(), kLines + 2);
}

// The peer sends a thousand requests before it reads an answer.
class BackpressureTest : public ConnectionTest {
 protected:
  static constexpr std::size_t kRequests = 1000;
  static constexpr std::size_t kAnswer = 1000;

  BackpressureTest() {
    limits_.high_mark = 20'000;
    limits_.low_mark = 5'000;
    on_line_ = [this](Connection& connection, std::string_view /*line*/) {
      waiting_.push_back(connection.output().size());
      connection.output().append(std::string(kAnswer, 'a'));
    };
  }
  static std::string requests() {
    std::string all;
    for (std::size_t i = 0; i < kRequests; ++i) all += "?\n";
    return all;
  }

  std::vector<std::size_t> waiting_;  // the output's size when each request was served; the loop's
};

TEST_F(BackpressureTest, AboveTheHighMarkNothingIsServedUntilBelowTheLowOne) {
  Peer peer = connect(1);  // the smallest buffer that the system has
  beside([&] {
    peer.send(requests());
    settle();
    const std::size_t served = on_loop([this] { return waiting_.size(); });
    EXPECT_LT(served, 50U);
    EXPECT_GE(served, 20U);
    EXPECT_LE(on_loop([this] { return connection().output().size(); }), limits_.high_mark + kAnswer);
    EXPECT_FALSE(on_loop([this] { return connection().takes_input(); }));
    EXPECT_EQ(peer.receive(kRequests * kAnswer).size(), kRequests * kAnswer);
    EXPECT_TRUE(on_loop([this] { return connection().takes_input(); }));
  });
  ASSERT_EQ(waiting_.size(), kRequests);
  for (std::size_t i = 1; i < kRequests; ++i) {
    EXPECT_TRUE(waiting_[i] == waiting_[i - 1] + kAnswer || waiting_[i] <= limits_.low_mark)
        << "request " << i << " was served at " << waiting_[i];
  }
}

TEST_F(BackpressureTest, APeerThatNeverReadsIsClosed) {
  limits_.over_mark = 20ms;
  Peer peer = connect(1);
  beside([&] {
    peer.send(requests());
    log_.wait_for("too slow");
  });
}

TEST_F(BackpressureTest, APeerThatReadsInTheEndIsNotClosed) {
  limits_.over_mark = 300ms;
  limits_.idle = 400ms;
  Peer peer = connect(1);
  beside([&] {
    peer.send(requests());
    EXPECT_EQ(peer.receive(kRequests * kAnswer).size(), kRequests * kAnswer);
    EXPECT_EQ(peer.receive_all(), "deadline: idle\n");
  });
}

// What one turn leaves over the hard cap is too much, however fast the peer reads.
TEST_F(BackpressureTest, OutputOverTheHardCapEndsTheConnection) {
  limits_.hard_cap = 30'000;
  on_line_ = [](Connection& connection, std::string_view line) {
    connection.output().append(std::string(line == "much" ? 30'000 : 30'001, 'x'));
  };
  Peer peer = connect();
  beside([&] {
    peer.send("much\n");
    EXPECT_EQ(peer.receive(30'000).size(), 30'000U);
    peer.send("too much\n");
    EXPECT_EQ(peer.receive_all(), "");
    log_.wait_for("overflow");
  });
}

// ---- Deadlines

TEST_F(ConnectionTest, TheFirstRequestHasADeadline) {
  limits_.first_request = 20ms;
  Peer peer = connect();
  beside([&] { EXPECT_EQ(peer.receive_all(), "deadline: first request\n"); });
}

TEST_F(ConnectionTest, AWholeRequestHasADeadlineThatSingleBytesDoNotMove) {
  limits_.whole_request = 20ms;
  Peer peer = connect();
  beside([&] {
    peer.send("whole\n");
    EXPECT_EQ(peer.receive(6), "whole\n");
    std::string answer;
    while (answer.empty() && peer.try_send("x")) {
      settle();
      answer = peer.receive_now();
    }
    EXPECT_EQ(answer, "deadline: whole request\n");
  });
}

TEST_F(ConnectionTest, AnIdleConnectionHasADeadlineWhichEachRequestMoves) {
  limits_.idle = 250ms;
  Peer peer = connect();
  beside([&] {
    const auto start = Clock::now();
    while (Clock::now() < start + 350ms) {
      peer.send("busy\n");
      ASSERT_EQ(peer.receive(5), "busy\n");
    }
    EXPECT_EQ(peer.receive_all(), "deadline: idle\n");
  });
}

TEST_F(ConnectionTest, NoDeadlineRunsWhileThisSideIsAtWork) {
  limits_.whole_request = limits_.idle = 10ms;
  on_line_ = [](Connection& connection, std::string_view /*line*/) { connection.pause(); };
  Timer later(loop_.timers(), [this] {
    EXPECT_THAT(log_.lines(), IsEmpty());
    connection().output().append("done\n");
    connection().resume();
  });
  Peer peer = connect();
  beside([&] {
    peer.send("work\nbegin");
    on_loop([&] { later.set(loop_.now() + 50ms); });
    EXPECT_EQ(peer.receive_all(), "done\ndeadline: whole request\n") << "and then the old ones run anew";
  });
}

}  // namespace
}  // namespace reactor
