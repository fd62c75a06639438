#include "test/bench/dictbench/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "dictd/error.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "reactor/socket.h"
#include "test/bench/dictbench/run.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;
constexpr std::size_t kPreloadsUnderWay = 256;
constexpr std::uint32_t kPrefetched = 4;  // requests, or answers, ahead of the one at work

// What has come, without the usual delay. It holds for a moment only, so it is said each time.
void acknowledge(int fd) {
  const int on = 1;
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);  // an advice
}

}  // namespace

Session::Session(Run& run, std::string token, std::uint64_t first_item, bool preloads)
    : run_(run), token_(std::move(token)), next_item_(first_item), preloads_(preloads) {}

Session::~Session() {
  if (fd_) run_.loop().unwatch(fd_.get(), *this);
}

void Session::connect() {
  connecting_since_ = Clock::now();
  state_ = State::kConnecting;
  auto started = reactor::start_connect(run_.address());
  if (!started) return run_.fail("cannot connect: " + started.error().message(), kConnectionLost);
  fd_ = std::move(*started);
  if (const auto watched = run_.loop().watch(fd_.get(), *this); !watched)
    run_.fail(watched.error().message(), kConnectionLost);
}

void Session::on_ready(std::uint32_t epoll_events) {
  if (run_.is_over()) return;
  if (state_ == State::kConnecting) {
    if ((epoll_events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    on_connected();
  }
  if ((epoll_events & EPOLLOUT) != 0 && !output_.empty()) flush();
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
  const auto scratch = run_.loop().scratch();
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), scratch.data(), scratch.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 && state_ == State::kLeaving) return on_end();
    if (got <= 0) {
      return run_.fail(got == 0 ? "the server closed a connection" : reactor::last_error().message(), kConnectionLost);
    }
    if (run_.acknowledges_at_once()) acknowledge(fd_.get());
    on_bytes({scratch.data(), static_cast<std::size_t>(got)});
    if (run_.is_over()) return;
    if (static_cast<std::size_t>(got) < scratch.size() && (epoll_events & (EPOLLRDHUP | EPOLLHUP)) == 0) return;
  }
}

void Session::on_connected() {
  if (const auto error = reactor::connect_outcome(fd_.get()))
    return run_.fail("cannot connect: " + error.message(), kConnectionLost);
  reactor::set_no_delay(fd_.get());
  state_ = State::kGreeting;
  if (!has_left_) run_.connected();
  if (!run_.protocol().greets()) introduce();
}

void Session::introduce() {
  if (!token_.empty()) return resume();
  if (preloads_) {
    state_ = State::kPreloading;
    preload_more();
    if (preload_asked_ > 0) return;
  }
  state_ = State::kReady;
  if (has_left_) return run_.on_session_back(*this);
  run_.on_session_ready(*this);
}

void Session::leave() {
  state_ = State::kLeaving;
  has_left_ = true;
}

// Comes again in this turn, but not within what it is called from.
void Session::on_end() {
  run_.loop().unwatch(fd_.get(), *this);
  fd_.reset();
  input_.clear();
  run_.loop().run_again(*this);
}

void Session::resume() {
  state_ = State::kResuming;
  reactor::Buffer request;
  wire::encode(request, 1, wire::ResumeRequest{token_});
  output_ += request.view();
  flush();
}

// ---- Answers in

void Session::on_bytes(std::string_view bytes) {
  if (!input_.empty()) {
    input_ += bytes;
    const std::string all = std::exchange(input_, {});
    input_ = all.substr(take(all));
  } else {
    const std::size_t taken = take(bytes);
    input_ += bytes.substr(taken);
  }
}

std::size_t Session::take(std::string_view bytes) {
  switch (state_) {
    case State::kConnecting: return 0;
    case State::kGreeting: {
      const std::size_t greeting = run_.protocol().greeting(bytes);
      if (greeting > 0) introduce();
      return greeting;
    }
    case State::kResuming: return take_resumed(bytes);
    case State::kPreloading: return take_preloaded(bytes);
    case State::kReady: return take_answers(bytes);
    case State::kLeaving: return bytes.size();
  }
  return 0;
}

