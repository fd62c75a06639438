// How it works inside; the contract is in journal.h, the files' format in journal_format.h.
//
// Tickets are counted by commit(), also by one that fails. Segments are given numbers by begin_segment(); the
// number of one that could not be begun is not used again. A segment is closed by cutting it to what is
// published, so that no event that was refused is read back from it.
#include "dictd/journal.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "dictd/journal_reader.h"

namespace dictd {

namespace {

constexpr std::uint64_t kReserveChunk = std::uint64_t{1} << 20;
constexpr std::size_t kRetainedChunk = std::size_t{1} << 20;
constexpr std::size_t kHurryBytes = std::size_t{16} << 20;         // unsynced: time to sync before the interval is over
constexpr std::size_t kMaxRetainedBytes = std::size_t{128} << 20;  // unsynced: the disk does not keep up

tl::unexpected<JournalError> failed(const std::string& what, const SystemError& error) {
  return tl::unexpected(JournalError{what + ": " + error.text()});
}

}  // namespace

Journal::Journal(Options options, std::uint32_t salt) : options_(std::move(options)), salt_(salt) {
  options_.segment_bytes = std::min(options_.segment_bytes, options_.max_bytes / 2);
}

tl::expected<std::unique_ptr<Journal>, JournalError> Journal::open(Options options, std::function<void()> notify) {
  const std::string name = "the journal in " + options.directory.string();
  if (const auto made = make_directory(options.directory); !made) return failed(name, made.error());
  auto directory = File::open(options.directory, O_RDONLY | O_DIRECTORY);
  if (!directory) return failed(name, directory.error());
  std::uint32_t salt = 0;
  if (::getentropy(&salt, sizeof salt) != 0) return failed(name, SystemError{errno});

  std::unique_ptr<Journal> journal(new Journal(std::move(options), salt));
  if (const auto known = journal->take_stock(); !known) return tl::unexpected(known.error());
  journal->first_segment_ = journal->sequence_ + 1;
  if (journal->options_.sync != SyncMode::kOff) {
    const auto interval =
        journal->options_.sync == SyncMode::kAlways ? std::chrono::milliseconds{0} : journal->options_.sync_interval;
    journal->sync_ =
        std::make_unique<JournalSync>(std::move(*directory), interval, journal->options_.disk, std::move(notify));
  }
  auto begun = journal->begin_segment(0);
  if (begun) {
    journal->segment_ = std::move(*begun);
  } else {
    // Behind all that is there, so that it is published.
    journal->segment_.sequence = journal->sequence_;
    spdlog::error("look-ups will be refused until there is room: {}", begun.error().message);
  }
  journal->publish();
  return journal;
}

Journal::~Journal() {
  if (segment_.file) close_segment(true);
  if (!sync_) return;
  sync_->finish();
  // Nobody settles it any more; and what has to be written again has no time to wait for a better disk.
  (void)settle(Clock::now());
  tl::expected<void, JournalError> kept;
  if (owed_) kept = write_to_new_segment({}, 0);
  if (segment_.file) {
    close_segment(true);
    sync_->finish();
    if (const auto failure = sync_->news().failure) kept = failed("cannot sync a new segment of the journal", *failure);
  }
  if (!kept) spdlog::error("look-ups that were not synced may be lost: {}", kept.error().message);
}

// What earlier runs left: their segments, and how far they were drained.
tl::expected<void, JournalError> Journal::take_stock() {
  const Mark mark = MarkFile(options_.directory).read();
  newest_ = mark.newest;
  sequence_ = mark.position.segment;
  drained_ = mark.position;
  std::error_code error;
  for (std::filesystem::directory_iterator at(options_.directory, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename();
    // The numbers of damaged segments are not used again: their names would be.
    const auto segment = segment_of_name(name, true);
    if (!segment) continue;
    sequence_ = std::max(sequence_, *segment);
    if (!segment_of_name(name)) continue;
    const std::uint64_t size = at->file_size(error);
    if (error) break;
    closed_[*segment] = size;
    closed_bytes_ += size;
  }
  if (error) return failed("the journal in " + options_.directory.string(), SystemError{error.value()});
  remove_drained_segments();
  return {};
}

tl::expected<void, JournalError> Journal::append(const EventView& event, Clock::time_point now) {
  assert(!event.word.empty() && event.word.size() <= kMaxWordBytes);
  const std::size_t size = kRecordOverhead + event.word.size();
  if (segment_.offset + buffer_.size() + size > segment_.reserved) {
    if (auto room = make_room(size, now); !room) return room;
  }
  append_record(buffer_, event, salt_);
  newest_ = event.number;
  return {};
}

tl::expected<void, JournalError> Journal::make_room(std::size_t size, Clock::time_point now) {
  if (now < retry_at_) return tl::unexpected(JournalError{refusal_});
  auto room = look_for_room(size);
  if (room && !refusal_.empty()) {
    spdlog::info("the journal has room again");
    refusal_.clear();
  } else if (!room) {
    if (refusal_.empty()) spdlog::error("look-ups are refused: {}", room.error().message);
    refusal_ = room.error().message;
    retry_at_ = now + options_.retry_interval;
  }
  return room;
}

tl::expected<void, JournalError> Journal::look_for_room(std::size_t size) {
  if (options_.sync == SyncMode::kAlways && retained_bytes_ > kMaxRetainedBytes) {
    return tl::unexpected(JournalError{"the journal's disk does not keep up"});
  }
  if (segment_.file) {
    std::unique_lock lock(mutex_);
    const std::uint64_t others = closed_bytes_;
    const bool all_drained = drained_ >= Position{segment_.sequence, segment_.offset};
    lock.unlock();
    auto reserved = reserve(segment_, segment_.offset + buffer_.size() + size, others);
    // This segment's own space can be had back only by leaving it.
    if (reserved || !all_drained || !buffer_.empty() || segment_.offset <= kHeaderSize) return reserved;
    close_segment(true);
    remove_drained_segments();
  }
  return write_to_new_segment({}, buffer_.size() + size);
}

// Makes room in `segment` up to `end`, ahead of need while there is plenty. `others` is what all other
// segments take.
tl::expected<void, JournalError> Journal::reserve(Segment& segment, std::uint64_t end, std::uint64_t others) {
  if (end + others > options_.max_bytes) {
    return tl::unexpected(JournalError{"the journal is full: " + std::to_string(others + segment.offset) +
                                       " bytes wait for the database (the limit is --journal-max)"});
  }
  std::uint64_t target =
      std::min({end + kReserveChunk, options_.max_bytes - others, std::max(end, options_.segment_bytes)});
  for (;;) {
    if (options_.disk.fallocate(segment.file.fd(), 0, static_cast<off_t>(segment.reserved),
                                static_cast<off_t>(target - segment.reserved)) == 0) {
      break;
    }
    if (errno == EINTR) continue;
    // A file system that cannot reserve: a full disk will be met by commit().
    if (errno == EOPNOTSUPP || errno == ENOSYS) break;
    if (target == end) {
      return failed("cannot make room in the journal (" + options_.directory.string() + ")", SystemError{errno});
    }
    target = end + (target - end) / 2;
  }
  segment.reserved = target;
  const std::lock_guard lock(mutex_);
  if (segment.sequence == segment_.sequence) open_bytes_ = target;
  return {};
}

// A new file, with its header and room for `room` bytes of records. Changes nothing on failure but sequence_.
tl::expected<Journal::Segment, JournalError> Journal::begin_segment(std::size_t room) {
  Segment segment;
  segment.sequence = ++sequence_;
  const std::filesystem::path path = options_.directory / segment_name(segment.sequence);
  auto file = File::open(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file) return failed("cannot begin " + path.string(), file.error());
  segment.file = std::move(*file);
  const auto header = segment.file.write(encode_header({segment.sequence, newest_, salt_}), options_.disk);
  segment.offset = kHeaderSize;
  tl::expected<void, JournalError> begun;
  if (!header) {
    begun = failed("cannot begin " + path.string(), header.error());
  } else {
    begun = reserve(segment, kHeaderSize + room, bytes());
  }
  if (!begun) {
    if (::unlink(path.c_str()) != 0) spdlog::error("cannot remove {}: {}", path.string(), SystemError{errno}.text());
    return tl::unexpected(begun.error());
  }
  if (sync_) sync_->created();
  return segment;
}

Status Journal::write_records(std::string_view records) {
  if (auto written = segment_.file.write(records, options_.disk); !written) return written;
  wrote(records);
  return {};
}

void Journal::wrote(std::string_view records) {
  retain(records);
  segment_.offset += records.size();
  written_ = ticket_;
  publish();
  if (sync_) sync_->written(ticket_, segment_.file.fd());
}

// What is owed goes first. With `room` for as much again as that.
tl::expected<void, JournalError> Journal::write_to_new_segment(std::string_view records, std::size_t room) {
  std::string all = owed_ ? undrained_unsynced() : std::string();
  all += records;
  auto begun = begin_segment(all.size() + room);
  if (!begun) return tl::unexpected(begun.error());
  segment_ = std::move(*begun);
  if (const auto written = segment_.file.write(all, options_.disk); !written) {
    close_segment(true);
    return failed("cannot write to a new segment", written.error());
  }
  const bool paid = std::exchange(owed_, false);
  if (paid) {
    retained_.clear();
    retained_bytes_ = 0;
    const std::lock_guard lock(mutex_);
    unread_.clear();
  }
  // Also when there was nothing left to write: then it is this file's sync that tells of its tickets.
  if (paid || !all.empty()) {
    wrote(all);
  } else {
    publish();
  }
  if (paid) sync_->hurry();
  return {};
}

tl::expected<Ticket, JournalError> Journal::commit(Clock::time_point now) {
  if (buffer_.empty()) return written_;
  ++ticket_;
  tl::expected<void, JournalError> committed;
  const Status written = segment_.file ? write_records(buffer_) : Status{};
  if (!written) {
    spdlog::error("cannot write to {}, which is used no more: {}", segment_name(segment_.sequence),
                  written.error().text());
    close_segment(true);
  }
  if (!segment_.file) committed = write_to_new_segment(buffer_, 0);
  buffer_.clear();
  if (options_.sync != SyncMode::kAlways) durable_ = ticket_;
  if (!committed) {
    refuse(committed.error(), now);
    return tl::unexpected(committed.error());
  }
  if (segment_.offset >= options_.segment_bytes) rotate(now);
  return ticket_;
}

void Journal::rotate(Clock::time_point now) {
  if (now < rotate_at_) return;
  auto begun = begin_segment(0);
  if (!begun) {
    // The old one still serves.
    spdlog::warn("the journal's segment cannot be changed for a new one yet: {}", begun.error().message);
    rotate_at_ = now + options_.retry_interval;
    return;
  }
  close_segment(true);
  segment_ = std::move(*begun);
  publish();
}

// `sync`: what is in it has still to be synced.
void Journal::close_segment(bool sync) {
  if (const auto cut = segment_.file.truncate(segment_.offset); !cut) {
    spdlog::warn("cannot cut {} to its length: {}", segment_name(segment_.sequence), cut.error().text());
  }
  File file = std::move(segment_.file);
  if (sync && sync_) sync_->retire(std::move(file));
  const std::lock_guard lock(mutex_);
  closed_[segment_.sequence] = segment_.offset;
  closed_bytes_ += segment_.offset;
  open_bytes_ = 0;
  // Without a file there is no room.
  segment_.reserved = 0;
}

void Journal::publish() {
  const std::lock_guard lock(mutex_);
  published_.end = {segment_.sequence, segment_.offset};
  published_.ticket = ticket_;
  open_bytes_ = segment_.file ? std::max(segment_.offset, segment_.reserved) : 0;
}

Journal::Published Journal::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::uint64_t Journal::bytes() const {
  const std::lock_guard lock(mutex_);
  return closed_bytes_ + open_bytes_;
}

void Journal::drained(Position position) {
  {
    const std::lock_guard lock(mutex_);
    drained_ = std::max(drained_, position);
  }
  remove_drained_segments();
}

void Journal::remove_drained_segments() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> doomed;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(closed_, [&](const auto& segment) {
      if (Position{segment.first, segment.second} > drained_) return false;
      doomed.emplace_back(segment);
      return true;
    });
  }
  // Not under the lock: to remove a large file takes its time, and the loop must not wait for it.
  std::uint64_t freed = 0;
  std::erase_if(doomed, [&](const auto& segment) {
    const std::filesystem::path path = options_.directory / segment_name(segment.first);
    const bool gone = ::unlink(path.c_str()) == 0 || errno == ENOENT;
    if (gone) freed += segment.second;
    if (!gone) spdlog::error("cannot remove {}: {}", path.string(), SystemError{errno}.text());
    return gone;
  });
  const std::lock_guard lock(mutex_);
  closed_bytes_ -= freed;
  closed_.insert(doomed.begin(), doomed.end());  // to be tried again
}

