// A directory of a test's own below the build directory, removed with all that is in it at the end of its life.
#pragma once

#include <filesystem>
#include <string>

namespace support {

// The build directory this test program was built into (the directory above its own).
std::filesystem::path build_dir();

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace support
