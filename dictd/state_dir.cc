#include "dictd/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace dictd {

namespace {

using Kind = StateDirError::Kind;

constexpr std::size_t kInstanceBytes = 16;
constexpr std::size_t kMaxFileBytes = 64;  // none of the small files is longer

tl::unexpected<StateDirError> unusable(const std::filesystem::path& path, const SystemError& error) {
  return tl::unexpected(
      StateDirError{Kind::kUnusable, "cannot use " + path.string() + ": " + error.text() +
                                         "; choose a directory that dictd may write to with --state-dir"});
}

// The file's content without the newline that ends it.
tl::expected<std::string, SystemError> read_small(const std::filesystem::path& path) {
  const auto file = File::open(path, O_RDONLY);
  if (!file) return tl::unexpected(file.error());
  std::string content(kMaxFileBytes, '\0');
  const auto size = file->read_at(0, content);
  if (!size) return tl::unexpected(size.error());
  content.resize(*size);
  if (!content.empty() && content.back() == '\n') content.pop_back();
  return content;
}

tl::expected<File, StateDirError> lock(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "lock";
  auto file = File::open(path, O_RDWR | O_CREAT);
  if (!file) return unusable(path, file.error());
  while (::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return unusable(path, SystemError{errno});
    const std::string holder = read_small(path).value_or("");
    return tl::unexpected(
        StateDirError{Kind::kInUse, "the state directory " + directory.string() + " is in use by another dictd" +
                                        (holder.empty() ? "" : " (process " + holder + ")") +
                                        "; stop that one, or choose another directory with --state-dir"});
  }
  const auto written = file->truncate(0).and_then([&] { return file->write_at(0, std::to_string(::getpid()) + "\n"); });
  if (!written) return unusable(path, written.error());
  return std::move(*file);
}

bool is_instance(const std::string& text) {
  return text.size() == 2 * kInstanceBytes &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

tl::expected<std::string, SystemError> new_instance(const std::filesystem::path& directory) {
  std::array<unsigned char, kInstanceBytes> random{};
  if (::getentropy(random.data(), random.size()) != 0) return tl::unexpected(SystemError{errno});
  std::string instance;
  for (const unsigned char byte : random) {
    instance += "0123456789abcdef"[byte >> 4];
    instance += "0123456789abcdef"[byte & 15];
  }
  const auto written = replace_file(directory, "instance", instance + "\n");
  if (!written) return tl::unexpected(written.error());
  return instance;
}

}  // namespace

tl::expected<StateDir, StateDirError> StateDir::open(const std::filesystem::path& path) {
  if (const auto made = make_directory(path); !made) return unusable(path, made.error());
  auto locked = lock(path);
  if (!locked) return tl::unexpected(locked.error());

  auto instance = read_small(path / "instance");
  if (!instance && instance.error().code == ENOENT) instance = new_instance(path);
  if (!instance) return unusable(path / "instance", instance.error());
  if (!is_instance(*instance)) {
    return tl::unexpected(StateDirError{
        Kind::kUnusable, (path / "instance").string() +
                             " is damaged: it has to hold 32 hexadecimal digits; remove it to be given new ones"});
  }
  return StateDir(path, std::move(*locked), std::move(*instance));
}

}  // namespace dictd
