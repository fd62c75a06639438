// One thread's part of a measurement: its sessions, the rule by which they ask, and what came of it.
//
// A closed loop keeps a fixed number of requests under way on each connection. An open loop (--rate) has a schedule: a
// request is due at its time whatever the server does, and its latency counts from then, so that a server that stalls is
// seen to stall and not asked less ("coordinated omission", G. Tene). Not for threads and totals (main.cc).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reactor/address.h"
#include "reactor/loop.h"
#include "test/bench/dictbench/histogram.h"
#include "test/bench/dictbench/options.h"
#include "test/bench/dictbench/schedule.h"
#include "test/bench/dictbench/session.h"

namespace dictbench {

// Errors beside those that have a code in the protocol.
inline constexpr std::uint16_t kOtherError = 0;
inline constexpr std::uint16_t kConnectionLost = 0xfff0;
inline constexpr std::uint16_t kRateNotKept = 0xfff1;
inline constexpr std::uint16_t kNoAnswer = 0xfff2;

// What a run counted within the measured time.
struct Counts {
  std::uint64_t answers = 0;
  std::uint64_t wrong = 0;
  std::uint64_t misses = 0;                       // right answers that a word is not there
  std::map<std::uint16_t, std::uint64_t> errors;  // by the protocol's code, or one of those above
  Histogram latency;
  Histogram login_latency;
  double seconds = 0;          // that were measured
  double cpu_seconds = 0;      // of this thread, meanwhile
  double connect_seconds = 0;  // until all were connected and logged in
  double return_seconds = 0;   // with --return: until the last was answered

  [[nodiscard]] std::uint64_t failed() const;  // answers that were wrong, and errors
};

// How a run ended, where not as it was meant to.
struct Failure {
  std::string reason;      // empty: none
  bool has_begun = false;  // to ask: then its counts say something
};

// One thread's; made and run there.
class Run : private reactor::Watcher {
 public:
  // `when_ready` is called before the first request, and may wait for other runs.
  Run(const Options& options, const reactor::Address& address, const Workload& workload,
      std::vector<std::string> tokens, std::size_t number, std::function<void()> when_ready);
  ~Run() override;

  Failure go();

  [[nodiscard]] const Counts& counts() const { return counts_; }
  // So far; any thread. Answers of the warm-up are among them; the others are of the measured time, and a second old.
  [[nodiscard]] std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t p99() const { return p99_.load(std::memory_order_relaxed); }

  // ---- for sessions
  [[nodiscard]] reactor::Loop& loop() { return loop_; }
  [[nodiscard]] const reactor::Address& address() const { return address_; }
  [[nodiscard]] Protocol& protocol() { return *protocol_; }
  [[nodiscard]] const Workload& workload() const { return workload_; }
  [[nodiscard]] std::string& spare_output() { return spare_output_; }
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] bool acknowledges_at_once() const { return options_.quick_ack; }
  [[nodiscard]] bool reconnects() const { return options_.reconnect; }
  // Ends the run; only the first one counts.
  void fail(const std::string& reason, std::uint16_t code);
  void connected();
  void on_session_ready(Session& session);
  void on_session_back(Session& session);  // on another connection
  void resume_later(Session& session);
  void on_answers(Session& session, std::size_t answers, Clock::time_point now);
  void count(const Answer& answer, Item item, Clock::duration latency) {
    if (!measuring_) return;
    ++counts_.answers;
    counts_.latency.record(static_cast<std::uint64_t>(latency.count()));
    if (answer.kind == Answer::Kind::kRight && !workload_.is_there(item.word)) ++counts_.misses;
    if (answer.kind == Answer::Kind::kWrong) ++counts_.wrong;
    if (answer.kind == Answer::Kind::kError) ++counts_.errors[answer.code];
  }

 private:
  class LoginSession;

  void on_ready(std::uint32_t /*epoll_events*/) override {}
  void on_again() override { pace(); }
  void connect_more();
  void begin();
  void begin_logins();
  void begin_to_measure();
  void end();
  void count_unanswered(Clock::time_point now);
  void pace();
  void log_in_who_is_due();
  void look_for_progress();
  void publish();

  const Options& options_;
  const reactor::Address& address_;
  const Workload& workload_;
  const std::size_t number_;  // among the threads
  const std::function<void()> when_ready_;
  reactor::Loop loop_;
  std::unique_ptr<Protocol> protocol_;
  std::string spare_output_;
  std::vector<std::unique_ptr<Session>> sessions_;  // those that ask, then those that only stay
  std::size_t asking_ = 0;
  std::size_t begun_ = 0, connected_ = 0, ready_ = 0, returned_ = 0;
  std::vector<Session*> to_resume_;
  Clock::time_point started_;
  Clock::time_point measured_from_;
  double cpu_before_ = 0;  // when the measurement began
  Schedule schedule_;      // open loop
  std::size_t turn_ = 0;   // whose the next request is
  std::uint64_t waiting_ = 0;
  bool has_begun_ = false;
  bool measuring_ = false;
  bool over_ = false;
  std::string failure_;
  Counts counts_;
  std::atomic<std::uint64_t> answered_{0}, failed_{0}, p99_{0};
  std::uint64_t progress_ = 0;  // when it was last looked for
  reactor::Timer resume_timer_, phase_timer_, pace_timer_, login_timer_, progress_timer_, publish_timer_;
  std::vector<std::unique_ptr<LoginSession>> login_sessions_;
  Schedule login_schedule_;
  std::size_t logins_ = 0;
};

}  // namespace dictbench
