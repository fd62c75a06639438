// How threads share the processors with the loop's: those with slow work give way to it.
//
// There is no way back: raising a thread's priority again takes privileges, so work that has become urgent is for
// another thread.
#pragma once

#include <sched.h>
#include <sys/resource.h>

namespace reactor {

enum class Priority {
  kOrdinary,
  // For work that somebody waits for: about a quarter of a processor is left for it where the loop takes all it can get.
  kLower,
  // For work that nobody waits for: it gets what is left over, and the loop never waits for it to stop.
  kIdle,
};

// Of the calling thread alone, as both calls work on Linux; lowering cannot fail.
inline void set_priority(Priority priority) {
  constexpr int kNice = 5;
  const sched_param none{};
  switch (priority) {
    case Priority::kOrdinary: break;
    case Priority::kLower:
      if (::getpriority(PRIO_PROCESS, 0) < kNice) (void)::setpriority(PRIO_PROCESS, 0, kNice);
      break;
    case Priority::kIdle: (void)::sched_setscheduler(0, SCHED_IDLE, &none); break;
  }
}

}  // namespace reactor
