// One connection to the server under load: connects, logs in by a token, and then asks and judges.
//
// Requests of a turn leave with one send, and one read takes all answers that are there. Not for when to ask: its run
// says that (run.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reactor/loop.h"
#include "test/bench/dictbench/protocol.h"
#include "test/bench/dictbench/ring.h"

namespace dictbench {

class Run;
using reactor::Clock;

// The loop thread's. Owned by its run.
class Session final : public reactor::Watcher {
 public:
  // With an empty token nobody is logged in. `preloads`: it asks what the protocol wants stored first.
  Session(Run& run, std::string token, std::uint64_t first_item, bool preloads);
  ~Session() override;

  void connect();
  // `count` requests, sent with flush(); their latency counts from `since`.
  void ask(std::size_t count, Clock::time_point since);
  void flush();
  void resume();  // logs in, or tries it again
  void leave();   // waits for the server to close, which it was asked for, and comes again on another connection

  struct Asked {
    Item item;
    Clock::time_point since;
  };
  [[nodiscard]] Clock::time_point connecting_since() const { return connecting_since_; }
  // Those that wait for their answer.
  [[nodiscard]] const Ring<Asked>& asked() const { return asked_; }

  void on_ready(std::uint32_t epoll_events) override;
  void on_again() override { connect(); }
  void on_flush() override { flush(); }

 private:
  enum class State : std::uint8_t { kConnecting, kGreeting, kResuming, kPreloading, kReady, kLeaving };

  void on_connected();
  void on_end();
  void introduce();
  void on_bytes(std::string_view bytes);
  [[nodiscard]] std::size_t take(std::string_view bytes);
  [[nodiscard]] std::size_t take_resumed(std::string_view bytes);
  [[nodiscard]] std::size_t take_preloaded(std::string_view bytes);
  [[nodiscard]] std::size_t take_answers(std::string_view bytes);
  void preload_more();

  Run& run_;
  const std::string token_;
  std::uint64_t next_item_;
  bool preloads_;
  reactor::Fd fd_;
  State state_ = State::kConnecting;
  bool has_left_ = false;  // once at least
  Clock::time_point connecting_since_;
  std::string input_;  // the beginning of an answer
  // Not sent yet. Its memory is one that the run's sessions share as long as the kernel takes everything at once: what is
  // written there is in the cache.
  std::string output_;
  std::size_t sent_ = 0;
  Ring<Asked> asked_;  // a request's id is its number here and one: nothing is asked under 0
  std::size_t preload_asked_ = 0, preload_answered_ = 0;
};

}  // namespace dictbench
