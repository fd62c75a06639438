// The directory with what one dictd must remember: its identity, and its journal.
//
//   lock            held (flock) by the dictd that uses the directory; holds its process id, for messages only
//   instance        32 hexadecimal digits and a newline: random, made once, mode 600
//   journal/        see journal_format.h
//   rejected.log    see history.h
//
// Not for the words (they are in the database), and never shared by two servers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "dictd/file.h"

namespace dictd {

struct StateDirError {
  enum class Kind {
    kInUse,     // by another dictd
    kUnusable,  // not a directory, not writable, or something in it is damaged
  };
  Kind kind;
  std::string message;  // one line: what is wrong, and what to do
};

// The directory, locked for this process. Any one thread at a time. The lock goes with the object, or with
// the process.
class StateDir {
 public:
  // Makes the directory (mode 700) and the identity where they are missing.
  [[nodiscard]] static tl::expected<StateDir, StateDirError> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path journal_path() const { return path_ / "journal"; }

  // 32 lower-case hexadecimal digits: what claims a server number in the database.
  [[nodiscard]] const std::string& instance() const { return instance_; }

 private:
  StateDir(std::filesystem::path path, File lock, std::string instance)
      : path_(std::move(path)), lock_(std::move(lock)), instance_(std::move(instance)) {}

  std::filesystem::path path_;
  File lock_;
  std::string instance_;
};

}  // namespace dictd
