// The outside client of the fault tests: many look-ups, each of a word of its own, and a note of what became of each.
//
// Lookers share a few users, one connection each, many requests under way. Word "3.17" is look-up 17 of looker 3:
// so whoever reads a history can say of each row whose it is. What was answered must be there once; what was refused or
// never answered was not promised, and may be there. It speaks the protocol by itself, in bulk; protocol_client.h is
// the strict one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "reactor/fd.h"

namespace integration {

// What a census found.
struct Tally {
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;     // with `overloaded`
  std::uint64_t unanswered = 0;  // the connection ended before
  std::uint64_t lost = 0;        // answered, and not there
  std::uint64_t doubled = 0;     // there more than once
  std::uint64_t unpromised = 0;  // there, though refused or unanswered

  friend bool operator==(const Tally&, const Tally&) = default;
};

// Its methods are for one thread; the lookers have a thread of their own between begin() and end().
class Crowd {
 public:
  struct Shape {
    std::size_t users = 4;
    std::size_t lookers = 8;
    std::size_t under_way = 64;  // requests of one looker
    std::uint64_t at_most = 0;   // look-ups a second, of all lookers; 0: as fast as they are answered
  };
  enum class Fate : std::uint8_t { kUnanswered, kAnswered, kRefused };

  // Signs the users up.
  Crowd(std::uint16_t port, const Shape& shape);
  explicit Crowd(std::uint16_t port) : Crowd(port, Shape{}) {}
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // All connect, to one port after the other, and look words up until end() or until the servers are gone.
  void begin(std::vector<std::uint16_t> ports);
  // Nothing more is sent; returns when all is answered or the servers are gone.
  void end();
  // Once the servers are gone.
  void join();

  // So far, of all rounds; any thread.
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  // What was wrong with an answer; empty if nothing was. Not between begin() and end().
  [[nodiscard]] const std::string& failure() const { return failure_; }

  [[nodiscard]] std::string user_name(std::size_t user) const { return "u" + std::to_string(user); }
  [[nodiscard]] std::size_t users() const { return tokens_.size(); }

 private:
  friend class Census;
  using Clock = std::chrono::steady_clock;

  struct Looker {
    std::string resume;  // its first frame
    std::string word;    // as far as the number
    reactor::Fd socket;
    bool logged_in = false;
    std::string input;
    std::size_t consumed = 0;
    std::size_t next_answer = 0;  // which look-up is answered next
    std::vector<Fate> fates;      // of all look-ups sent
    Clock::time_point pause{};    // nothing is sent before
  };

  void connect(Looker& looker, std::uint16_t port);
  void run();
  bool wait();  // false: all are gone, or finished
  void send_more(Looker& looker, Clock::time_point now);
  void receive(Looker& looker, Clock::time_point now);
  bool take_answer(Looker& looker, Clock::time_point now);
  void take_error(Looker& looker, std::uint32_t id, std::string_view fields, Clock::time_point now);
  void fail(std::string what);

  Shape shape_;
  std::vector<std::string> tokens_;  // of the users
  std::vector<Looker> lookers_;
  std::string output_;
  Clock::time_point begun_, heard_;
  std::uint64_t sent_ = 0;  // since begin()
  std::atomic<std::uint64_t> answered_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> stop_ = false;
  std::string failure_;
  std::thread thread_;
};

// Counts the rows of one history, or of all. One thread; the crowd outlives it, and rests.
class Census {
 public:
  enum class Order { kAny, kNewestFirst };

  explicit Census(const Crowd& crowd, Order order = Order::kAny);
  // A row of that user. Throws when it is no word of the crowd, another user's, or not in order.
  void saw(std::string_view user, std::string_view word);
  [[nodiscard]] Tally tally() const;

 private:
  const Crowd& crowd_;
  const Order order_;
  std::vector<std::size_t> last_;                // seen of each looker
  std::vector<std::vector<std::uint8_t>> seen_;  // of each looker, each look-up: how often
};

}  // namespace integration
