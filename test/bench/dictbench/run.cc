#include "test/bench/dictbench/run.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <deque>
#include <numeric>

#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "reactor/socket.h"
#include "test/bench/dictbench/accounts.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;
using std::chrono::duration;
using std::chrono::duration_cast;

constexpr std::size_t kConnectsAtOnce = 256;
constexpr auto kResumeAgain = std::chrono::milliseconds(100);
constexpr auto kPollBefore = std::chrono::milliseconds(2);  // of a due time: the thread waits awake
constexpr std::uint64_t kMostWaiting = 4'000'000;           // due and not answered: the rate cannot be kept
constexpr auto kPatience = std::chrono::seconds(30);        // with a server that gives no sign, where no time is set
constexpr auto kPublish = std::chrono::seconds(1);
constexpr std::size_t kLoginSessions = 16;
constexpr std::uint64_t kApart = 7919;  // between the sessions' places in the sequence of words

Clock::duration from_seconds(double seconds) { return duration_cast<Clock::duration>(duration<double>(seconds)); }
double to_seconds(Clock::duration time) { return duration<double>(time).count(); }
std::uint64_t to_ns(Clock::duration time) { return static_cast<std::uint64_t>(time.count()); }

// Of this thread, user and system.
double cpu_seconds() {
  rusage usage{};
  (void)getrusage(RUSAGE_THREAD, &usage);  // of oneself it cannot fail
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

std::uint64_t Counts::failed() const {
  return std::accumulate(errors.begin(), errors.end(), wrong,
                         [](std::uint64_t sum, const auto& error) { return sum + error.second; });
}

// A connection that logs one user in by its password, again and again.
class Run::LoginSession final : public reactor::Watcher {
 public:
  LoginSession(Run& run, reactor::Fd fd) : run_(run), fd_(std::move(fd)) {
    if (const auto watched = run_.loop().watch(fd_.get(), *this); !watched) {
      run_.fail(watched.error().message(), kConnectionLost);
    }
  }
  ~LoginSession() override { run_.loop().unwatch(fd_.get(), *this); }

  void log_in(const std::string& name, Clock::time_point since) {
    reactor::Buffer request;
    wire::encode(request, 1, wire::LoginRequest{name, kPassword});
    asked_.push_back(since);
    if (!send_all(fd_.get(), request.view())) run_.fail("a log-in cannot be sent", kConnectionLost);
  }
  // Since when those that wait for their answer do so.
  [[nodiscard]] const std::deque<Clock::time_point>& asked() const { return asked_; }

 private:
  void on_ready(std::uint32_t epoll_events) override {
    if ((epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) return;
    const auto scratch = run_.loop().scratch();
    const auto got = receive_some(fd_.get(), scratch);
    if (!got) return;
    if (*got == 0) return run_.fail("the server closed a connection that logs in", kConnectionLost);
    input_.append(scratch.data(), *got);
    for (;;) {
      const auto frame = reactor::next_frame(input_, {wire::kSmallestFrame, wire::kLargestAnswer});
      if (frame.status != reactor::FrameResult::Status::kFrame || asked_.empty()) return;
      if (run_.measuring_) count(wire::parse_frame(frame.body));
      asked_.pop_front();
      input_.erase(0, frame.consumed);
    }
  }
  void count(const wire::Frame& answer) {
    if (answer.type == wire::LoginAnswer::kType) {
      return run_.counts_.login_latency.record(to_ns(Clock::now() - asked_.front()));
    }
    const auto error = wire::decode<wire::ErrorAnswer>(answer.fields);
    ++run_.counts_.errors[error && answer.type == wire::Type::kError ? error->code : kOtherError];
  }

  Run& run_;
  reactor::Fd fd_;
  std::string input_;
  std::deque<Clock::time_point> asked_;
};

Run::Run(const Options& options, const reactor::Address& address, const Workload& workload,
         std::vector<std::string> tokens, std::size_t number, std::function<void()> when_ready)
    : options_(options),
      address_(address),
      workload_(workload),
      number_(number),
      when_ready_(std::move(when_ready)),
      protocol_(Protocol::make(options, workload)),
      resume_timer_(loop_.timers(),
                    [this] {
                      for (Session* const session : std::exchange(to_resume_, {})) session->resume();
                    }),
      phase_timer_(loop_.timers(), [this] { measuring_ ? end() : begin_to_measure(); }),
      pace_timer_(loop_.timers(), [this] { pace(); }),
      login_timer_(loop_.timers(), [this] { log_in_who_is_due(); }),
      progress_timer_(loop_.timers(), [this] { look_for_progress(); }),
      publish_timer_(loop_.timers(), [this] { publish(); }) {
  const auto share = [&](std::size_t all) { return all / options.threads + (number < all % options.threads ? 1 : 0); };
  asking_ = share(options.connections);
  const std::size_t sessions = asking_ + share(options.idle);
  for (std::size_t n = 0; n < sessions; ++n) {
    const std::uint64_t place = number + n * options.threads;
    sessions_.push_back(std::make_unique<Session>(*this, tokens.empty() ? "" : tokens[place % tokens.size()],
                                                  place * kApart, place == 0));
  }
}

Run::~Run() = default;

Failure Run::go() {
  started_ = Clock::now();
  loop_.post([this] { connect_more(); });
  progress_timer_.set(started_ + kPatience);
  if (!options_.quiet) publish();
  loop_.run();
  return {failure_, has_begun_};
}

void Run::fail(const std::string& reason, std::uint16_t code) {
  if (over_) return;
  failure_ = reason;
  ++counts_.errors[code];
  end();
}

// ---- Getting ready

void Run::connect_more() {
  const std::size_t at_once = options_.come_back ? sessions_.size() : kConnectsAtOnce;
  while (!over_ && begun_ < sessions_.size() && begun_ - connected_ < at_once) sessions_[begun_++]->connect();
  if (sessions_.empty()) begin();
}

void Run::connected() {
  ++connected_;
  if (begun_ < sessions_.size()) connect_more();
}

void Run::on_session_ready(Session& session) {
  ++ready_;
  if (options_.come_back) {
    if (ready_ == 1) begin_to_measure();
    session.ask(1, started_);
    session.flush();
  } else if (ready_ == sessions_.size()) {
    begin();
  }
}

void Run::on_session_back(Session& session) {
  session.ask(1, session.connecting_since());
  session.flush();
}

void Run::resume_later(Session& session) {
  to_resume_.push_back(&session);
  if (!resume_timer_.is_set()) resume_timer_.set(Clock::now() + kResumeAgain);
}

// Where the time is not set beforehand, a server that hangs must not make a measurement that never ends.
void Run::look_for_progress() {
  const std::uint64_t progress = connected_ + ready_ + answered();
  if (progress == progress_) return fail("nothing came from the server for 30 s", kNoAnswer);
  progress_ = progress;
  progress_timer_.set(Clock::now() + kPatience);
}

// ---- Asking

void Run::begin() {
  counts_.connect_seconds = to_seconds(Clock::now() - started_);
  when_ready_();
  has_begun_ = true;
  if (options_.requests == 0) progress_timer_.cancel();
  const auto now = Clock::now();
  phase_timer_.set(now + from_seconds(options_.warmup));
  if (options_.logins > 0) begin_logins();
  if (asking_ == 0 || over_) return;
  if (options_.rate > 0) {
    schedule_ = Schedule(now, options_.rate, number_, options_.threads);
    return pace();
  }
  for (std::size_t n = 0; n < asking_; ++n) {
    sessions_[n]->ask(options_.pipeline, now);
    sessions_[n]->flush();
  }
}

void Run::begin_logins() {
  for (std::size_t n = 0; n < kLoginSessions; ++n) {
    auto fd = reactor::connect_within(address_, kPatience);
    if (!fd) return fail("cannot connect: " + fd.error().message(), kConnectionLost);
    login_sessions_.push_back(std::make_unique<LoginSession>(*this, std::move(*fd)));
  }
  login_schedule_ = Schedule(Clock::now(), options_.logins, number_, options_.threads);
  log_in_who_is_due();
}

void Run::begin_to_measure() {
  measuring_ = true;
  has_begun_ = true;
  cpu_before_ = cpu_seconds();
  measured_from_ = options_.come_back ? started_ : Clock::now();
  if (!options_.come_back && options_.requests == 0) {
    phase_timer_.set(measured_from_ + from_seconds(options_.seconds));
  }
}

void Run::end() {
  over_ = true;
  phase_timer_.cancel();
  const auto now = Clock::now();
  if (measuring_) {
    counts_.seconds = to_seconds(now - measured_from_);
    counts_.cpu_seconds = cpu_seconds() - cpu_before_;
    count_unanswered(now);
  }
  loop_.stop();
}

// What is not answered yet took this long at least. In an open loop all of it counts: it was due. A closed loop always
// has something under way, which says nothing, unless it has been for longer than anything that was answered.
void Run::count_unanswered(Clock::time_point now) {
  const std::uint64_t longest = counts_.latency.largest();
  for (const auto& session : sessions_) {
    for (std::uint32_t n = 0; n < session->asked().size(); ++n) {
      const std::uint64_t age = to_ns(now - session->asked()[n].since);
      if (options_.rate > 0 || age > longest) counts_.latency.record(age);
    }
  }
  for (const auto& session : login_sessions_) {
    for (const auto since : session->asked()) counts_.login_latency.record(to_ns(now - since));
  }
}

void Run::on_answers(Session& session, std::size_t answers, Clock::time_point now) {
  answered_.store(answered() + answers, std::memory_order_relaxed);
  if (options_.come_back) {
    returned_ += answers;
    if (returned_ < asking_) return;
    counts_.return_seconds = to_seconds(now - started_);
    return end();
  }
  if (options_.requests > 0 && counts_.answers * options_.threads >= options_.requests) return end();
  if (options_.rate > 0) {
    waiting_ -= answers;
    return;
  }
  if (options_.reconnect) return session.leave();
  session.ask(answers, now);
  session.flush();
}

// All requests that are due by now, each for the next connection.
void Run::pace() {
  if (over_) return;
  const auto now = Clock::now();
  for (; schedule_.due() <= now; schedule_.advance()) {
    if (++waiting_ > kMostWaiting) {
      return fail("the server does not keep up with this rate: " + std::to_string(kMostWaiting) + " requests wait",
                  kRateNotKept);
    }
    Session& session = *sessions_[turn_];
    turn_ = turn_ + 1 == asking_ ? 0 : turn_ + 1;
    session.ask(1, schedule_.due());
    loop_.flush_later(session);
  }
  if (schedule_.due() - now <= kPollBefore) {
    loop_.run_again(*this);
  } else {
    pace_timer_.set(schedule_.due() - kPollBefore);
  }
}

void Run::log_in_who_is_due() {
  for (const auto now = Clock::now(); !over_ && login_schedule_.due() <= now; login_schedule_.advance()) {
    const std::size_t user = (number_ + logins_ * options_.threads) % options_.users;
    login_sessions_[logins_ % login_sessions_.size()]->log_in(user_name(options_, user), login_schedule_.due());
    ++logins_;
  }
  login_timer_.set(login_schedule_.due());
}

void Run::publish() {
  failed_.store(counts_.failed(), std::memory_order_relaxed);
  p99_.store(counts_.latency.percentile(0.99), std::memory_order_relaxed);
  publish_timer_.set(Clock::now() + kPublish);
}

}  // namespace dictbench
