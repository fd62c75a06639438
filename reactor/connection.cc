#include "reactor/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace reactor {

Connection::Connection(Loop& loop, Owner& owner, ConnectionHandle handle, const ConnectionLimits& limits,
                       std::unique_ptr<Stream> stream, const Address& peer, std::unique_ptr<Handler> handler)
    : loop_(loop),
      owner_(owner),
      limits_(limits),
      stream_(std::move(stream)),
      handler_(std::move(handler)),
      timer_(loop.timers(), [this] { on_timer(); }),
      since_(loop.now()),
      handle_(handle),
      peer_(peer) {}

tl::expected<void, std::error_code> Connection::start() {
  assert(loop_.in_loop_thread());
  arm();
  return loop_.watch(stream_->fd(), *this);
}

// ---- Input
// ----------------------------------------------------------------------------------------------------

void Connection::go_over_mark() {
  over_mark_ = true;
  since_ = loop_.now();
  arm();
}

void Connection::pause() {
  assert(loop_.in_loop_thread());
  ++pauses_;
}

void Connection::resume() {
  assert(loop_.in_loop_thread() && pauses_ > 0);
  if (--pauses_ > 0 || state_ == State::kClosed) return;
  since_ = loop_.now();
  arm();
  loop_.run_again(*this);
}

