// Going to the background, so that whoever started dictd learns whether it started.
//
// The parent waits until the child is ready or has failed, and exits with 0 or the child's code; the child's one line
// of what went wrong is already on standard error by then. Before any thread is made.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "reactor/fd.h"

namespace dictd {

// The process's main thread only.
class Daemon {
 public:
  // Forks. In the parent: what to exit with. In the child, nothing: it goes on, in a session of its own, with standard
  // input and output closed off. Standard error stays where it leads, unless that is a terminal.
  [[nodiscard]] std::optional<int> detach();

  // Tells the parent that all is well. Without a parent that waits: nothing.
  void ready();
  // Prints the one line of what is wrong, tells the parent, and gives the exit code back.
  [[nodiscard]] int fail(int exit_code, const std::string& message);

 private:
  void tell(int exit_code);
  reactor::Fd parent_;  // a pipe that takes one byte: the exit code
};

// Holds this process's id for as long as it lives.
class PidFile {
 public:
  PidFile() = default;
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  [[nodiscard]] tl::expected<void, std::string> write(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;
};

}  // namespace dictd
