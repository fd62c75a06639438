// One thread's part of a measurement: its sessions, the rule by which they ask, and what came of it.
//
// A closed loop keeps a fixed number of requests under way on each connection. An open loop (--rate) has a schedule: a
// request is due at its time whatever the server does, and its latency counts from then, so that a server that stalls is
// seen to stall and not asked less ("coordinated omission", G. Tene). Not for threads and totals (bench.h).
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reactor/address.h"
#include "reactor/loop.h"
#include "test/bench/dictbench/histogram.h"
#include "test/bench/dictbench/options.h"
#include "test/bench/dictbench/session.h"

namespace dictbench {

// What a run counted within the measured time.
struct Counts {
  std::uint64_t answers = 0;
  std::uint64_t wrong = 0;
  std::map<std::uint16_t, std::uint64_t> errors;  // by the protocol's code
  Histogram latency;
  Histogram login_latency;
  std::uint64_t misses = 0;    // right answers that a word is not there
  double seconds = 0;          // that were measured
  double cpu_seconds = 0;      // of this thread, meanwhile
  double connect_seconds = 0;  // until all were connected and logged in
  double return_seconds = 0;   // with --return: until the last was answered
};

// One thread's; made and run there.
class Run : private reactor::Watcher {
 public:
  // `when_ready` is called before the first request, and may wait for other runs.
  Run(const Options& options, const reactor::Address& address, const Workload& workload,
      std::vector<std::string> tokens, std::size_t number, std::function<void()> when_ready);
  ~Run() override;

  // Returns the error that ended it, empty if none did.
  std::string go();

  [[nodiscard]] const Counts& counts() const { return counts_; }
  // Answers so far, of the warm-up too. Any thread.
  [[nodiscard]] std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }

  // ---- for sessions
  [[nodiscard]] reactor::Loop& loop() { return loop_; }
  [[nodiscard]] const reactor::Address& address() const { return address_; }
  [[nodiscard]] Protocol& protocol() { return *protocol_; }
  [[nodiscard]] const Workload& workload() const { return workload_; }
  [[nodiscard]] bool is_over() const { return over_; }
  void fail(const std::string& reason);
  void connected();
  void on_session_ready(Session& session);
  void resume_later(Session& session);
  void on_answers(Session& session, std::size_t answers, Clock::time_point now);
  void count(const Answer& answer, Item item, Clock::duration latency) {
    if (!measuring_) return;
    ++counts_.answers;
    counts_.latency.record(static_cast<std::uint64_t>(latency.count()));
    if (answer.kind == Answer::Kind::kRight && !workload_.words()[item.word].is_there) ++counts_.misses;
    if (answer.kind == Answer::Kind::kWrong) ++counts_.wrong;
    if (answer.kind == Answer::Kind::kError) ++counts_.errors[answer.code];
  }

 private:
  class LoginSession;

  void on_ready(std::uint32_t /*epoll_events*/) override {}
  void on_again() override { pace(); }
  void connect_more();
  void begin();
  void begin_to_measure();
  void end();
  void pace();
  void log_one_in();

  const Options& options_;
  const reactor::Address& address_;
  const Workload& workload_;
  const std::function<void()> when_ready_;
  reactor::Loop loop_;
  std::unique_ptr<Protocol> protocol_;
  std::vector<std::unique_ptr<Session>> sessions_;  // those that ask, then those that only stay
  std::size_t asking_ = 0;
  std::size_t begun_ = 0, connected_ = 0, ready_ = 0, returned_ = 0;
  std::vector<Session*> to_resume_;
  Clock::time_point started_;
  Clock::time_point measured_from_;
  double cpu_before_ = 0;       // when the measurement began
  Clock::time_point due_;       // open loop: the next request
  Clock::duration interval_{};  // between two
  std::size_t turn_ = 0;        // whose it is
  bool measuring_ = false;
  bool over_ = false;
  std::string failure_;
  Counts counts_;
  std::atomic<std::uint64_t> answered_{0};
  reactor::Timer resume_timer_, phase_timer_, pace_timer_, login_timer_;
  std::vector<std::unique_ptr<LoginSession>> login_sessions_;
  std::size_t logins_ = 0;
};

}  // namespace dictbench
