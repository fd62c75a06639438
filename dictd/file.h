// Files by descriptor, with the errno of what failed as a value.
//
// For the few files that dictd writes itself (journal, mark, identity), where it matters which call failed
// and how. Not for sockets, and not for reading configuration.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace dictd {

// What a system call failed with.
struct SystemError {
  int code;  // an errno
  [[nodiscard]] std::string text() const;
};

using Status = tl::expected<void, SystemError>;

// The calls that a disk can make fail, as pointers: the real ones, unless a test puts a fault in their place.
struct DiskCalls {
  ssize_t (*write)(int fd, const void* bytes, std::size_t size);
  int (*fdatasync)(int fd);
  int (*fallocate)(int fd, int mode, off_t offset, off_t length);

  static const DiskCalls& real();
};

// An open file; closed at the end of its life. Any one thread at a time. Opened CLOEXEC.
class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // `flags` and `mode` as for open(2).
  [[nodiscard]] static tl::expected<File, SystemError> open(const std::filesystem::path& path, int flags,
                                                            mode_t mode = 0600);

  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] tl::expected<std::size_t, SystemError> size() const;
  // Reads until `into` is full or the file ends; answers how many bytes that was.
  [[nodiscard]] tl::expected<std::size_t, SystemError> read_at(std::size_t offset, std::span<char> into) const;
  // All of `bytes`, however many calls it takes. After an error any part of them may be in the file.
  [[nodiscard]] Status write_at(std::size_t offset, std::string_view bytes) const;
  [[nodiscard]] Status write(std::string_view bytes, const DiskCalls& disk = DiskCalls::real()) const;
  [[nodiscard]] Status sync(const DiskCalls& disk = DiskCalls::real()) const;  // fdatasync
  [[nodiscard]] Status truncate(std::size_t size) const;

 private:
  explicit File(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// Makes the names in a directory survive a power failure (fsync).
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);

// Makes `directory` (mode 700) and what is missing above it; one that is there already is no error.
[[nodiscard]] Status make_directory(const std::filesystem::path& directory);

// Puts `content` at directory/name (mode 600): after a crash the old content is there or the new, never a
// mixture.
[[nodiscard]] Status replace_file(const std::filesystem::path& directory, const std::string& name,
                                  std::string_view content);

}  // namespace dictd
