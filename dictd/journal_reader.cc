#include "dictd/journal_reader.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

namespace dictd {

namespace {

constexpr std::uint64_t kWindow = std::uint64_t{256} << 10;
static_assert(kWindow >= kMaxRecordSize);

}  // namespace

JournalReader::JournalReader(std::filesystem::path directory, Position from, FailingDisk failing_disk)
    : directory_(std::move(directory)), position_(from), failing_disk_(failing_disk) {}

tl::expected<void, ReadError> JournalReader::read(Position end, std::size_t limit, std::vector<Event>& out) {
  Event event;
  while (limit > 0) {
    if (!file_) {
      const auto opened = open_segment(end);
      if (!opened) return tl::unexpected(opened.error());
      if (!*opened) return {};
    }
    const bool exact = position_.segment == end.segment;
    const auto size = exact ? static_cast<std::size_t>(end.offset) : file_.size();
    for (; size && limit > 0; --limit) {
      const auto found = next(*size, exact, event);
      if (!found) {
        if (exact || !failed_too_often()) {
          return tl::unexpected(ReadError{path().string() + ": " + found.error().text()});
        }
        if (auto aside = set_aside(); !aside) return aside;
        break;
      }
      if (*found == Found::kSegmentEnd) {
        if (exact) return {};
        leave_segment();
        break;
      }
      newest_ = std::max(newest_, event.number);
      out.push_back(event);
    }
    if (!size) return tl::unexpected(ReadError{path().string() + ": " + size.error().text()});
  }
  return {};
}

// Opens the segment of position_, or the first after it that can be read. False: there is none before `end`.
tl::expected<bool, ReadError> JournalReader::open_segment(Position end) {
  for (;;) {
    auto found = find_segment(end);
    if (!found || !*found) return found;
    auto file = File::open(path(), O_RDONLY);
    if (!file && file.error().code == ENOENT) continue;
    if (!file) return tl::unexpected(ReadError{path().string() + ": " + file.error().text()});
    file_ = std::move(*file);
    const auto header = read_header();
    if (header && *header) return true;
    if (!header || position_.segment == end.segment) {
      rest();
      return tl::unexpected(header ? ReadError{path().string() + ": its header is damaged"} : header.error());
    }
    const auto size = file_.size();
    // What a crash leaves between making a file and writing its header holds nothing.
    if (size && *size < kHeaderSize) {
      leave_segment();
    } else if (const auto aside = set_aside(); !aside) {
      return tl::unexpected(aside.error());
    }
  }
}

// Moves position_ to the first segment that is there. False: nothing is left before `end`, which is then the
// position.
tl::expected<bool, ReadError> JournalReader::find_segment(Position end) {
  if (position_ >= end) return false;
  std::optional<std::uint64_t> first;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory_, error), last; !error && at != last; at.increment(error)) {
    const auto segment = segment_of_name(at->path().filename().string());
    if (segment && *segment >= position_.segment) first = std::min(first.value_or(*segment), *segment);
  }
  if (error) return tl::unexpected(ReadError{directory_.string() + ": " + error.message()});
  if (!first || *first > end.segment || (*first == end.segment && end.offset < kHeaderSize)) {
    position_ = end;
    return false;
  }
  if (*first > position_.segment) position_ = {*first, 0};
  return true;
}

// False: it is damaged, or as good as that.
tl::expected<bool, ReadError> JournalReader::read_header() {
  std::string bytes(kHeaderSize, '\0');
  const auto size = file_.read_at(0, bytes);
  if (!size && !failed_too_often()) {
    return tl::unexpected(ReadError{path().string() + ": " + size.error().text()});
  }
  if (!size) return false;
  bytes.resize(*size);
  if (is_of_another_version(bytes)) {
    return tl::unexpected(ReadError{path().string() +
                                    " was written by another version of dictd, which has to be started "
                                    "once more to bring its look-ups into the database"});
  }
  const auto header = decode_header(bytes);
  if (!header || header->segment != position_.segment) return false;
  salt_ = header->salt;
  newest_ = std::max(newest_, header->newest_before);
  position_.offset = std::max<std::uint64_t>(position_.offset, kHeaderSize);
  return true;
}

