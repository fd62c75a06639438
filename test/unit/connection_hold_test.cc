// Held output: nothing leaves before its ticket is released, and until then it can be replaced.
#include <random>

#include "test/unit/connection_fixture.h"

namespace reactor {
namespace {

using connection_test::ConnectionTest;
using support::Peer;

class ConnectionHoldTest : public ConnectionTest {
 protected:
  struct Piece {
    std::uint64_t begin, end;
  };
  // All of these on the loop.
  Piece append(std::string_view bytes) {
    const std::uint64_t begin = connection().output_end();
    connection().output().append(bytes);
    return {begin, connection().output_end()};
  }
  Piece append_held(std::string_view bytes, Loop::Ticket ticket) {
    const Piece piece = append(bytes);
    connection().hold(ticket);
    return piece;
  }
  void replace(Piece piece, std::string_view bytes) { connection().replace_held(piece.begin, piece.end, bytes); }

  // What the peer has after `step` was done on the loop and a turn has passed.
  std::string after(const std::function<void()>& step) {
    on_loop(step);
    settle();
    return peer_.receive_now();
  }

  Peer peer_ = connect();
};

TEST_F(ConnectionHoldTest, NothingLeavesBeforeItsTicketIsReleased) {
  beside([&] {
    EXPECT_EQ(after([&] { append_held("held", 1); }), "");
    EXPECT_EQ(after([&] { loop_.release(1); }), "held");
  });
}

TEST_F(ConnectionHoldTest, WhatIsReleasedAlreadyLeavesAtOnce) {
  beside([&] {
    EXPECT_EQ(after([&] { loop_.release(7); }), "");
    EXPECT_EQ(after([&] { append_held("free", 7); }), "free");
  });
}

TEST_F(ConnectionHoldTest, OutputBeforeTheHeldLeavesAndOutputAfterItWaits) {
  beside([&] {
    EXPECT_EQ(after([&] { append("before,"); }), "before,");
    EXPECT_EQ(after([&] {
                append_held("held,", 1);
                append("after");
              }),
              "");
    EXPECT_EQ(after([&] { loop_.release(1); }), "held,after");
  });
}

TEST_F(ConnectionHoldTest, TicketsAreReleasedInTheirOrder) {
  beside([&] {
    EXPECT_EQ(after([&] {
                append_held("one,", 1);
                append_held("one,", 1);
                append_held("two,", 2);
                append("two too,");
                append_held("four,", 4);
                append("end");
              }),
              "");
    EXPECT_EQ(after([&] { loop_.release(1); }), "one,one,");
    EXPECT_EQ(after([&] { append_held("!", 5); }), "");
    EXPECT_EQ(after([&] { loop_.release(3); }), "two,");
    EXPECT_EQ(after([&] { loop_.release(4); }), "two too,four,");
    EXPECT_EQ(after([&] { loop_.release(9); }), "end!");
  });
}

TEST_F(ConnectionHoldTest, HeldOutputCanBeReplaced) {
  for (const std::string& refusal :
       {std::string("same"), std::string("no"), std::string("much longer"), std::string()}) {
    SCOPED_TRACE(refusal);
    beside([&] {
      const Loop::Ticket ticket = on_loop([&] { return loop_.released(); }) + 1;
      EXPECT_EQ(after([&] {
                  append_held("first,", ticket);
                  const Piece lost = append_held("lost", ticket + 1);
                  append_held(",third,", ticket + 1);
                  append_held("fourth,", ticket + 2);
                  append("end");
                  replace(lost, refusal);
                }),
                "");
      EXPECT_EQ(after([&] { loop_.release(ticket); }), "first,");
      EXPECT_EQ(after([&] { loop_.release(ticket + 1); }), refusal + ",third,");
      EXPECT_EQ(after([&] { loop_.release(ticket + 2); }), "fourth,end");
    });
  }
}

TEST_F(ConnectionHoldTest, OutputIsReplacedWhereItIsThoughMoreLeftBefore) {
  beside([&] {
    Piece lost{};
    EXPECT_EQ(after([&] {
                append_held("one,", 1);
                lost = append_held("two,", 2);
                append("end");
                loop_.release(1);
              }),
              "one,");
    EXPECT_EQ(after([&] { replace(lost, "refused,"); }), "");
    EXPECT_EQ(after([&] { loop_.release(2); }), "refused,end");
  });
}

TEST_F(ConnectionHoldTest, EndingWaitsForTheTicket) {
  beside([&] {
    EXPECT_EQ(after([&] {
                append_held("held", 1);
                connection().close_when_flushed();
              }),
              "");
    on_loop([&] { loop_.release(1); });
    EXPECT_EQ(peer_.receive_all(), "held");
  });
}

TEST_F(ConnectionHoldTest, OneThatClosedIsNotWaitingForItsTicket) {
  beside([&] {
    on_loop([&] { append_held("held", 1); });
    settle();
    on_loop([&] { connection().close(CloseReason::kEnded); });
    settle();
    on_loop([&] { loop_.release(1); });
    EXPECT_EQ(peer_.receive_all(), "");
  });
}

// Pieces with tickets, some of them replaced from the last to the first as a front-end does, released bit by bit.
TEST_F(ConnectionHoldTest, DoesAtRandomWhatAListOfPiecesWouldDo) {
  struct Held {
    Piece place;
    std::string bytes;
    Loop::Ticket ticket;
  };
  std::mt19937 random(11);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  std::vector<Held> pieces;  // that did not leave
  Loop::Ticket last = 0;
  const auto step = [&] {
    for (std::size_t count = below(4); count > 0; --count) {
      std::string bytes(below(30), static_cast<char>('a' + below(26)));
      last += below(2);
      const Piece place = append_held(bytes, last);
      pieces.push_back({place, std::move(bytes), last});
    }
    // All that is not released yet beyond some ticket is refused.
    if (below(3) > 0 || pieces.empty()) return;
    const Loop::Ticket lost_after = std::max(loop_.released(), last - std::min<Loop::Ticket>(last, below(3)));
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
      if (piece->ticket <= lost_after) break;
      piece->bytes = std::string(below(40), '!');
      replace(piece->place, piece->bytes);
    }
  };
  beside([&] {
    for (int turn = 0; turn < 2000; ++turn) {
      std::string expected;
      const std::string got = after([&] {
        step();
        const Loop::Ticket released = loop_.released() + below(static_cast<std::size_t>(last - loop_.released()) + 1);
        // What was refused is released in the same turn: the places behind it have moved.
        const bool any_lost =
            std::ranges::any_of(pieces, [](const Held& piece) { return piece.bytes.find('!') != std::string::npos; });
        loop_.release(any_lost ? last : released);
        std::erase_if(pieces, [&](const Held& piece) {
          if (piece.ticket > loop_.released()) return false;
          expected += piece.bytes;
          return true;
        });
      });
      ASSERT_EQ(got, expected) << "in turn " << turn;
    }
  });
}

}  // namespace
}  // namespace reactor
