#include "dictd/history.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "reactor/priority.h"

namespace dictd {

namespace {

constexpr std::size_t kReplayBatch = 4096;
constexpr int kInsertAttempts = 5;  // before an event is blamed that may be innocent

// One line of rejected.log.
std::string rejected_line(const Event& event, const std::string& reason) {
  std::string line = fmt::format("{} {} {} \"", event.number, event.user_id, event.time_us);
  for (const char c : event.word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line + "\" " + reason + "\n";
}

// After an error the file is as it was, as far as its disk allows: no line is in it by half, nor twice.
Status append_synced(const std::filesystem::path& path, std::string_view lines, const DiskCalls& disk) {
  const auto file = File::open(path, O_WRONLY | O_APPEND | O_CREAT);
  if (!file) return tl::unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  auto synced = file->write(lines, disk).and_then([&] { return file->sync(disk); }).and_then([&] {
    return sync_directory(path.parent_path());
  });
  if (!synced) (void)file->truncate(*size);
  return synced;
}

// The loop is told no more than it needs.
std::vector<Pending::Drained> newest_of_users(std::span<const Event> events) {
  std::vector<Pending::Drained> users;
  users.reserve(events.size());
  for (const Event& event : events) users.push_back({event.user_id, event.number});
  std::sort(users.begin(), users.end(), [](const auto& a, const auto& b) {
    return a.user_id != b.user_id ? a.user_id < b.user_id : a.through > b.through;
  });
  const auto same_user = [](const auto& a, const auto& b) { return a.user_id == b.user_id; };
  users.erase(std::unique(users.begin(), users.end(), same_user), users.end());
  return users;
}

void log_damage(const Damage& damage) {
  switch (damage.kind) {
    case Damage::Kind::kSkipped:
      spdlog::error("{}: {} bytes at offset {} are damaged, and skipped", damage.file.string(), damage.bytes,
                    damage.offset);
      return;
    case Damage::Kind::kTornTail:
      spdlog::warn("{}: the last {} bytes, at offset {}, are an unfinished record, as a crash leaves it",
                   damage.file.string(), damage.bytes, damage.offset);
      return;
    case Damage::Kind::kSetAside:
      spdlog::error("{}: unreadable from offset {} on; set aside, {} bytes", damage.file.string(), damage.offset,
                    damage.bytes);
      return;
  }
}

}  // namespace

History::History(Options options, Journal& journal, HistorySink& sink, std::function<void(std::function<void()>)> post,
                 std::function<void(std::span<const Pending::Drained>)> on_drained)
    : options_(std::move(options)),
      journal_(journal),
      sink_(sink),
      post_(std::move(post)),
      on_drained_(std::move(on_drained)),
      mark_file_(journal.directory()),
      mark_(mark_file_.read()),
      reader_(journal.directory(), mark_.position) {}

History::~History() { stop(std::chrono::milliseconds{0}); }

tl::expected<History::Replay, ReadError> History::replay(const std::function<void(const Event&)>& each) {
  // A disk that fails may do better at the next start: nothing that was answered is given up here.
  JournalReader reader(journal_.directory(), mark_.position, FailingDisk::kStays);
  Replay result;
  std::vector<Event> events;
  bool more = true;
  for (int failed = 0; more;) {
    events.clear();
    const auto read = reader.read(journal_.published().end, kReplayBatch, events);
    for (const Event& event : events) each(event);
    result.events += events.size();
    more = !read || !events.empty();
    failed = read ? 0 : failed + 1;
    if (read) continue;
    if (failed == kReadAttempts) return tl::unexpected(read.error());
    std::this_thread::sleep_for(options_.first_retry);
  }
  // The drain reads the same again and tells of the rest; but what was set aside it will not see.
  for (const Damage& damage : reader.take_damage()) {
    if (damage.kind == Damage::Kind::kSetAside) report(damage);
  }
  result.newest = std::max(mark_.newest, reader.newest());
  return result;
}

void History::start() {
  if (thread_.joinable()) thread_.join();  // one that handed its work over, and so is at its end
  const std::lock_guard lock(mutex_);
  if (!stop_at_) thread_ = std::thread([this] { run(); });
}

void History::notify() {
  if (!idle_.exchange(false)) return;
  // Under the lock the drain is either before its look at the journal, or waiting.
  { const std::lock_guard lock(mutex_); }
  wake_.notify_one();
}

bool History::run_after_drain(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stop_at_ || jobs_.size() >= options_.max_jobs) return false;
    jobs_.push_back({std::move(job), journal_.upcoming(), Clock::now() + options_.job_limit, std::nullopt});
  }
  wake_.notify_one();
  return true;
}

