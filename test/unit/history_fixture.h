// A journal and its drain, into a table in memory that can be away and that refuses some events for good.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <future>
#include <limits>
#include <numeric>
#include <set>
#include <sstream>

#include "dictd/history.h"
#include "test/support/temp_dir.h"

namespace dictd::history_test {

using namespace std::chrono_literals;

inline Event event(std::uint64_t number, const std::string& word = "apple") { return {number, 7, 1000, word}; }

inline std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

// A table in memory that can be away, and that refuses some events for good.
class Table final : public HistorySink {
 public:
  // Called on the drain thread. Before start().
  void on_insert(std::function<void()> callback) { on_insert_ = std::move(callback); }

  tl::expected<void, SinkError> insert(std::span<const Event> events) override {
    if (on_insert_) on_insert_();
    std::unique_lock lock(mutex_);
    ++calls_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (away_) return tl::unexpected(SinkError{SinkError::Kind::kUnavailable, "gone"});
    for (const Event& e : events) {
      if (poisoned_.contains(e.number)) return tl::unexpected(SinkError{SinkError::Kind::kRejected, "too\nlong"});
      if (doubted_.contains(e.number)) return tl::unexpected(SinkError{SinkError::Kind::kDoubtful, "never mind why"});
    }
    if (events.size() > most_at_once_) return tl::unexpected(SinkError{SinkError::Kind::kDoubtful, "too many"});
    largest_batch_ = std::max(largest_batch_, events.size());
    for (const Event& e : events) rows_.push_back(e.number);
    changed_.notify_all();
    return {};
  }

  void set_away(bool away) {
    change([&] { away_ = away; });
  }
  void set_held(bool held) {
    change([&] { held_ = held; });
  }
  void poison(std::uint64_t number) {
    change([&] { poisoned_.insert(number); });
  }
  void doubt(std::uint64_t number, bool doubted = true) {
    change([&] { doubted ? (void)doubted_.insert(number) : (void)doubted_.erase(number); });
  }
  void take_at_most(std::size_t events) {
    change([&] { most_at_once_ = events; });
  }
  void wait_for_rows(std::size_t count) {
    wait([&] { return rows_.size() >= count; });
  }
  void wait_for_calls(int count) {
    wait([&] { return calls_ >= count; });
  }
  std::vector<std::uint64_t> rows() {
    const std::lock_guard lock(mutex_);
    return rows_;
  }
  std::size_t largest_batch() {
    const std::lock_guard lock(mutex_);
    return largest_batch_;
  }
  int calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  template <typename Change>
  void change(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <typename Condition>
  void wait(Condition condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, condition);
  }

  std::function<void()> on_insert_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool away_ = false;
  bool held_ = false;
  int calls_ = 0;
  std::size_t largest_batch_ = 0;
  std::size_t most_at_once_ = std::numeric_limits<std::size_t>::max();
  std::set<std::uint64_t> poisoned_;
  std::set<std::uint64_t> doubted_;  // refused, and nobody knows why
  std::vector<std::uint64_t> rows_;
};

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    journal_options_.directory = temp_.path() / "journal";
    journal_options_.sync = SyncMode::kOff;
    options_.rejected_log = temp_.file("rejected.log");
    options_.linger = 1ms;
    options_.first_retry = 1ms;
    options_.last_retry = 4ms;
    options_.job_limit = 1h;
    options_.urgent_bytes = 0;  // no hand-over to another thread, but where a test is about it
  }

  void open() {
    history_.reset();
    journal_.reset();
    auto opened = Journal::open(journal_options_, [] {});
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    history_ = std::make_unique<History>(
        options_, *journal_, table_,
        [this](std::function<void()> posted) {
          const std::lock_guard lock(mutex_);
          posted_.push_back(std::move(posted));
        },
        [this](std::span<const Pending::Drained> users) {
          for (const auto& user : users) told_.push_back(user.through);
        });
  }
  void start() {
    open();
    history_->start();
  }
  void run_posted() {
    std::vector<std::function<void()>> posted;
    {
      const std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const auto& run : posted) run();
  }

  void record(const Event& e) {
    ASSERT_TRUE(journal_->append(e, {}));
    ASSERT_TRUE(journal_->commit({}));
    history_->notify();
  }
  void record(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n <= to; ++n) record(event(n));
  }

  std::string rejected() const { return (std::stringstream() << std::ifstream(options_.rejected_log).rdbuf()).str(); }
  std::vector<std::uint64_t> replayed() {
    std::vector<std::uint64_t> numbers;
    replay_ = history_->replay([&](const Event& e) { numbers.push_back(e.number); }).value();
    return numbers;
  }
  // Runs a job and waits for what it is told.
  bool drained() {
    std::promise<bool> told;
    EXPECT_TRUE(history_->run_after_drain([&](bool d) { told.set_value(d); }));
    return told.get_future().get();
  }

  support::TempDir temp_;
  Journal::Options journal_options_;
  History::Options options_;
  Table table_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::uint64_t> told_;
  History::Replay replay_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<History> history_;
};

}  // namespace dictd::history_test
