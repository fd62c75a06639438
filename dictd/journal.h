// The log of look-ups on this machine's disk, from where they go to the database.
//
// A turn of the loop appends its events to a buffer and commits them with one write(); only then may the
// turn's answers leave. The format of the files is in journal_format.h.
//   - A segment is begun at every start, and when the last one is full; none is appended to by a later run.
//   - Space is reserved ahead by fallocate, the file's size with it (zeros behind the last record): so a full disk, a
//     quota and a limit on file sizes are met when an event is appended, and refused there; and fdatasync has no change
//     of size to write.
//   - A file that failed a write or an fdatasync is never used again: what was not certainly in it goes to a new one.
//     When the new one fails too, look-ups are refused until a disk takes them; those that were answered wait in memory.
//   - The loop never waits for a disk: fdatasync is on a thread of its own (journal_sync.h).
// Not for reading (journal_reader.h), nor for knowing what is drained (history.h tells it).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "dictd/event.h"
#include "dictd/file.h"
#include "dictd/journal_format.h"
#include "dictd/journal_sync.h"

namespace dictd {

struct JournalError {
  std::string message;  // one line: what is wrong, and what to do where something can be done
};

// Owned by main; the loop thread's, but for published(), drained() and bytes(), which any thread may call.
class Journal {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::filesystem::path directory;  // made if missing
    SyncMode sync = SyncMode::kInterval;
    std::uint64_t max_bytes = std::uint64_t{4} << 30;  // of all segments
    // A segment may be longer by one turn. At most max_bytes / 2.
    std::uint64_t segment_bytes = std::uint64_t{64} << 20;
    std::chrono::milliseconds sync_interval{1000};
    std::chrono::milliseconds retry_interval{100};  // how often a journal without room looks for room
    DiskCalls disk = DiskCalls::real();
  };

  // Everything before `end` can be read, and holds all records of the tickets up to `ticket` that were not
  // lost.
  struct Published {
    Position end;
    Ticket ticket = 0;
  };

  // What became of tickets since the last settle(): those up to `durable` may be answered; those after it and
  // up to `lost` (0: none) are not certainly on the disk, and their look-ups must be refused. Refused is not undone: a
  // disk that said it failed may hold them all the same, and then they are drained.
  struct Settled {
    Ticket durable = 0;
    Ticket lost = 0;
  };

  // Begins a new segment. `notify` is called on the sync thread, and by the destructor, when settle() has
  // something to tell or to try again; it must only post. Fails if the directory cannot be used; a disk that is merely
  // full is no reason to fail.
  [[nodiscard]] static tl::expected<std::unique_ptr<Journal>, JournalError> open(Options options,
                                                                                 std::function<void()> notify);
  // What was committed is synced (unless the mode is off); what was only appended is dropped. What cannot be synced is
  // moved to a new segment, as settle() would.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Puts the event into this turn's buffer; it is not in the journal before commit(). Event numbers grow.
  // When there is no room (bound reached, disk full) the event is refused and everything else is unchanged;
  // room is looked for again at most every `retry_interval`.
  [[nodiscard]] tl::expected<void, JournalError> append(const EventView& event, Clock::time_point now);

  // Writes what was appended since the last commit. On failure all of those events are dropped, and none of
  // their answers may leave; later appends find a new segment or are refused. With nothing to write: the last
  // ticket that did not fail.
  [[nodiscard]] tl::expected<Ticket, JournalError> commit(Clock::time_point now);

  // The ticket that covers all events appended so far: the next commit's, or the last one's.
  [[nodiscard]] Ticket upcoming() const { return buffer_.empty() ? ticket_ : ticket_ + 1; }

  // The greatest ticket whose answers may leave. With off and interval that is each ticket at once.
  [[nodiscard]] Ticket durable() const { return durable_; }

  // To be called on the loop after `notify`: takes the sync thread's news, and moves what a failed fdatasync
  // may have lost to a new segment.
  Settled settle(Clock::time_point now);

  [[nodiscard]] Published published() const;

  // All before `position` is in the database: segments wholly before it are removed. Any thread.
  void drained(Position position);

  // The reader found no records there: whatever drained() says, those that this run wrote there are not in the
  // database. To be called before drained(). Any thread.
  void passed_over(const Unread& unread);

  // Space taken by all segments, reserved space included.
  [[nodiscard]] std::uint64_t bytes() const;

  [[nodiscard]] const std::filesystem::path& directory() const { return options_.directory; }

 private:
  // The file being written.
  struct Segment {
    File file;  // none after an error, until a new segment can be begun
    std::uint64_t sequence = 0;
    std::uint64_t offset = 0;    // where the next record goes
    std::uint64_t reserved = 0;  // up to here there is room
  };
  // Records that are written, and kept until they are synced.
  struct Retained {
    Position begin;
    Ticket ticket = 0;  // of the last of them
    std::string bytes;
  };

  Journal(Options options, std::uint32_t salt);

  [[nodiscard]] tl::expected<void, JournalError> take_stock();
  [[nodiscard]] tl::expected<void, JournalError> make_room(std::size_t size, Clock::time_point now);
  [[nodiscard]] tl::expected<void, JournalError> look_for_room(std::size_t size);
  [[nodiscard]] tl::expected<void, JournalError> reserve(Segment& segment, std::uint64_t end, std::uint64_t others);
  [[nodiscard]] tl::expected<Segment, JournalError> begin_segment(std::size_t room);
  [[nodiscard]] Status write_records(std::string_view records);
  [[nodiscard]] tl::expected<void, JournalError> write_to_new_segment(std::string_view records, std::size_t room);
  void wrote(std::string_view records);
  void close_segment(bool sync);
  void rotate(Clock::time_point now);
  void publish();
  void retain(std::string_view records);
  [[nodiscard]] std::string undrained_unsynced();
  [[nodiscard]] tl::expected<void, JournalError> move_unsynced(const JournalSync::News& news);
  void refuse(const JournalError& error, Clock::time_point now);
  void remove_drained_segments();

  Options options_;
  std::uint32_t salt_;
  std::string buffer_;        // this turn's records
  std::uint64_t newest_ = 0;  // greatest event number appended
  Segment segment_;
  std::uint64_t sequence_ = 0;       // the last one given to a segment
  std::uint64_t first_segment_ = 0;  // of this run
  Ticket ticket_ = 0;
  Ticket written_ = 0;  // the last one that did not fail
  Ticket durable_ = 0;
  Clock::time_point retry_at_{};   // no search for room before this
  Clock::time_point rotate_at_{};  // no new segment for a full one before this
  std::string refusal_;            // why there was no room at the last search; empty when there was
  std::deque<Retained> retained_;
  std::size_t retained_bytes_ = 0;
  bool owed_ = false;  // what is retained has to be written again, before anything else
  Ticket moved_ = 0;   // the last one when a sync failed: nothing was synced since, unless this was

  mutable std::mutex mutex_;  // of what follows
  Published published_;
  Position drained_;
  std::vector<Unread> unread_;                     // before drained_
  std::map<std::uint64_t, std::uint64_t> closed_;  // size of each segment that is not segment_
  std::uint64_t closed_bytes_ = 0;
  std::uint64_t open_bytes_ = 0;  // space that segment_ takes

  std::unique_ptr<JournalSync> sync_;  // null when the mode is off
};

}  // namespace dictd
