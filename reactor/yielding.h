// Keeps a thread with long work from holding up the loop where both share a processor.
//
// A lower priority alone does not. The kernel's scheduler (EEVDF, since Linux 6.6) keeps account of what each thread has
// had: one that is owed some time, be it little, runs on to the next tick of the clock, up to 4 ms, while the loop waits.
// A thread that calls sched_yield(2) gives up what it is owed, and the loop goes on at once.
#pragma once

#include <ctime>

namespace reactor {

// For as long as it exists, the thread that made it yields its processor 2,500 times a second to threads that wait for
// it, whatever it is doing meanwhile. Made and destroyed on that thread; one at a time.
//
// A timer's signal interrupts it, SIGRTMIN, which is nothing else's in the process: system calls that SA_RESTART does not
// restart (signal(7)) give EINTR. Where the system has no timer left, or refuses, the thread just does not yield.
class Yielding {
 public:
  Yielding();
  ~Yielding();
  Yielding(const Yielding&) = delete;
  Yielding& operator=(const Yielding&) = delete;

 private:
  timer_t timer_ = nullptr;
  bool has_timer_ = false;
};

}  // namespace reactor
