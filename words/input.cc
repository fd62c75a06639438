#include "words/input.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace words {
namespace {

constexpr std::size_t kReadBytes = 1 << 16;

}  // namespace

LoadResult<Input> Input::open(const std::string& path, const std::string& charset) {
  auto encoding = Charset::open(charset);
  if (!encoding) return tl::unexpected(LoadError{LoadError::Kind::kUsage, encoding.error()});
  const int fd = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable(path, std::generic_category().message(errno));
  gzFile file = gzdopen(fd, "rb");
  if (file == nullptr) {
    close(fd);
    return unreadable(path, "out of memory");
  }
  gzbuffer(file, kReadBytes);
  return Input(path, file, std::move(*encoding));
}

Input::Input(std::string path, gzFile_s* file, Charset charset)
    : path_(std::move(path)), file_(file), charset_(std::move(charset)) {}

Input::~Input() {
  if (file_ != nullptr) gzclose(file_);
}

Input::Input(Input&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, nullptr)),
      charset_(std::move(other.charset_)),
      head_(std::move(other.head_)),
      ended_(other.ended_),
      error_(std::move(other.error_)) {}

std::string_view Input::head() {
  std::string begin;
  if (head_.empty() && read(begin)) head_ = std::move(begin);
  return head_;
}

bool Input::read(std::string& text) {
  if (!head_.empty()) {
    text += std::exchange(head_, {});
    return true;
  }
  if (ended_ || error_) return false;
  std::array<char, kReadBytes> bytes;
  const int count = gzread(file_, bytes.data(), kReadBytes);
  int problem = Z_OK;
  const char* const why = gzerror(file_, &problem);
  if (count < 0 || problem == Z_BUF_ERROR) {
    const int system_error = errno;
    error_ = unreadable(path_, problem == Z_ERRNO       ? std::generic_category().message(system_error)
                               : problem == Z_BUF_ERROR ? "the packed file is cut off"
                                                        : std::string("the packed file is damaged: ") + why)
                 .value();
    return false;
  }
  charset_.convert({bytes.data(), static_cast<std::size_t>(count)}, text);
  ended_ = count == 0;
  if (ended_) charset_.finish(text);
  return true;
}

bool Lines::next(std::string_view& line) {
  for (std::size_t searched = begin_;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos || (ended_ && begin_ < buffer_.size())) {
      line = std::string_view(buffer_).substr(begin_, end - begin_);
      begin_ = std::min(begin_ + line.size() + 1, buffer_.size());
      ++number_;
      return true;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    buffer_.resize(std::min(buffer_.size(), max_line_bytes_ + 1));
    searched = buffer_.size();
    if (ended_) return false;
    ended_ = !input_.read(buffer_);
    if (input_.error()) return false;
  }
}

}  // namespace words
