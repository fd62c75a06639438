// libfault.so: preloaded (LD_PRELOAD) into a program under test, makes its disk fail and its clock wrong.
//
// It stands between the program and the C library. Each call looks at the shared FaultControl; with nothing armed it
// goes on at once to the next definition (a sanitizer's, or the C library's). It allocates nothing and throws nothing,
// for it is called before main() and from everywhere. Not for programs that make their system calls themselves.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <string_view>

#include "test/support/preload/fault_control.h"

namespace {

using support::FaultControl;

FaultControl* control = nullptr;  // null: no fault at all
std::array<char, PATH_MAX> directory_text{};
std::string_view directory;

__attribute__((constructor)) void take_control() {
  const char* const file = std::getenv(support::kFaultControlVariable);
  const char* const below = std::getenv(support::kFaultDirectoryVariable);
  if (file == nullptr || below == nullptr || std::strlen(below) >= directory_text.size()) return;
  const int fd = ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* const mapped = ::mmap(nullptr, sizeof(FaultControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapped == MAP_FAILED) return;
  std::strcpy(directory_text.data(), below);
  directory = directory_text.data();
  control = static_cast<FaultControl*>(mapped);
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_below(std::string_view path) { return path.starts_with(directory); }

bool is_below(int fd) {
  std::array<char, 32> link{};
  std::array<char, PATH_MAX> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link.data(), path.data(), path.size());
  return size > 0 && is_below(std::string_view(path.data(), static_cast<std::size_t>(size)));
}

// Whether a call on `file` (a descriptor or a path) is to fail; then errno is set.
template <typename File>
bool fails(std::atomic<int> FaultControl::*fault, File file) {
  if (control == nullptr) return false;
  const int error = control->*fault;
  if (error == 0 || !is_below(file)) return false;
  ++control->failed;
  errno = error;
  return true;
}

// ---- What fdatasync has made safe, for forget_unsynced

struct Synced {
  ino_t file = 0;
  off_t size = 0;
};
std::mutex synced_mutex;
std::array<Synced, 64> synced_files;  // the newest ones
std::size_t next_synced = 0;

ino_t inode_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

off_t& synced_size(ino_t file) {
  const auto known =
      std::find_if(synced_files.begin(), synced_files.end(), [&](const Synced& s) { return s.file == file; });
  if (known != synced_files.end()) return known->size;
  Synced& entry = synced_files.at(next_synced++ % synced_files.size());
  entry = {file, 0};
  return entry.size;
}

void forget_unsynced(int fd) {
  static constexpr std::array<char, 4096> kZeros{};
  const std::lock_guard lock(synced_mutex);
  const off_t end = ::lseek(fd, 0, SEEK_CUR);
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  for (off_t at = synced_size(inode_of(fd)); at < end;) {
    const ssize_t count = real(fd, kZeros.data(), std::min(kZeros.size(), static_cast<std::size_t>(end - at)), at);
    if (count <= 0) return;
    at += count;
  }
}

int sync(int fd, int (*real)(int)) {
  if (fails(&FaultControl::fdatasync, fd)) {
    const int error = errno;
    if (control->forget_unsynced != 0) forget_unsynced(fd);
    errno = error;
    return -1;
  }
  const off_t end = control != nullptr ? ::lseek(fd, 0, SEEK_CUR) : 0;
  const int result = real(fd);
  if (control != nullptr && result == 0) {
    const std::lock_guard lock(synced_mutex);
    synced_size(inode_of(fd)) = end;
  }
  return result;
}

std::int64_t seconds_off() { return control == nullptr ? 0 : control->clock_seconds.load(); }

}  // namespace

// ---- The calls. Their declarations in the system's headers say what they are.

extern "C" {

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t)>("write");
  if (!fails(&FaultControl::write, fd)) return real(fd, bytes, size);
  const int error = errno;
  (void)!real(fd, bytes, size / 2);
  errno = error;
  return -1;
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  if (fails(&FaultControl::pwrite, fd)) return -1;
  const int kill = control == nullptr ? 0 : control->kill_in_pwrite.load();
  const bool mine = kill != 0 && is_below(fd);
  if (mine && kill == 1) ::kill(::getpid(), SIGKILL);
  const ssize_t result = real(fd, bytes, size, offset);
  if (mine) ::kill(::getpid(), SIGKILL);
  return result;
}

ssize_t pread(int fd, void* bytes, std::size_t size, off_t offset) {
  static auto* const real = next<ssize_t(int, void*, std::size_t, off_t)>("pread");
  return fails(&FaultControl::pread, fd) ? -1 : real(fd, bytes, size, offset);
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return sync(fd, real);
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return fails(&FaultControl::fdatasync, fd) ? -1 : real(fd);
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
  static auto* const real = next<int(int, int, off_t, off_t)>("fallocate");
  return fails(&FaultControl::fallocate, fd) ? -1 : real(fd, mode, offset, length);
}

int ftruncate(int fd, off_t length) noexcept {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  return fails(&FaultControl::change, fd) ? -1 : real(fd, length);
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  return fails(&FaultControl::change, std::string_view(path)) ? -1 : real(path);
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return fails(&FaultControl::change, std::string_view(to)) ? -1 : real(from, to);
}

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
    if (fails(&FaultControl::change, std::string_view(path))) return -1;
  }
  return real(path, flags, mode);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += seconds_off();
  return result;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static auto* const real = next<int(timeval*, void*)>("gettimeofday");
  const int result = real(time, zone);
  time->tv_sec += seconds_off();
  return result;
}

}  // extern "C"
