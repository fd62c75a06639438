// Connections whose requests are lines, with the far ends in the test's hands.
//
// A test says what a line does (on_line_), runs the client's side beside the loop, and reads in log_ what happened.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reactor/connection.h"
#include "test/support/loop.h"
#include "test/support/peer.h"

namespace reactor::connection_test {

inline std::string name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kPeerClosed: return "peer closed";
    case CloseReason::kBroken: return "broken";
    case CloseReason::kEnded: return "ended";
    case CloseReason::kTooSlow: return "too slow";
    case CloseReason::kOverflow: return "overflow";
    case CloseReason::kCount: break;
  }
  return "?";
}

inline std::string name_of(Deadline deadline) {
  switch (deadline) {
    case Deadline::kFirstRequest: return "first request";
    case Deadline::kWholeRequest: return "whole request";
    case Deadline::kIdle: return "idle";
    case Deadline::kOverMark: return "over mark";
    case Deadline::kClosing: return "closing";
  }
  return "?";
}

// Takes lines; says "deadline: <which>" to its peer as its last answer.
class LineHandler final : public Connection::Handler {
 public:
  using OnLine = std::function<void(Connection&, std::string_view line)>;
  LineHandler(const OnLine& on_line, support::Log& offers) : on_line_(on_line), offers_(offers) {}

  std::size_t on_bytes(Connection& connection, std::string_view bytes) override {
    offers_.add(std::string(bytes));
    std::size_t taken = 0;
    while (connection.takes_input()) {
      const std::size_t end = bytes.find('\n', taken);
      if (end == std::string_view::npos) break;
      const std::string_view line = bytes.substr(taken, end - taken);
      taken = end + 1;
      on_line_(connection, line);
    }
    return taken;
  }
  void on_deadline(Connection& connection, Deadline which) override {
    connection.output().append("deadline: " + name_of(which) + "\n");
  }
  void on_shutdown(Connection& connection) override { connection.close_when_flushed(); }

 private:
  const OnLine& on_line_;
  support::Log& offers_;
};

class ConnectionTest : public testing::Test, public Connection::Owner {
 protected:
  ~ConnectionTest() override {
    for (auto& connection : connections_) {
      if (connection) connection->close(CloseReason::kEnded);
    }
  }

  // Before the loop runs, or on it.
  support::Peer accept(support::Ends ends) {
    connections_.push_back(std::make_unique<Connection>(loop_, *this, ConnectionHandle{}, limits_,
                                                        std::move(ends.stream), Address(),
                                                        std::make_unique<LineHandler>(on_line_, offers_)));
    EXPECT_TRUE(connections_.back()->start());
    return std::move(ends.peer);
  }
  support::Peer connect(int send_buffer = 0) { return accept(support::connected_ends(send_buffer)); }

  // The first one. On the loop, while it is open.
  Connection& connection() { return *connections_.at(0); }

  void on_closed(Connection& closed, CloseReason reason) override {
    const auto found = std::ranges::find(connections_, &closed, &std::unique_ptr<Connection>::get);
    ASSERT_NE(found, connections_.end());
    loop_.bury(std::move(*found));
    log_.add(name_of(reason));
  }

  // The client's side. Helpers for it:
  void beside(const std::function<void()>& client) { support::run_beside(loop_, client); }
  template <typename Task>
  auto on_loop(Task task) {
    return support::on_loop(loop_, std::move(task));
  }
  void settle() { support::settle(loop_); }

  Loop loop_;
  ConnectionLimits limits_;
  support::Log log_;     // how connections ended
  support::Log offers_;  // all that on_bytes was offered
  LineHandler::OnLine on_line_ = [](Connection& connection, std::string_view line) {
    connection.output().append(std::string(line) + "\n");
  };
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace reactor::connection_test