void Journal::retain(std::string_view records) {
  if (!sync_) return;
  if (retained_.empty() || retained_.back().bytes.size() >= kRetainedChunk ||
      retained_.back().begin.segment != segment_.sequence) {
    retained_.push_back({{segment_.sequence, segment_.offset}, ticket_, {}});
  }
  retained_.back().bytes += records;
  retained_.back().ticket = ticket_;
  retained_bytes_ += records.size();
  if (retained_bytes_ > kHurryBytes) sync_->hurry();
  // With an interval the answers have left: losing the means to write them again is better than refusing
  // others.
  while (options_.sync == SyncMode::kInterval && retained_bytes_ > kMaxRetainedBytes) {
    retained_bytes_ -= retained_.front().bytes.size();
    retained_.pop_front();
  }
}

Journal::Settled Journal::settle(Clock::time_point now) {
  if (!sync_) return {durable_, 0};
  const JournalSync::News news = sync_->news();
  while (!retained_.empty() && retained_.front().ticket <= news.synced) {
    retained_bytes_ -= retained_.front().bytes.size();
    retained_.pop_front();
  }
  if (options_.sync == SyncMode::kAlways) durable_ = std::max(durable_, news.synced);
  Settled settled{durable_, 0};
  if (news.failure) {
    spdlog::error("cannot sync the journal, {} is used no more: {}", segment_name(segment_.sequence),
                  news.failure->text());
    if (const auto moved = move_unsynced(news); !moved) {
      refuse(moved.error(), now);
      if (options_.sync == SyncMode::kAlways) {
        // Told now, and no later answer has to wait for them.
        settled.lost = ticket_;
        durable_ = ticket_;
        owed_ = false;
        retained_.clear();
        retained_bytes_ = 0;
      }
    }
  }
  // Also when nobody looks anything up.
  if (owed_ && !make_room(0, now)) sync_->remind();
  return settled;
}

