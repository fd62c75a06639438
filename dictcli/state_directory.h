// What dictcli keeps between runs: small private files in one directory of the user's.
//
// The directory is $XDG_STATE_HOME/dictcli, else ~/.local/state/dictcli; it is made when first written, mode
// 700, its files 600. A file is replaced as a whole, under a lock of the directory: a reader sees the old one
// or the new one, and two programs lose nothing of each other's. Not for anything large.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <vector>

namespace dictcli {

inline constexpr std::size_t kLargestStateFile = std::size_t{4} * 1024 * 1024;  // one that is larger is none of ours

// A value; any thread. An empty path (no home) reads nothing and fails to write.
class StateDirectory {
 public:
  explicit StateDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  // By the values of these two variables, which may be null. A relative XDG_STATE_HOME does not count, says
  // XDG.
  [[nodiscard]] static StateDirectory of(const char* xdg_state_home, const char* home);

  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path_ / name; }

  using Lines = std::vector<std::string>;
  // A file that is missing or cannot be read is empty: nothing was remembered.
  [[nodiscard]] Lines read(const std::string& name) const;
  // Puts what `change` makes of the file's lines in its place. On failure the file is as before.
  [[nodiscard]] tl::expected<void, std::error_code> update(const std::string& name,
                                                           const std::function<void(Lines&)>& change) const;

 private:
  std::filesystem::path path_;
};

}  // namespace dictcli
