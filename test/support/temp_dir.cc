#include "test/support/temp_dir.h"

#include <stdlib.h>  // mkdtemp

#include <cerrno>
#include <system_error>

namespace support {

std::filesystem::path build_dir() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
}

TempDir::TempDir() {
  const auto parent = build_dir() / "tmp";
  std::filesystem::create_directories(parent);
  std::string name = parent / "t-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make a directory in " + parent.string());
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // a directory that is already gone is what we want
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace support