// `exact`: every byte before `segment_end` is known to have been written as part of a record.
tl::expected<JournalReader::Found, SystemError> JournalReader::next(std::uint64_t segment_end, bool exact,
                                                                    Event& event) {
  while (position_.offset < segment_end) {
    const std::uint64_t in_window = position_.offset - window_begin_;
    const bool inside = position_.offset >= window_begin_ && in_window <= window_.size();
    const auto bytes = inside ? std::string_view(window_).substr(in_window) : std::string_view{};
    const DecodedRecord record = decode_record(bytes, salt_, event);
    if (record.kind == RecordKind::kRecord) {
      position_.offset += record.size;
      return Found::kEvent;
    }
    const std::uint64_t left = segment_end - position_.offset;
    const std::size_t had = bytes.size();
    if (record.kind == RecordKind::kMore && had < std::min(left, kWindow)) {
      if (const Status filled = fill(std::min(left, kWindow)); !filled) return tl::unexpected(filled.error());
      if (window_.size() > had) continue;
    }
    const auto skipped = skip(segment_end, exact);
    if (!skipped || *skipped == Found::kSegmentEnd) return skipped;
  }
  return Found::kSegmentEnd;
}

Status JournalReader::fill(std::uint64_t size) {
  window_.resize(size);
  window_begin_ = position_.offset;
  const auto got = file_.read_at(position_.offset, window_);
  window_.resize(got.value_or(0));
  if (!got) return tl::unexpected(got.error());
  failures_ = 0;
  return {};
}

// There is no record at position_: goes to the next one, or to the segment's end.
tl::expected<JournalReader::Found, SystemError> JournalReader::skip(std::uint64_t segment_end, bool exact) {
  if (const Status filled = fill(segment_end - position_.offset); !filled) return tl::unexpected(filled.error());
  const std::size_t found = find_record(window_, salt_);
  const bool zeros = window_.find_first_not_of('\0') == std::string::npos;
  const std::uint64_t bytes = found == std::string::npos ? segment_end - position_.offset : found;
  if (found != std::string::npos || exact) {
    damage_.push_back({Damage::Kind::kSkipped, path(), position_.offset, bytes});
  } else if (!zeros) {
    damage_.push_back({Damage::Kind::kTornTail, path(), position_.offset, bytes});
  }
  unread_.push_back({position_, bytes});
  position_.offset += bytes;
  return found == std::string::npos ? Found::kSegmentEnd : Found::kEvent;
}

bool JournalReader::failed_too_often() {
  return failing_disk_ == FailingDisk::kSetAside && ++failures_ >= kReadAttempts;
}

// Not gone by if it cannot be renamed: what is gone by is removed once all of it counts as drained.
tl::expected<void, ReadError> JournalReader::set_aside() {
  const std::filesystem::path from = path();
  std::filesystem::path to = from;
  to += ".damaged";
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    const SystemError error{errno};
    rest();
    return tl::unexpected(ReadError{from.string() + " is unreadable, and cannot be set aside: " + error.text()});
  }
  const std::uint64_t size = file_.size().value_or(0);
  damage_.push_back({Damage::Kind::kSetAside, to, position_.offset, size});
  unread_.push_back({position_, size});
  leave_segment();
  return {};
}

void JournalReader::leave_segment() {
  rest();
  failures_ = 0;
  position_ = {position_.segment + 1, 0};
}

void JournalReader::rest() {
  file_ = File();
  window_.clear();
  window_begin_ = 0;
}

MarkFile::MarkFile(const std::filesystem::path& journal_directory) : path_(journal_directory / "drained") {}

Status MarkFile::open() {
  if (file_) return {};
  auto opened = File::open(path_, O_RDWR | O_CREAT);
  if (!opened) return tl::unexpected(opened.error());
  file_ = std::move(*opened);
  return {};
}

Mark MarkFile::read() {
  std::string bytes(kMarkSlot + kMarkSize, '\0');
  if (!open() || !file_.read_at(0, bytes)) return {};
  const auto first = decode_mark(bytes);
  const auto second = decode_mark(std::string_view(bytes).substr(kMarkSlot));
  second_slot_ = first && (!second || second->position <= first->position);
  if (!first && !second) return {};
  return second_slot_ ? *first : *second;
}

Status MarkFile::write(const Mark& mark, bool sync) {
  if (auto opened = open(); !opened) return opened;
  if (auto written = file_.write_at(second_slot_ ? kMarkSlot : 0, encode_mark(mark)); !written) return written;
  second_slot_ = !second_slot_;
  return sync ? file_.sync() : Status{};
}

}  // namespace dictd