void Connection::on_ready(std::uint32_t epoll_events) {
  if (state_ == State::kClosed) return;
  const bool any = stream_->mixes_directions();
  if (any || (epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if (any || (epoll_events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) writable_ = true;
  if ((epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) end_announced_ = true;
  if (!output_.empty()) loop_.flush_later(*this);
  fill();
}

void Connection::on_again() {
  if (state_ == State::kClosed) return;
  deliver_kept();
  fill();
}

void Connection::fill() {
  std::size_t budget = limits_.read_budget;
  while (readable_ && (takes_input() || state_ == State::kLingering)) {
    if (budget == 0) {
      loop_.run_again(*this);
      return;
    }
    const std::span<char> scratch = loop_.scratch();
    const IoResult result = stream_->read(scratch.first(std::min(budget, scratch.size())));
    switch (result.kind) {
      case IoResult::Kind::kDone:
        budget -= result.bytes;
        // Saves the read that would say kAgain, of each request (epoll(7), "Do I need to continuously read/write …"). The
        // peer's end is behind the bytes, and its edge may have been this one.
        if (result.drained && !end_announced_) readable_ = false;
        receive({scratch.data(), result.bytes});
        break;
      case IoResult::Kind::kAgain: readable_ = false; break;
      case IoResult::Kind::kEof:
        readable_ = false;
        peer_finished_ = true;
        break;
      case IoResult::Kind::kError: close(CloseReason::kBroken); return;
    }
  }
  end_if_peer_did();
}

void Connection::receive(std::string_view bytes) {
  if (state_ != State::kOpen) return;  // lingering: read only to be thrown away
  if (!input_.empty()) {
    input_.append(bytes);
    deliver_kept();
    return;
  }
  const std::size_t taken = handler_->on_bytes(*this, bytes);
  if (state_ != State::kOpen) return;
  input_.append(bytes.substr(taken));
  served_ = served_ || taken > 0;
  since_ = loop_.now();
  arm();
}

void Connection::deliver_kept() {
  if (input_.empty() || !takes_input()) return;
  const std::size_t taken = handler_->on_bytes(*this, input_.view());
  if (state_ != State::kOpen) return;
  if (taken == 0) return;  // still the same beginning: its time goes on running
  input_.consume(taken);
  input_.release_when_empty();
  served_ = true;
  since_ = loop_.now();
  arm();
}

void Connection::end_if_peer_did() {
  if (!peer_finished_) return;
  if (state_ == State::kLingering) return close(CloseReason::kEnded);
  deliver_kept();  // its end may have come before requests that had to wait were taken up again
  // Nobody is at work for it, and the beginning of a request will get no end.
  if (takes_input()) close_when_flushed();
}

// ---- Output
// ---------------------------------------------------------------------------------------------------

Buffer& Connection::output() {
  assert(loop_.in_loop_thread());
  loop_.flush_later(*this);
  if (output_.capacity() == 0) output_ = loop_.take_spare();
  return output_;
}

void Connection::hold(Loop::Ticket ticket) {
  const std::uint64_t end = output_end();
  if (!holds_.empty() && holds_.back().ticket == ticket) {
    holds_.back().end = end;
  } else {
    holds_.push_back({end, ticket});
  }
}

void Connection::replace_held(std::uint64_t begin, std::uint64_t end, std::string_view bytes) {
  assert(begin >= sent_ && begin <= end && end <= output_end());
  output_.replace(begin - sent_, end - begin, bytes);
  for (Hold& hold : holds_) {
    if (hold.end >= end) hold.end = hold.end - end + begin + bytes.size();
  }
}

// Bytes at the front of the output that no hold keeps back.
std::size_t Connection::sendable() {
  const auto kept =
      std::find_if(holds_.begin(), holds_.end(), [this](const Hold& hold) { return hold.ticket > loop_.released(); });
  const bool all_free = kept == holds_.end();
  const std::uint64_t free_until =
      all_free ? output_end() : (kept == holds_.begin() ? sent_ : std::max(sent_, std::prev(kept)->end));
  // The last free one stays while a kept one follows: it says where that begins.
  holds_.erase(holds_.begin(), all_free || kept == holds_.begin() ? kept : std::prev(kept));
  if (!all_free) loop_.flush_on_release(*this);
  return free_until - sent_;
}

void Connection::on_flush() {
  if (state_ == State::kClosed) return;
  if (output_.size() > limits_.hard_cap) {
    close(CloseReason::kOverflow);
    return;
  }
  std::size_t left = sendable();
  while (left > 0 && writable_) {
    const IoResult result = stream_->write(output_.view().substr(0, left));
    switch (result.kind) {
      case IoResult::Kind::kDone:
        output_.consume(result.bytes);
        sent_ += result.bytes;
        left -= result.bytes;
        break;
      case IoResult::Kind::kAgain: writable_ = false; break;
      case IoResult::Kind::kEof:
      case IoResult::Kind::kError: close(CloseReason::kBroken); return;
    }
  }
  after_flush();
}

void Connection::after_flush() {
  if (output_.empty()) loop_.keep_spare(std::exchange(output_, Buffer()));
  if (over_mark_ && output_.size() <= limits_.low_mark) {
    over_mark_ = false;
    since_ = loop_.now();
    arm();
    loop_.run_again(*this);
  }
  if (state_ != State::kFlushing || !output_.empty()) return;
  stream_->finish();
  if (peer_finished_) {
    close(CloseReason::kPeerClosed);
    return;
  }
  state_ = State::kLingering;
  since_ = loop_.now();
  arm();
  loop_.run_again(*this);
}

// ---- The end
// --------------------------------------------------------------------------------------------------

void Connection::close_when_flushed() {
  assert(loop_.in_loop_thread());
  if (state_ != State::kOpen) return;
  if (!stream_->is_established()) return close(CloseReason::kEnded);  // nothing can be said to this peer
  state_ = State::kFlushing;
  since_ = loop_.now();
  arm();
  loop_.flush_later(*this);
}

void Connection::close(CloseReason reason) {
  assert(loop_.in_loop_thread());
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  timer_.cancel();
  loop_.unwatch(stream_->fd(), *this);
  owner_.on_closed(*this, reason);
}

// ---- Deadlines
// ------------------------------------------------------------------------------------------------
//
// One timer serves them all. It is moved only to an earlier time; when it comes too early, it is set anew. So
// a request on an idle connection costs no work on the heap.

std::optional<Connection::Due> Connection::due() const {
  switch (state_) {
    case State::kClosed: return std::nullopt;
    case State::kLingering: return Due{since_ + limits_.linger, Deadline::kClosing};
    case State::kFlushing: return Due{since_ + limits_.over_mark, Deadline::kClosing};
    case State::kOpen: break;
  }
  if (over_mark_) return Due{since_ + limits_.over_mark, Deadline::kOverMark};
  if (pauses_ > 0) return std::nullopt;  // it is this side that is at work
  if (!input_.empty()) return Due{since_ + limits_.whole_request, Deadline::kWholeRequest};
  if (!served_) return Due{since_ + limits_.first_request, Deadline::kFirstRequest};
  return Due{since_ + limits_.idle, Deadline::kIdle};
}

void Connection::arm() {
  const auto next = due();
  if (next && (!timer_.is_set() || timer_.when() > next->when)) timer_.set(next->when);
}

void Connection::on_timer() {
  const auto now_due = due();
  if (!now_due) return;
  if (now_due->when > loop_.now()) {
    timer_.set(now_due->when);
    return;
  }
  switch (now_due->which) {
    case Deadline::kOverMark: close(CloseReason::kTooSlow); break;
    case Deadline::kClosing: close(state_ == State::kLingering ? CloseReason::kEnded : CloseReason::kTooSlow); break;
    case Deadline::kFirstRequest:
    case Deadline::kWholeRequest:
    case Deadline::kIdle:
      handler_->on_deadline(*this, now_due->which);
      close_when_flushed();
      break;
  }
}

}  // namespace reactor
