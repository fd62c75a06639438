#include "dictd/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dictd {

namespace {

tl::unexpected<SystemError> failed(int code) { return tl::unexpected(SystemError{code}); }
tl::unexpected<SystemError> failed() { return failed(errno); }

}  // namespace

std::string SystemError::text() const { return std::generic_category().message(code); }

const DiskCalls& DiskCalls::real() {
  static constexpr DiskCalls kReal{&::write, &::fdatasync, &::fallocate};
  return kReal;
}

File::~File() {
  // Nothing is lost by an error here: what must be on the disk was synced before, and Linux closes in any
  // case.
  if (fd_ >= 0) ::close(fd_);
}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

tl::expected<File, SystemError> File::open(const std::filesystem::path& path, int flags, mode_t mode) {
  for (;;) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return File(fd);
    if (errno != EINTR) return failed();
  }
}

tl::expected<std::size_t, SystemError> File::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return failed();
  return static_cast<std::size_t>(status.st_size);
}

tl::expected<std::size_t, SystemError> File::read_at(std::size_t offset, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t n = ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (n == 0) break;
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      return failed();
    }
  }
  return done;
}

Status File::write_at(std::size_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      return failed();
    }
  }
  return {};
}

Status File::write(std::string_view bytes, const DiskCalls& disk) const {
  while (!bytes.empty()) {
    const ssize_t n = disk.write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return failed();
    }
  }
  return {};
}

Status File::sync(const DiskCalls& disk) const {
  // An interrupted fdatasync is a failed one: after it the kernel may hold pages to be clean that are not.
  if (disk.fdatasync(fd_) != 0) return failed();
  return {};
}

Status File::truncate(std::size_t size) const {
  while (::ftruncate(fd_, static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) return failed();
  }
  return {};
}

Status sync_directory(const std::filesystem::path& directory) {
  const auto opened = File::open(directory, O_RDONLY | O_DIRECTORY);
  if (!opened) return tl::unexpected(opened.error());
  // Some file systems have nothing to sync in a directory, and say so.
  if (::fsync(opened->fd()) != 0 && errno != EINVAL) return failed();
  return {};
}

Status make_directory(const std::filesystem::path& path) {
  // "state/" names the same directory as "state", but would be its own parent.
  const std::filesystem::path directory = path.has_filename() ? path : path.parent_path();
  std::error_code error;
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
  if (error) return failed(error.value());
  if (::mkdir(directory.c_str(), 0700) == 0) {
    return directory.has_parent_path() ? sync_directory(directory.parent_path()) : Status{};
  }
  if (errno != EEXIST) return failed();
  return std::filesystem::is_directory(directory, error) ? Status{} : failed(ENOTDIR);
}

Status replace_file(const std::filesystem::path& directory, const std::string& name, std::string_view content) {
  const std::filesystem::path fresh = directory / (name + ".new");
  return File::open(fresh, O_WRONLY | O_CREAT | O_TRUNC)
      .and_then([&](const File& file) { return file.write(content).and_then([&] { return file.sync(); }); })
      .and_then([&]() -> Status {
        if (::rename(fresh.c_str(), (directory / name).c_str()) != 0) return failed();
        return sync_directory(directory);
      });
}

}  // namespace dictd
