// Moves look-ups from the journal into the database, on a thread of its own.
//
// A batch is read, inserted, marked as drained, and told to the loop, in this order: killed between any two,
// it is inserted again at the next start, which changes nothing. A database that is away is waited for, for
// ever. An event that the database refuses is written to the file "rejected.log" and passed over; when it is not
// certain that the event is to blame, only after several attempts, and when others of its batch were taken:
//   <event number> <user id> <time> "<word, with \ \" and control characters escaped>" <reason>
// That file is synced before the batch is marked, and a disk that does not take it is waited for, too.
// Not for reading history: that is the store's, and pending.h's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "dictd/event.h"
#include "dictd/file.h"
#include "dictd/journal.h"
#include "dictd/journal_reader.h"
#include "dictd/pending.h"

namespace dictd {

struct SinkError {
  enum class Kind {
    kUnavailable,  // try again later: gone, hanging, in a conflict, without its tables
    kRejected,     // these very events can never be stored; a batch of one says which
    kDoubtful,     // one of the two; or they are too many at once
  };
  Kind kind;
  std::string message;
};

// Where events go. Called on the drain thread only.
class HistorySink {
 public:
  virtual ~HistorySink() = default;

  // All of `events`, or an error; after an error any part of them may be stored. Storing one again changes
  // nothing. Must come back within a limit of its own, also from a database that hangs.
  [[nodiscard]] virtual tl::expected<void, SinkError> insert(std::span<const Event> events) = 0;
};

// Owned by main. Methods are the loop thread's. `journal` and `sink` outlive it.
class History {
 public:
  using Clock = std::chrono::steady_clock;
  using Job = std::function<void(bool drained)>;

  struct Options {
    std::filesystem::path rejected_log;
    std::size_t batch_rows = 1000;
    // In a burst of look-ups: that many rows, and then a pause. A burst is when the loop is at work for three quarters of
    // the time; or for a quarter, until so many bytes wait.
    std::size_t burst_rows = 200;
    std::chrono::milliseconds burst_pause{100};
    std::uint64_t burst_bytes = std::uint64_t{16} << 20;
    // How long the loop was at work in all; any thread. None: it is never busy.
    std::function<Clock::duration()> loop_work = nullptr;
    // Of the journal: with more, and while somebody waits for a job, the drain gives way to nobody.
    std::uint64_t urgent_bytes = std::uint64_t{2} << 30;
    std::chrono::milliseconds linger{50};  // how long a batch may fill while nobody waits
    std::chrono::milliseconds first_retry{100};
    std::chrono::milliseconds last_retry{5000};
    std::chrono::milliseconds job_limit{5000};
    std::size_t max_jobs = 1024;
    DiskCalls disk = DiskCalls::real();  // of rejected.log
  };

  struct Counts {
    std::uint64_t drained = 0;   // events dealt with, rejected ones too
    std::uint64_t rejected = 0;  // events in rejected.log
    std::uint64_t damaged = 0;   // places in the journal that were passed over
    bool database_away = false;
  };

  struct Replay {
    std::uint64_t events = 0;
    std::uint64_t newest = 0;  // greatest event number the journal knows of: for NumberSource::resume_after
  };

  // `post` runs a function on the loop. `on_drained` is run there, with what is now in the database.
  History(Options options, Journal& journal, HistorySink& sink, std::function<void(std::function<void()>)> post,
          std::function<void(std::span<const Pending::Drained>)> on_drained);
  // As stop(0).
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Before start(), and before any append: calls `each` (for Pending::add) for what an earlier run left
  // undrained. An error when it cannot be read, after some attempts; nothing is lost by that.
  [[nodiscard]] tl::expected<Replay, ReadError> replay(const std::function<void(const Event&)>& each);

  void start();

  // After a commit. Costs an atomic load unless the drain has nothing to do.
  void notify();

  // Runs `job` on the drain thread: with true once everything appended up to now is in the database, the mark
  // saying so is synced, and nothing before it will ever be inserted again; with false when that takes longer
  // than `job_limit`. Jobs run in order of calls. False at once, and nothing is run, when `max_jobs` are
  // waiting, or after stop().
  [[nodiscard]] bool run_after_drain(Job job);

  // Drains what is committed, if the database takes it within `limit`; jobs still waiting are then called
  // with false.
  void stop(std::chrono::milliseconds limit);

  // Any thread.
  [[nodiscard]] Counts counts() const;

 private:
  struct WaitingJob {
    Job job;
    Ticket ticket;
    Clock::time_point deadline;
    std::optional<Position> target;  // known once the ticket was committed
  };

  void run();
  [[nodiscard]] bool is_urgent() const;
  [[nodiscard]] bool is_burst();
  bool wait_for_work();
  void pause();
  void drain_batch(std::size_t rows);
  [[nodiscard]] tl::expected<void, ReadError> read_more(std::size_t rows, std::vector<Event>& events);
  bool insert_refused(std::size_t rows, std::vector<Event>& events);
  bool insert(std::span<const Event> events, bool last_attempt);
  bool wait_to_retry(const std::string& reason);
  void reject(const Event& event, std::string reason);
  bool write_rejected();
  void finish_batch(std::span<const Event> events);
  void run_jobs(bool giving_up);
  void recovered();
  void report(const Damage& damage);

  const Options options_;
  Journal& journal_;
  HistorySink& sink_;
  const std::function<void(std::function<void()>)> post_;
  const std::function<void(std::span<const Pending::Drained>)> on_drained_;

  // The drain thread's (replay() uses a reader of its own).
  MarkFile mark_file_;
  Mark mark_;
  JournalReader reader_;
  std::vector<Event> refused_;         // of this batch, perhaps for no fault of theirs
  bool taken_ = false;                 // any of this batch
  std::string refusal_;                // why the last of them was
  std::string rejected_lines_;         // of this batch
  std::chrono::milliseconds retry_{};  // the back-off; 0 while the database answers
  bool mark_failed_ = false;
  bool ended_ = false;  // it stopped, and did not hand over
  Clock::time_point looked_at_loop_;
  Clock::duration loop_work_{};

  std::atomic<bool> idle_{false};  // the drain waits for notify()
  mutable std::mutex mutex_;       // of what follows
  std::condition_variable wake_;
  std::deque<WaitingJob> jobs_;
  std::optional<Clock::time_point> stop_at_;
  Counts counts_;

  std::thread thread_;
};

}  // namespace dictd
