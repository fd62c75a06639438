#include "dictcli/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "reactor/fd.h"

namespace dictcli {
namespace {

constexpr mode_t kDirectoryMode = 0700;

using Done = tl::expected<void, std::error_code>;

auto last_error() { return tl::unexpected(std::error_code(errno, std::system_category())); }

Done make_directories(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  if (path.has_parent_path() && path != path.root_path()) {
    if (auto made = make_directories(path.parent_path()); !made) return made;
  }
  if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return last_error();
  return {};
}

Done write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return last_error();
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// mkostemp() makes files with mode 600.
Done replace_file(const std::filesystem::path& path, std::string_view bytes) {
  std::string temporary = path.string() + ".XXXXXX";
  const reactor::Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return last_error();
  Done done = write_all(fd.get(), bytes);
  if (done && ::fsync(fd.get()) != 0) done = last_error();
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = last_error();
  if (!done) ::unlink(temporary.c_str());
  return done;
}

std::string read_file(const std::filesystem::path& path) {
  const reactor::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16384> bytes{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return text;
    if (count < 0 || text.size() > kLargestStateFile) return {};
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

StateDirectory StateDirectory::of(const char* xdg_state_home, const char* home) {
  if (xdg_state_home != nullptr && *xdg_state_home == '/') {
    return StateDirectory(std::filesystem::path(xdg_state_home) / "dictcli");
  }
  if (home == nullptr || *home != '/') return StateDirectory({});
  return StateDirectory(std::filesystem::path(home) / ".local/state/dictcli");
}

StateDirectory::Lines StateDirectory::read(const std::string& name) const {
  Lines lines;
  if (path_.empty()) return lines;
  const std::string text = read_file(file(name));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return lines;
}

Done StateDirectory::update(const std::string& name, const std::function<void(Lines&)>& change) const {
  if (path_.empty()) return tl::unexpected(std::make_error_code(std::errc::no_such_file_or_directory));
  if (auto made = make_directories(path_); !made) return made;
  const reactor::Fd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return last_error();
  while (::flock(directory.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return last_error();
  }
  Lines lines = read(name);
  change(lines);
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return replace_file(file(name), text);
}

}  // namespace dictcli
