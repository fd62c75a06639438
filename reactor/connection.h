// One connection: an edge-triggered pump between a stream and a handler of requests.
//
// Input: read until EAGAIN or the turn's budget, into memory shared by the loop; only what the handler leaves
// (the beginning of a frame) is kept here. Output: appended by the handler, sent at the end of the turn,
// after the commit. Reading stops while somebody pauses it (counted), and while more output than the high
// mark waits; resuming reads at once, as no new edge would come. A connection that ends by itself sends what
// waits, says so to the peer, and goes on reading for a short while (lingers), lest unread input make the
// kernel throw away the last answer. Not here: what bytes mean, who may connect (connection_set.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "reactor/address.h"
#include "reactor/buffer.h"
#include "reactor/loop.h"
#include "reactor/stream.h"

namespace reactor {

// Shared by all connections of a front-end; outlives them.
struct ConnectionLimits {
  // Bytes read per turn. Requests are small, and each has to be answered before anybody's answer leaves.
  std::size_t read_budget = 32 * 1024;
  std::size_t high_mark = 256 * 1024;       // bytes of waiting output at which reading stops …
  std::size_t low_mark = 64 * 1024;         // … and at which it begins again
  std::size_t hard_cap = 32 * 1024 * 1024;  // bytes of waiting output at which the connection is closed
  Clock::duration first_request = std::chrono::seconds(30);  // from accept to the first request's first byte
  Clock::duration whole_request = std::chrono::seconds(30);  // from a request's first byte to its last
  Clock::duration idle = std::chrono::minutes(10);           // without any request
  Clock::duration over_mark = std::chrono::seconds(30);  // with output over the low mark once it was over the high one
  Clock::duration linger = std::chrono::seconds(2);      // from the last byte sent to the peer's end
};

enum class CloseReason : std::uint8_t {
  kPeerClosed,  // the peer ended it in order
  kBroken,      // reset, or another error of the stream
  kEnded,       // this side ended it in order
  kTooSlow,     // output waited too long over the mark
  kOverflow,    // output grew over the hard cap
  kCount,
};

enum class Deadline : std::uint8_t { kFirstRequest, kWholeRequest, kIdle, kOverMark, kClosing };

// Names a connection for as long as it lives, and nothing afterwards: what a continuation keeps.
struct ConnectionHandle {
  std::uint32_t slot = 0;
  std::uint32_t serial = 0;
  friend bool operator==(const ConnectionHandle&, const ConnectionHandle&) = default;
};

// Loop thread only, every method.
class Connection final : public Watcher {
 public:
  // What makes requests of bytes and answers them. Owned by its connection.
  class Handler {
   public:
    Handler() = default;
    virtual ~Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    // Takes whole requests off the front of `bytes` while connection.takes_input(), and says how many bytes
    // they were. What it leaves is offered again, with what came after it.
    [[nodiscard]] virtual std::size_t on_bytes(Connection& connection, std::string_view bytes) = 0;
    // A deadline of the peer passed; the connection closes when this returns. May send a last answer.
    virtual void on_deadline(Connection& connection, Deadline which) = 0;
    // The server stops. Ends the connection, now or when what is under way is answered.
    virtual void on_shutdown(Connection& connection) = 0;
  };
  // Told when a connection is at its end; takes it from there to Loop::bury.
  class Owner {
   public:
    virtual void on_closed(Connection& connection, CloseReason reason) = 0;

   protected:
    ~Owner() = default;
  };

  Connection(Loop& loop, Owner& owner, ConnectionHandle handle, const ConnectionLimits& limits,
             std::unique_ptr<Stream> stream, const Address& peer, std::unique_ptr<Handler> handler);

  // Registers with the loop. On failure the connection is of no use.
  [[nodiscard]] tl::expected<void, std::error_code> start();

  [[nodiscard]] ConnectionHandle handle() const { return handle_; }
  [[nodiscard]] const Address& peer() const { return peer_; }
  [[nodiscard]] Handler& handler() { return *handler_; }
  [[nodiscard]] bool is_open() const { return state_ == State::kOpen; }

  // Whether the next request may be decoded: open, not paused, and not too much output waiting.
  [[nodiscard]] bool takes_input() {
    if (!over_mark_ && output_.size() >= limits_.high_mark) go_over_mark();
    return state_ == State::kOpen && pauses_ == 0 && !over_mark_;
  }
  // Counted reasons not to take input. The last resume() goes on with what is already here, then reads.
  void pause();
  void resume();

  // To append answers to; they leave at the end of the turn.
  [[nodiscard]] Buffer& output();
  // All output so far waits until the loop has released `ticket`.
  void hold(Loop::Ticket ticket);
  // Positions count all bytes ever appended. Output that is still held can be replaced.
  [[nodiscard]] std::uint64_t output_end() const { return sent_ + output_.size(); }
  [[nodiscard]] std::string_view held(std::uint64_t begin, std::uint64_t end) const {
    return output_.view().substr(begin - sent_, end - begin);
  }
  void replace_held(std::uint64_t begin, std::uint64_t end, std::string_view bytes);

  // Takes no more input, sends what waits, then closes.
  void close_when_flushed();
  // Closes now; what waits is lost.
  void close(CloseReason reason);

  void on_ready(std::uint32_t epoll_events) override;
  void on_again() override;
  void on_flush() override;

 private:
  enum class State : std::uint8_t {
    kOpen,
    kFlushing,   // takes no more requests; sends what waits
    kLingering,  // all is sent and the peer was told; waits for its end
    kClosed,
  };
  struct Hold {
    std::uint64_t end;  // position up to which it holds, from where the one before ends
    Loop::Ticket ticket;
  };

  void go_over_mark();
  void fill();
  void receive(std::string_view bytes);
  void deliver_kept();
  [[nodiscard]] std::size_t sendable();
  void after_flush();
  void end_if_peer_did();

  struct Due {
    Clock::time_point when;
    Deadline which;
  };
  [[nodiscard]] std::optional<Due> due() const;
  void arm();
  void on_timer();

  Loop& loop_;
  Owner& owner_;
  const ConnectionLimits& limits_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Handler> handler_;
  Timer timer_;
  Clock::time_point since_;  // when the present wait began: for a request, its end, or room
  Buffer input_;
  Buffer output_;
  std::vector<Hold> holds_;
  std::uint64_t sent_ = 0;
  ConnectionHandle handle_;
  Address peer_;
  std::uint16_t pauses_ = 0;
  State state_ = State::kOpen;
  bool readable_ = false;
  bool writable_ = false;
  bool over_mark_ = false;
  bool served_ = false;         // a whole request has come
  bool end_announced_ = false;  // an edge told of the peer's end, or of an error
  bool peer_finished_ = false;  // the peer sends no more
};

}  // namespace reactor