void History::stop(std::chrono::milliseconds limit) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_at_ = Clock::now() + limit;
  }
  wake_.notify_one();
  thread_.join();
  if (!ended_) run();
}

History::Counts History::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

// Gives way to look-ups until it is urgent. A thread cannot raise its priority again, so then another one goes on.
void History::run() {
  bool gives_way = false;
  while (wait_for_work()) {
    const bool urgent = is_urgent();
    if (urgent && gives_way) return post_([this] { start(); });
    if (!urgent && !std::exchange(gives_way, true)) reactor::set_priority(reactor::Priority::kLower);
    const bool burst = is_burst() && !urgent;
    if (burst) pause();
    drain_batch(burst ? options_.burst_rows : options_.batch_rows);
    run_jobs(false);
  }
  ended_ = true;
  run_jobs(true);
  if (const auto synced = mark_file_.write(mark_, true); !synced) {
    spdlog::warn("cannot sync the journal's mark: {}", synced.error().text());
  }
}

// Judged by the time since the last look.
bool History::is_burst() {
  if (!options_.loop_work) return false;
  const auto now = Clock::now();
  const auto work = options_.loop_work();
  const auto worked = work - std::exchange(loop_work_, work);
  const auto passed = now - std::exchange(looked_at_loop_, now);
  if (worked * 4 > passed * 3) return true;
  // Segments before this one are gone; what is drained of this one is not.
  const std::uint64_t bytes = journal_.bytes();
  const std::uint64_t waiting = bytes - std::min(bytes, reader_.position().offset);
  return worked * 4 > passed && waiting < options_.burst_bytes;
}

void History::pause() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, options_.burst_pause, [this] { return stop_at_ || !jobs_.empty(); });
}

bool History::is_urgent() const {
  const std::lock_guard lock(mutex_);
  return stop_at_ || !jobs_.empty() || journal_.bytes() > options_.urgent_bytes;
}

// Waits until there is something to drain or a job is due. False: it is time to stop.
bool History::wait_for_work() {
  bool waited = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    idle_ = true;
    const Journal::Published published = journal_.published();
    const bool undrained = reader_.position() < published.end;
    const auto now = Clock::now();
    if (stop_at_ && (!undrained || now >= *stop_at_)) return false;
    const bool job_due = !jobs_.empty() && (jobs_.front().deadline <= now || jobs_.front().ticket <= published.ticket);
    if (undrained || job_due) break;
    waited = true;
    reader_.rest();
    if (jobs_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, jobs_.front().deadline);
    }
  }
  idle_ = false;
  if (waited) wake_.wait_for(lock, options_.linger, [this] { return stop_at_ || !jobs_.empty(); });
  return true;
}

void History::drain_batch(std::size_t rows) {
  const Position begin = reader_.position();
  std::vector<Event> events;
  events.reserve(rows);
  const auto read = read_more(rows, events);
  refused_.clear();
  rejected_lines_.clear();
  taken_ = false;
  if (!events.empty() && !(insert(events, false) && insert_refused(rows, events) && write_rejected())) {
    // Stopping, with the database or the disk away: what was not inserted is read again at the next start.
    reader_ = JournalReader(journal_.directory(), begin);
    return;
  }
  if (reader_.position() != begin) finish_batch(events);
  if (!read) (void)wait_to_retry("the journal cannot be read: " + read.error().message);
}

// Until `rows` are in `events`, or all that is committed.
tl::expected<void, ReadError> History::read_more(std::size_t rows, std::vector<Event>& events) {
  auto read = reader_.read(journal_.published().end, rows - events.size(), events);
  for (const Damage& damage : reader_.take_damage()) report(damage);
  return read;
}

// Tries those in `refused_` until they are in or are known to be to blame. False: given up, because the drain is to stop.
bool History::insert_refused(std::size_t rows, std::vector<Event>& events) {
  for (int attempts = 1; !refused_.empty();) {
    if (!wait_to_retry("the database refuses them: " + refusal_)) return false;
    std::vector<Event> again = std::exchange(refused_, {});
    if (taken_) {
      ++attempts;
    } else {
      // A database that takes nothing at all proves nothing. Among what came since may be one that it takes.
      const auto had = static_cast<std::ptrdiff_t>(events.size());
      (void)read_more(rows, events);
      again.insert(again.end(), events.begin() + had, events.end());
    }
    if (!insert(again, attempts == kInsertAttempts)) return false;
  }
  return true;
}

