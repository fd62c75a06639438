// Faults of dictd's disk and clock, switched on and off by the test while dictd runs.
//
// They are made by libfault.so, which the environment given here preloads. With sanitizers built in too: AddressSanitizer
// is told not to mind that it does not come first.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "test/support/preload/fault_control.h"

namespace support {

// One thread, beside the program under test. For files below `directory`.
class Faults {
 public:
  explicit Faults(const std::filesystem::path& control_file);
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  [[nodiscard]] FaultControl& operator*() const { return *control_; }
  FaultControl* operator->() const { return control_; }
  // Nothing is wrong any more; the count of failed calls and the clock stay.
  void heal();

  // For the program: its disk's faults are those of files below `directory`.
  [[nodiscard]] std::map<std::string, std::optional<std::string>> environment(
      const std::filesystem::path& directory) const;

 private:
  std::filesystem::path file_;
  FaultControl* control_;
};

}  // namespace support
