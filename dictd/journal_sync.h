// The journal's fdatasync, on a thread of its own: one call covers all that was written before it began.
//
// After a failure it does nothing more until restart(): which records are safe is then for the journal to
// say. Not for deciding what an error means, and never for writing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "dictd/file.h"

namespace dictd {

// Counts commits of the journal, from 1; later ones are greater.
using Ticket = std::uint64_t;

enum class SyncMode {
  kOff,       // never: a crash of the machine may lose what the kernel had not written
  kInterval,  // every second: a crash of the machine may lose that second
  kAlways,    // before an answer leaves
};

// Owned by the journal. All methods are the loop thread's, and none but finish() waits for the disk.
class JournalSync {
 public:
  struct News {
    Ticket synced = 0;                   // everything up to this ticket is on the disk
    std::optional<SystemError> failure;  // what was written after `synced` may be lost
  };

  // `interval` 0: sync as soon as something was written. `notify` is called on the thread after each sync.
  // `directory` is the open directory of the files.
  JournalSync(File directory, std::chrono::milliseconds interval, const DiskCalls& disk, std::function<void()> notify);
  ~JournalSync() { finish(); }
  JournalSync(const JournalSync&) = delete;
  JournalSync& operator=(const JournalSync&) = delete;

  // Records up to `ticket` are in the file `fd`, which stays open until it is retired, or until restart()
  // returned.
  void written(Ticket ticket, int fd);
  // Asks for a sync now and not after the interval.
  void hurry();
  // Asks for a notify when the interval is over, whether there was anything to sync or not. Of no use with interval 0.
  void remind();
  // Nothing more is written to this file; it is closed after its sync.
  void retire(File file);
  // A file was made: its directory is to be synced before anything in it counts.
  void created();

  [[nodiscard]] News news() const;
  // After a failure: forget all files; go on with what is written from now on.
  void restart();
  // Syncs what is left, and ends the thread. It may be called again, for what came since: that is synced by the caller.
  void finish();

 private:
  struct Work {
    Ticket ticket = 0;
    int fd = -1;
    bool directory = false;
    std::vector<File> retired;
  };

  void run();
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] Status sync(const Work& work) const;

  const File directory_;
  const std::chrono::milliseconds interval_;
  const DiskCalls disk_;
  const std::function<void()> notify_;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  Work next_;
  News news_;
  bool hurry_ = false;
  bool remind_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace dictd
