// What the test and the preloaded library (fault.cc) share: a mapped file of these, all zero when nothing is wrong.
//
// The test writes, the library reads and counts; both at once, and the library from any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace support {

struct FaultControl {
  // An errno that the call fails with, for files below the directory of FAULT_DIRECTORY; 0: it works.
  std::atomic<int> write;      // half of the bytes are written all the same
  std::atomic<int> fdatasync;  // fsync too
  std::atomic<int> fallocate;
  std::atomic<int> pwrite;
  std::atomic<int> pread;
  std::atomic<int> change;  // open() that may make a file, unlink(), rename(), ftruncate()

  // A failing fdatasync also takes away (zeros) what was written since the last one that worked, as a kernel may.
  std::atomic<int> forget_unsynced;
  // SIGKILL in the next pwrite(), which is how dictd marks what is drained: 1 before it, 2 after it.
  std::atomic<int> kill_in_pwrite;

  std::atomic<std::int64_t> clock_seconds;  // the time of day is off by so much

  std::atomic<std::uint64_t> failed;  // calls, so far
};

inline constexpr const char* kFaultControlVariable = "FAULT_CONTROL";      // path of the file
inline constexpr const char* kFaultDirectoryVariable = "FAULT_DIRECTORY";  // whose files are meant

}  // namespace support
