// Reads the journal's events in their order, and remembers up to where they were dealt with.
//
// It needs no journal, only its directory and how far to read: so it reads what an earlier run left as well
// as what this one writes. It changes nothing but the names of segments that cannot be read. Not for deciding
// when to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "dictd/event.h"
#include "dictd/file.h"
#include "dictd/journal_format.h"

namespace dictd {

inline constexpr int kReadAttempts = 10;

struct ReadError {
  std::string message;
};

// Bytes of the journal that were passed over.
struct Damage {
  enum class Kind {
    kSkipped,   // no records, but there are records behind them
    kTornTail,  // a segment ends with them: what a crash leaves
    kSetAside,  // a whole segment, renamed: its header or its disk is unreadable
  };
  Kind kind;
  std::filesystem::path file;
  std::uint64_t offset;
  std::uint64_t bytes;
};

// What becomes of a segment whose disk fails kReadAttempts times in a row.
enum class FailingDisk {
  kSetAside,  // the others are read
  kStays,     // read() fails for as long as it does
};

// One pass over the journal. Any one thread at a time.
class JournalReader {
 public:
  JournalReader(std::filesystem::path directory, Position from, FailingDisk failing_disk = FailingDisk::kSetAside);

  // Appends up to `limit` events that stand before `end` to `out`; fewer only when `end` was reached. `end`
  // is what Journal::published() said: its segment has records up to it exactly, the segments before it are
  // complete. An error is one that may pass (no descriptor, no memory, a disk that fails); nothing is lost by it, and
  // reading is to be tried again after a while.
  [[nodiscard]] tl::expected<void, ReadError> read(Position end, std::size_t limit, std::vector<Event>& out);

  // Closes the file it reads from until the next read(): a segment that is removed meanwhile gives its space back.
  void rest();

  // Behind the last event that read() gave.
  [[nodiscard]] Position position() const { return position_; }

  // The greatest event number that read events and the headers of segments tell of.
  [[nodiscard]] std::uint64_t newest() const { return newest_; }

  // What was passed over since the last call: what is worth telling, and all of it.
  [[nodiscard]] std::vector<Damage> take_damage() { return std::exchange(damage_, {}); }
  [[nodiscard]] std::vector<Unread> take_unread() { return std::exchange(unread_, {}); }

 private:
  enum class Found { kEvent, kSegmentEnd };

  [[nodiscard]] tl::expected<bool, ReadError> open_segment(Position end);
  [[nodiscard]] tl::expected<bool, ReadError> find_segment(Position end);
  [[nodiscard]] tl::expected<bool, ReadError> read_header();
  [[nodiscard]] tl::expected<Found, SystemError> next(std::uint64_t segment_end, bool exact, Event& event);
  [[nodiscard]] Status fill(std::uint64_t size);
  [[nodiscard]] tl::expected<Found, SystemError> skip(std::uint64_t segment_end, bool exact);
  [[nodiscard]] bool failed_too_often();
  [[nodiscard]] tl::expected<void, ReadError> set_aside();
  void leave_segment();
  [[nodiscard]] std::filesystem::path path() const { return directory_ / segment_name(position_.segment); }

  std::filesystem::path directory_;
  Position position_;
  FailingDisk failing_disk_;
  std::uint64_t newest_ = 0;
  File file_;  // the segment of position_, once it is open
  std::uint32_t salt_ = 0;
  std::string window_;              // bytes of the segment
  std::uint64_t window_begin_ = 0;  // where they stand in it
  int failures_ = 0;                // of the disk in a row, in this segment
  std::vector<Damage> damage_;
  std::vector<Unread> unread_;
};

// The file "drained" in the journal's directory. Any one thread at a time.
class MarkFile {
 public:
  explicit MarkFile(const std::filesystem::path& journal_directory);

  // The mark, or the very beginning when there is none that can be read (harmless: draining twice changes
  // nothing).
  [[nodiscard]] Mark read();

  // After a crash the file tells this mark or the one before it. `sync`: this one, when the call succeeded.
  [[nodiscard]] Status write(const Mark& mark, bool sync);

 private:
  [[nodiscard]] Status open();

  std::filesystem::path path_;
  File file_;
  bool second_slot_ = false;  // where the next mark goes
};

}  // namespace dictd
