#include "test/bench/dictbench/run.h"

#include <sys/resource.h>

#include <cmath>
#include <deque>

#include "dictd/error.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "reactor/socket.h"
#include "test/bench/dictbench/accounts.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;

// Of this thread, user and system.
double cpu_seconds() {
  rusage usage{};
  (void)getrusage(RUSAGE_THREAD, &usage);  // of oneself it cannot fail
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}
using std::chrono::duration;
using std::chrono::duration_cast;

constexpr std::size_t kConnectsAtOnce = 256;
constexpr auto kResumeAgain = std::chrono::milliseconds(100);
constexpr auto kPollBefore = std::chrono::milliseconds(1);  // of a due time: the thread waits awake
constexpr std::size_t kMostLate = 65'536;                   // of one connection's requests: the rate cannot be kept
constexpr std::size_t kLoginSessions = 16;
constexpr std::uint64_t kApart = 7919;  // between the sessions' places in the sequence of words

Clock::duration from_seconds(double seconds) { return duration_cast<Clock::duration>(duration<double>(seconds)); }
double to_seconds(Clock::duration time) { return duration<double>(time).count(); }

}  // namespace

// A connection that logs one user in by its password, again and again.
class Run::LoginSession final : public reactor::Watcher {
 public:
  LoginSession(Run& run, reactor::Fd fd) : run_(run), fd_(std::move(fd)) {
    if (const auto watched = run_.loop().watch(fd_.get(), *this); !watched) run_.fail(watched.error().message());
  }
  ~LoginSession() override { run_.loop().unwatch(fd_.get(), *this); }

  void log_in(const std::string& name, Clock::time_point since) {
    reactor::Buffer request;
    wire::encode(request, 1, wire::LoginRequest{name, kPassword});
    asked_.push_back(since);
    if (!send_all(fd_.get(), request.view())) run_.fail("cannot send a log-in");
  }

 private:
  void on_ready(std::uint32_t /*epoll_events*/) override {
    const auto scratch = run_.loop().scratch();
    const auto got = receive_some(fd_.get(), scratch);
    if (!got) return;
    input_.append(scratch.data(), *got);
    for (;;) {
      const auto frame = reactor::next_frame(input_, {wire::kSmallestFrame, wire::kLargestAnswer});
      if (frame.status != reactor::FrameResult::Status::kFrame || asked_.empty()) return;
      const wire::Frame answer = wire::parse_frame(frame.body);
      if (run_.measuring_ && answer.type == wire::LoginAnswer::kType) {
        run_.counts_.login_latency.record(static_cast<std::uint64_t>((Clock::now() - asked_.front()).count()));
      } else if (run_.measuring_) {
        ++run_.counts_.errors[static_cast<std::uint16_t>(dictd::ErrorCode::kBadCredentials)];
      }
      asked_.pop_front();
      input_.erase(0, frame.consumed);
    }
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
      when_ready_(std::move(when_ready)),
      protocol_(Protocol::make(options, workload)),
      resume_timer_(loop_.timers(),
                    [this] {
                      for (Session* const session : std::exchange(to_resume_, {})) session->resume();
                    }),
      phase_timer_(loop_.timers(), [this] { measuring_ ? end() : begin_to_measure(); }),
      pace_timer_(loop_.timers(), [this] { pace(); }),
      login_timer_(loop_.timers(), [this] { log_one_in(); }) {
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

std::string Run::go() {
  started_ = Clock::now();
  loop_.post([this] { connect_more(); });
  loop_.run();
  return failure_;
}

void Run::fail(const std::string& reason) {
  if (failure_.empty()) failure_ = reason;
  over_ = true;
  loop_.stop();
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

void Run::resume_later(Session& session) {
  to_resume_.push_back(&session);
  if (!resume_timer_.is_set()) resume_timer_.set(Clock::now() + kResumeAgain);
}

// ---- Asking

void Run::begin() {
  counts_.connect_seconds = to_seconds(Clock::now() - started_);
  when_ready_();
  const auto now = Clock::now();
  phase_timer_.set(now + from_seconds(options_.warmup));
  if (options_.logins > 0) {
    for (std::size_t n = 0; n < kLoginSessions; ++n) {
      auto fd = reactor::connect_within(address_, std::chrono::seconds(5));
      if (!fd) return fail("cannot connect: " + fd.error().message());
      login_sessions_.push_back(std::make_unique<LoginSession>(*this, std::move(*fd)));
    }
    log_one_in();
  }
  if (asking_ == 0) return;
  if (options_.rate > 0) {
    interval_ = from_seconds(static_cast<double>(options_.threads) / options_.rate);
    due_ = now;
    return pace();
  }
  for (std::size_t n = 0; n < asking_; ++n) {
    sessions_[n]->ask(options_.pipeline, now);
    sessions_[n]->flush();
  }
}

void Run::begin_to_measure() {
  measuring_ = true;
  cpu_before_ = cpu_seconds();
  measured_from_ = options_.come_back ? started_ : Clock::now();
  if (!options_.come_back) phase_timer_.set(measured_from_ + from_seconds(options_.seconds));
}

void Run::end() {
  const auto now = Clock::now();
  counts_.seconds = to_seconds(now - measured_from_);
  counts_.cpu_seconds = cpu_seconds() - cpu_before_;
  // What is due and not answered yet took this long at least.
  if (options_.rate > 0) {
    for (const auto& session : sessions_) {
      for (std::size_t n = 0; n < session->outstanding(); ++n) {
        counts_.latency.record(static_cast<std::uint64_t>((now - session->since(n)).count()));
      }
    }
  }
  over_ = true;
  loop_.stop();
}

void Run::on_answers(Session& session, std::size_t answers, Clock::time_point now) {
  const std::uint64_t all = answered_.load(std::memory_order_relaxed) + answers;
  answered_.store(all, std::memory_order_relaxed);
  if (options_.come_back) {
    returned_ += answers;
    if (returned_ < asking_) return;
    counts_.return_seconds = to_seconds(now - started_);
    return end();
  }
  if (options_.requests > 0 && counts_.answers * options_.threads >= options_.requests) return end();
  if (options_.rate > 0) return;
  session.ask(answers, now);
  session.flush();
}

// All requests that are due by now, each for the next connection.
void Run::pace() {
  if (over_) return;
  const auto now = Clock::now();
  while (due_ <= now) {
    Session& session = *sessions_[turn_];
    turn_ = turn_ + 1 == asking_ ? 0 : turn_ + 1;
    if (session.outstanding() >= kMostLate) {
      return fail("the server does not keep up with this rate: " + std::to_string(kMostLate) +
                  " requests wait on one connection");
    }
    session.ask(1, due_);
    session.flush();
    due_ += interval_;
  }
  if (due_ - now <= kPollBefore) {
    loop_.run_again(*this);
  } else {
    pace_timer_.set(due_ - kPollBefore);
  }
}

void Run::log_one_in() {
  const std::size_t user = logins_ % options_.users;
  login_sessions_[logins_ % login_sessions_.size()]->log_in(user_name(options_, user), Clock::now());
  ++logins_;
  login_timer_.set(Clock::now() + from_seconds(static_cast<double>(options_.threads) / options_.logins));
}

}  // namespace dictbench
