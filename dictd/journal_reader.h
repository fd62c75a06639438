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
#include <vector>

#include "dictd/event.h"
#include "dictd/file.h"
#include "dictd/journal_format.h"

namespace dictd {

struct ReadError {
  std::string message;
};

// Something in the journal that was passed over.
struct Damage {
  std::filesystem::path file;  // a segment, or the name it was set aside under
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  bool set_aside = false;  // the whole segment: its header or its disk is unreadable
};

// One pass over the journal. Any one thread at a time.
class JournalReader {
 public:
  JournalReader(std::filesystem::path directory, Position from);

  // Appends up to `limit` events that stand before `end` to `out`; fewer only when `end` was reached. `end`
  // is what Journal::published() said: its segment has records up to it exactly, the segments before it are
  // complete. An error is one that may pass (no descriptor, no memory); nothing is lost by it, and reading
  // may be tried again.
  [[nodiscard]] tl::expected<void, ReadError> read(Position end, std::size_t limit, std::vector<Event>& out);

  // Behind the last event that read() gave.
  [[nodiscard]] Position position() const { return position_; }

  // The greatest event number that read events and the headers of segments tell of.
  [[nodiscard]] std::uint64_t newest() const { return newest_; }

  // What was passed over since the last call.
  [[nodiscard]] std::vector<Damage> take_damage() { return std::move(damage_); }

 private:
  [[nodiscard]] tl::expected<bool, ReadError> open_next(Position end);
  [[nodiscard]] tl::expected<bool, ReadError> next(Position end, Event& event);
  [[nodiscard]] tl::expected<bool, ReadError> skip_damage(std::uint64_t segment_end);
  [[nodiscard]] tl::expected<bool, ReadError> fill(std::uint64_t segment_end);
  void set_aside();

  std::filesystem::path directory_;
  Position position_;
  std::uint64_t newest_ = 0;
  File file_;  // the segment of position_, if it is open
  std::uint32_t salt_ = 0;
  std::string window_;              // bytes of the segment
  std::uint64_t window_begin_ = 0;  // where they stand in it
  std::vector<Damage> damage_;
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