std::size_t Session::take_resumed(std::string_view bytes) {
  const auto frame = reactor::next_frame(bytes, {wire::kSmallestFrame, wire::kLargestAnswer});
  if (frame.status == reactor::FrameResult::Status::kNeedMore) return 0;
  const wire::Frame answer = wire::parse_frame(frame.body);
  if (answer.type == wire::ResumeAnswer::kType) {
    state_ = State::kReady;
    run_.on_session_ready(*this);
  } else if (const auto error = wire::decode<wire::ErrorAnswer>(answer.fields);
             error && error->code == static_cast<std::uint16_t>(dictd::ErrorCode::kOverloaded)) {
    run_.resume_later(*this);
  } else {
    run_.fail("a log-in by token was refused: " + std::string(error ? error->message : "no answer to it"),
              error ? error->code : kOtherError);
  }
  return frame.consumed;
}

void Session::preload_more() {
  while (preload_asked_ - preload_answered_ < kPreloadsUnderWay && run_.protocol().preload(preload_asked_, output_)) {
    ++preload_asked_;
  }
  flush();
}

std::size_t Session::take_preloaded(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    const Answer answer = run_.protocol().preloaded(bytes.substr(taken));
    if (answer.kind == Answer::Kind::kNeedMore) break;
    if (answer.kind != Answer::Kind::kRight) {
      run_.fail("a value could not be stored before the measurement", kOtherError);
      return bytes.size();
    }
    taken += answer.bytes;
    ++preload_answered_;
  }
  preload_more();
  if (preload_answered_ == preload_asked_) {
    state_ = State::kReady;
    run_.on_session_ready(*this);
  }
  return taken;
}

std::size_t Session::take_answers(std::string_view bytes) {
  const auto now = Clock::now();
  Protocol& protocol = run_.protocol();
  std::size_t taken = 0;
  std::size_t answers = 0;
  while (!asked_.empty()) {
    if (asked_.size() > 2 * kPrefetched) protocol.prefetch_place(asked_[2 * kPrefetched].item);
    if (asked_.size() > kPrefetched) protocol.prefetch_answer(asked_[kPrefetched].item);
    const Asked& asked = asked_.front();
    const Answer answer = protocol.judge(bytes.substr(taken), asked.item, asked_.first_number() + 1);
    if (answer.kind == Answer::Kind::kNeedMore) break;
    taken += answer.bytes;
    run_.count(answer, asked.item, now - asked.since);
    asked_.pop();
    ++answers;
  }
  if (asked_.empty() && taken < bytes.size() && !run_.reconnects()) {
    run_.fail("the server sent something unasked", kOtherError);
    return bytes.size();
  }
  if (answers > 0) run_.on_answers(*this, answers, now);
  return taken;
}

// ---- Requests out

void Session::ask(std::size_t count, Clock::time_point since) {
  if (output_.empty() && output_.capacity() < run_.spare_output().capacity()) output_.swap(run_.spare_output());
  Protocol& protocol = run_.protocol();
  for (; count > 0; --count) {
    protocol.prefetch_place(run_.workload().item(next_item_ + 2 * kPrefetched));
    protocol.prefetch_request(run_.workload().item(next_item_ + kPrefetched));
    const Item item = run_.workload().item(next_item_++);
    protocol.ask(item, asked_.next_number() + 1, output_);
    asked_.push({item, since});
  }
  if (run_.reconnects()) output_ += protocol.farewell();
}

void Session::flush() {
  while (sent_ < output_.size()) {
    const ssize_t sent = ::send(fd_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return run_.fail(reactor::last_error().message(), kConnectionLost);
    sent_ += static_cast<std::size_t>(sent);
  }
  output_.clear();
  sent_ = 0;
  if (output_.capacity() > run_.spare_output().capacity()) output_.swap(run_.spare_output());
}

}  // namespace dictbench
