// All connections together: caps, handles, and the end of the last one.
#include "reactor/connection_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "test/support/loop.h"
#include "test/support/peer.h"

namespace reactor {
namespace {

using support::Peer;
using testing::ElementsAre;
using Refusal = ConnectionSet::Refusal;

class SilentHandler final : public Connection::Handler {
 public:
  explicit SilentHandler(int& alive) : alive_(alive) { ++alive_; }
  ~SilentHandler() override { --alive_; }
  std::size_t on_bytes(Connection& connection, std::string_view bytes) override {
    connection.output().append(bytes);
    return bytes.size();
  }
  void on_deadline(Connection&, Deadline) override {}
  void on_shutdown(Connection& connection) override { connection.close_when_flushed(); }

 private:
  int& alive_;
};

Address host(const std::string& text) { return parse_listen_address(text + ":1").value(); }

class ConnectionSetTest : public testing::Test {
 protected:
  tl::expected<ConnectionHandle, Refusal> add(const std::string& from = "10.0.0.1") {
    support::Ends ends = support::connected_ends();
    peers_.push_back(std::move(ends.peer));
    return set_.add(std::move(ends.stream), host(from), std::make_unique<SilentHandler>(alive_), limits_);
  }
  void close(ConnectionHandle handle) { set_.find(handle)->close(CloseReason::kEnded); }
  // What is buried is freed at the end of a turn.
  void run_a_turn() {
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  }

  Loop loop_;
  ConnectionLimits limits_;
  int alive_ = 0;
  ConnectionSet set_{loop_, {.total = 5, .per_address = 3}};
  std::vector<Peer> peers_;
};

TEST_F(ConnectionSetTest, NoMoreThanTheCapInAll) {
  std::vector<ConnectionHandle> handles;
  for (int i = 1; i <= 5; ++i) handles.push_back(add("10.0.0." + std::to_string(i)).value());
  EXPECT_EQ(set_.size(), 5U);
  EXPECT_EQ(set_.admits(host("10.0.0.6")).error(), Refusal::kTotal);
  EXPECT_EQ(add("10.0.0.6").error(), Refusal::kTotal);
  EXPECT_EQ(set_.size(), 5U);
  close(handles[2]);
  EXPECT_TRUE(set_.admits(host("10.0.0.6")));
  EXPECT_TRUE(add("10.0.0.6"));
}

TEST_F(ConnectionSetTest, NoMoreThanTheCapFromOneAddress) {
  std::vector<ConnectionHandle> handles;
  for (int i = 0; i < 3; ++i) handles.push_back(add("10.0.0.1").value());
  EXPECT_EQ(set_.admits(host("10.0.0.1")).error(), Refusal::kPerAddress);
  EXPECT_EQ(add("10.0.0.1").error(), Refusal::kPerAddress);
  EXPECT_EQ(add("[::ffff:10.0.0.1]").error(), Refusal::kPerAddress) << "one host, however its packets came";
  EXPECT_TRUE(add("10.0.0.2"));
  close(handles[0]);
  EXPECT_TRUE(add("10.0.0.1"));
}

TEST_F(ConnectionSetTest, ARefusedOneIsFreed) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(add());
  EXPECT_EQ(alive_, 3);
  EXPECT_FALSE(add());
  EXPECT_EQ(alive_, 3);
}

// A descriptor that is no socket and no pipe: epoll does not take it.
class UnwatchableStream final : public Stream {
 public:
  IoResult read(std::span<char>) override { return {IoResult::Kind::kError}; }
  IoResult write(std::string_view) override { return {IoResult::Kind::kError}; }
  void finish() override {}
  [[nodiscard]] int fd() const override { return -1; }
};

TEST_F(ConnectionSetTest, OneThatTheSystemDoesNotWatchIsRefusedAndLeavesNothing) {
  const auto added = set_.add(std::make_unique<UnwatchableStream>(), host("10.0.0.1"),
                              std::make_unique<SilentHandler>(alive_), limits_);
  EXPECT_EQ(added.error(), Refusal::kSystem);
  EXPECT_EQ(set_.size(), 0U);
  EXPECT_EQ(alive_, 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(add()) << "it counted against the cap";
}

TEST_F(ConnectionSetTest, AHandleIsVoidOnceItsConnectionClosedThoughItsPlaceIsUsedAgain) {
  const ConnectionHandle first = add().value();
  ASSERT_NE(set_.find(first), nullptr);
  EXPECT_EQ(set_.find(first)->handle(), first);
  close(first);
  EXPECT_EQ(set_.find(first), nullptr) << "at once, not only at the turn's end";
  std::set<std::uint32_t> slots;
  for (int i = 0; i < 100; ++i) {
    const ConnectionHandle next = add().value();
    EXPECT_EQ(set_.find(first), nullptr);
    slots.insert(next.slot);
    close(next);
    EXPECT_EQ(set_.find(next), nullptr);
  }
  EXPECT_EQ(slots.size(), 1U) << "places are used again";
  EXPECT_EQ(set_.find({77, 0}), nullptr);
}

TEST_F(ConnectionSetTest, AClosedConnectionIsFreedAtTheTurnsEnd) {
  const ConnectionHandle handle = add().value();
  close(handle);
  EXPECT_EQ(alive_, 1);
  run_a_turn();
  EXPECT_EQ(alive_, 0);
}

TEST_F(ConnectionSetTest, CountsHowTheyEnded) {
  set_.find(add().value())->close(CloseReason::kTooSlow);
  set_.find(add().value())->close(CloseReason::kTooSlow);
  set_.find(add().value())->close(CloseReason::kBroken);
  EXPECT_EQ(set_.closed(CloseReason::kTooSlow), 2U);
  EXPECT_EQ(set_.closed(CloseReason::kBroken), 1U);
  EXPECT_EQ(set_.closed(CloseReason::kEnded), 0U);
}

TEST_F(ConnectionSetTest, VisitsAllThoughTheVisitClosesThem) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(add());
  int visited = 0;
  set_.for_each([&](Connection& connection) {
    ++visited;
    connection.close(CloseReason::kEnded);
  });
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(set_.size(), 0U);
}

TEST_F(ConnectionSetTest, TellsOnceTheLastIsGone) {
  std::vector<std::string> told;
  const ConnectionHandle a = add().value(), b = add().value();
  set_.when_empty([&] { told.emplace_back("empty"); });
  close(a);
  told.emplace_back("one left");
  close(b);
  EXPECT_THAT(told, ElementsAre("one left", "empty"));
}

TEST_F(ConnectionSetTest, ItsEndClosesAll) {
  {
    ConnectionSet other(loop_, {});
    support::Ends ends = support::connected_ends();
    ASSERT_TRUE(other.add(std::move(ends.stream), host("10.0.0.1"), std::make_unique<SilentHandler>(alive_), limits_));
    peers_.push_back(std::move(ends.peer));
    other.when_empty([] { FAIL() << "there is nobody left to tell"; });
  }
  run_a_turn();
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(peers_.back().receive_all(), "");
}

TEST_F(ConnectionSetTest, ServesThemAll) {
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(add("10.0.0." + std::to_string(i)));
  support::run_beside(loop_, [this] {
    for (Peer& peer : peers_) peer.send("hello");
    for (Peer& peer : peers_) EXPECT_EQ(peer.receive(5), "hello");
  });
}

}  // namespace
}  // namespace reactor