// The records that a failed sync may have lost, except those that are in the database already: what was
// drained may have been deleted there since, and must not come again.
std::string Journal::undrained_unsynced() {
  Position drained;
  std::vector<Unread> unread;
  {
    const std::lock_guard lock(mutex_);
    drained = drained_;
    unread = unread_;
  }
  std::string records;
  for (const Retained& piece : retained_) {
    const Position end{piece.begin.segment, piece.begin.offset + piece.bytes.size()};
    const auto take = [&](Position from, Position to) {
      from = std::max(from, piece.begin);
      to = std::min(to, end);
      if (from >= to) return;
      records += std::string_view(piece.bytes).substr(from.offset - piece.begin.offset, to.offset - from.offset);
    };
    for (const auto& [begin, bytes] : unread) {
      take(begin, std::min(drained, Position{begin.segment, begin.offset + bytes}));
    }
    take(drained, end);
  }
  return records;
}

void Journal::passed_over(const Unread& unread) {
  const std::lock_guard lock(mutex_);
  if (unread.begin.segment >= first_segment_) unread_.push_back(unread);
}

// A new segment is tried once: when that is not synced either, the disk is given time.
tl::expected<void, JournalError> Journal::move_unsynced(const JournalSync::News& news) {
  const bool again = news.synced < moved_;
  moved_ = ticket_;
  owed_ = true;
  sync_->restart();
  if (segment_.file) close_segment(false);
  if (again) return failed("cannot sync a new segment of the journal", *news.failure);
  return write_to_new_segment({}, 0);
}

void Journal::refuse(const JournalError& error, Clock::time_point now) {
  if (refusal_.empty()) spdlog::error("look-ups are refused: {}", error.message);
  refusal_ = error.message;
  retry_at_ = now + options_.retry_interval;
  publish();
}

}  // namespace dictd
