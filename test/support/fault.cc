#include "test/support/fault.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "reactor/fd.h"
#include "test/support/temp_dir.h"

namespace support {

Faults::Faults(const std::filesystem::path& control_file) : file_(control_file), control_(nullptr) {
  const auto fail = [&] { throw std::system_error(errno, std::generic_category(), file_.string()); };
  const reactor::Fd fd(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!fd || ::ftruncate(fd.get(), sizeof(FaultControl)) != 0) fail();
  void* const mapped = ::mmap(nullptr, sizeof(FaultControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) fail();
  control_ = static_cast<FaultControl*>(mapped);
}

Faults::~Faults() { ::munmap(control_, sizeof(FaultControl)); }

void Faults::heal() {
  for (const auto fault :
       {&FaultControl::write, &FaultControl::fdatasync, &FaultControl::fallocate, &FaultControl::pwrite,
        &FaultControl::pread, &FaultControl::change, &FaultControl::forget_unsynced, &FaultControl::kill_in_pwrite}) {
    control_->*fault = 0;
  }
}

std::map<std::string, std::optional<std::string>> Faults::environment(const std::filesystem::path& directory) const {
  const char* const options = std::getenv("ASAN_OPTIONS");
  return {{"LD_PRELOAD", build_dir() / "test/libfault.so"},
          {kFaultControlVariable, file_},
          {kFaultDirectoryVariable, directory},
          {"ASAN_OPTIONS", std::string(options == nullptr ? "" : options) + ":verify_asan_link_order=0"}};
}

}  // namespace support
