#include "words/loader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "words/reader.h"

namespace words {
namespace {

constexpr std::size_t kReadBytes = 1 << 16;
constexpr std::uint64_t kLinesPerProgress = 1000;

// A file, line by line. One thread.
class LineFile {
 public:
  explicit LineFile(const std::string& path)
      : fd_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(fd_ < 0 ? errno : 0) {}
  ~LineFile() {
    if (fd_ > STDIN_FILENO) close(fd_);
  }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // The next line without its LF, good until the next call; false at the end, or after an error. Of a line
  // longer than kMaxLineBytes only so much is kept that it is seen to be too long.
  bool next(std::string_view& line) {
    for (std::size_t searched = begin_;;) {
      const std::size_t end = buffer_.find('\n', searched);
      if (end != std::string::npos || (ended_ && begin_ < buffer_.size())) {
        line = std::string_view(buffer_).substr(begin_, end - begin_);
        begin_ = std::min(begin_ + line.size() + 1, buffer_.size());
        return true;
      }
      buffer_.erase(0, std::exchange(begin_, 0));
      buffer_.resize(std::min(buffer_.size(), kMaxLineBytes + 1));
      searched = buffer_.size();
      if (ended_ || !read_more()) return false;
    }
  }

  [[nodiscard]] int error() const { return error_; }

 private:
  bool read_more() {
    if (error_ != 0) return false;
    const std::size_t size = buffer_.size();
    buffer_.resize(size + kReadBytes);
    ssize_t count = 0;
    do {
      count = read(fd_, buffer_.data() + size, kReadBytes);
    } while (count < 0 && errno == EINTR);
    error_ = count < 0 ? errno : 0;
    ended_ = count == 0;
    buffer_.resize(size + static_cast<std::size_t>(count > 0 ? count : 0));
    return count >= 0;
  }

  int fd_;
  int error_;
  bool ended_ = false;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet taken of it
};

using Outcome = tl::expected<void, LoadError>;

tl::unexpected<LoadError> failed(LoadError::Kind kind, std::string message) {
  return tl::unexpected(LoadError{kind, std::move(message)});
}

Outcome load_file(dictd::WordLoad& words, const std::string& path, const LoadObserver& observer, LoadCounts& counts) {
  LineFile file(path);
  std::string_view text;
  for (std::uint64_t number = 1; file.next(text); ++number) {
    const Line line = read_line(text, number);
    if (const auto* entry = std::get_if<Entry>(&line)) {
      if (auto added = words.add(entry->headword, entry->meaning); !added) {
        return failed(LoadError::Kind::kDatabase, added.error().message);
      }
      ++counts.entries;
    } else if (const auto* bad = std::get_if<BadLine>(&line)) {
      observer.bad_line(path, number, bad->reason);
      ++counts.bad_lines;
    }
    if (number % kLinesPerProgress == 0) observer.progress(counts);
  }
  if (file.error() == 0) return {};
  return failed(LoadError::Kind::kUnreadable,
                "cannot read " + path + ": " + std::generic_category().message(file.error()));
}

}  // namespace

tl::expected<LoadCounts, LoadError> load(dictd::Store& store, const LoadJob& job, const LoadObserver& observer) {
  auto words = store.begin_word_load(job.dictionary, job.title);
  if (!words) return failed(LoadError::Kind::kDatabase, words.error().message);
  LoadCounts counts;
  for (const std::string& path : job.files) {
    if (auto loaded = load_file(*words, path, observer, counts); !loaded) return tl::unexpected(loaded.error());
  }
  if (counts.entries == 0) return failed(LoadError::Kind::kNothingToLoad, "there is no entry to load");
  if (auto committed = words->commit(job.now_us); !committed) {
    return failed(LoadError::Kind::kDatabase, committed.error().message);
  }
  return counts;
}

}  // namespace words