// At the `last_attempt` those are rejected that perhaps are to blame. False: given up, because the drain is to stop.
bool History::insert(std::span<const Event> events, bool last_attempt) {
  for (;;) {
    const auto inserted = sink_.insert(events);
    if (inserted) {
      taken_ = true;
      recovered();
      return true;
    }
    const SinkError& error = inserted.error();
    if (error.kind == SinkError::Kind::kUnavailable) {
      if (!wait_to_retry("the database is away: " + error.message)) return false;
      continue;
    }
    if (events.size() > 1) {
      const std::size_t half = events.size() / 2;
      return insert(events.first(half), last_attempt) && insert(events.subspan(half), last_attempt);
    }
    if (error.kind == SinkError::Kind::kRejected || last_attempt) {
      recovered();
      reject(events.front(), error.message);
    } else {
      refused_.push_back(events.front());
      refusal_ = error.message;
    }
    return true;
  }
}

// Waits for the back-off's time, and lets jobs know whose time is over. False: it is time to stop.
bool History::wait_to_retry(const std::string& reason) {
  if (retry_.count() == 0) spdlog::warn("look-ups wait in the journal, {}", reason);
  retry_ = std::clamp(retry_ * 2, options_.first_retry, options_.last_retry);
  const auto until = Clock::now() + retry_;
  std::unique_lock lock(mutex_);
  counts_.database_away = true;
  while (Clock::now() < until) {
    auto wake_at = until;
    if (stop_at_) wake_at = std::min(wake_at, *stop_at_);
    if (!jobs_.empty()) wake_at = std::min(wake_at, jobs_.front().deadline);
    wake_.wait_until(lock, wake_at);
    if (stop_at_ && Clock::now() >= *stop_at_) return false;
    lock.unlock();
    run_jobs(false);
    lock.lock();
  }
  return true;
}

void History::recovered() {
  if (retry_.count() == 0) return;
  retry_ = {};
  spdlog::info("look-ups go to the database again");
  const std::lock_guard lock(mutex_);
  counts_.database_away = false;
}

void History::reject(const Event& event, std::string reason) {
  std::ranges::replace(reason, '\n', ' ');
  rejected_lines_ += rejected_line(event, reason);
  spdlog::error("the database refuses a look-up, see {}: {}", options_.rejected_log.string(), reason);
}

// From here on the file is all that is left of them. False: given up, because the drain is to stop.
bool History::write_rejected() {
  if (rejected_lines_.empty()) return true;
  for (;;) {
    const auto written = append_synced(options_.rejected_log, rejected_lines_, options_.disk);
    if (written) break;
    if (!wait_to_retry(options_.rejected_log.string() + " cannot be written: " + written.error().text())) return false;
  }
  recovered();
  const std::lock_guard lock(mutex_);
  counts_.rejected += static_cast<std::uint64_t>(std::ranges::count(rejected_lines_, '\n'));
  return true;
}

void History::finish_batch(std::span<const Event> events) {
  mark_ = {reader_.position(), std::max(mark_.newest, reader_.newest())};
  const auto marked = mark_file_.write(mark_, false);
  if (!marked && !mark_failed_) {
    spdlog::warn("cannot write the journal's mark, look-ups may be inserted again: {}", marked.error().text());
  }
  mark_failed_ = !marked;
  for (const Unread& unread : reader_.take_unread()) journal_.passed_over(unread);
  journal_.drained(mark_.position);
  {
    const std::lock_guard lock(mutex_);
    counts_.drained += events.size();
  }
  if (events.empty()) return;
  post_([told = on_drained_, users = newest_of_users(events)] { told(users); });
}

// Runs the jobs that are due, in their order. `giving_up`: those that are not are told so.
void History::run_jobs(bool giving_up) {
  bool synced = false;
  for (;;) {
    std::unique_lock lock(mutex_);
    const Journal::Published published = journal_.published();
    for (WaitingJob& job : jobs_) {
      if (!job.target && job.ticket <= published.ticket) job.target = published.end;
    }
    if (jobs_.empty()) return;
    WaitingJob& front = jobs_.front();
    bool drained = front.target && mark_.position >= *front.target;
    if (!drained && !giving_up && Clock::now() < front.deadline) return;
    const Job job = std::move(front.job);
    jobs_.pop_front();
    lock.unlock();
    if (drained && !synced) {
      const auto written = mark_file_.write(mark_, true);
      if (!written) spdlog::warn("cannot sync the journal's mark: {}", written.error().text());
      synced = written.has_value();
    }
    job(drained && synced);
  }
}

void History::report(const Damage& damage) {
  log_damage(damage);
  if (damage.kind == Damage::Kind::kTornTail) return;
  const std::lock_guard lock(mutex_);
  ++counts_.damaged;
}

}  // namespace dictd
