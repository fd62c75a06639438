// How threads share the processors with the loop's: those with slow work give way to it.
#pragma once

#include <sys/resource.h>

namespace reactor {

// For threads whose work somebody waits for, but which must not delay the loop's: about a tenth of a processor is left
// for them where the loop takes all it can get.
inline constexpr int kGivesWay = 10;
// For work that nobody waits for: it takes what is left over.
inline constexpr int kTakesWhatIsLeft = 19;

// Lowers the priority of the calling thread alone (as setpriority(2) does on Linux). There is no way back: raising it
// again takes privileges, so work that has become urgent is for another thread.
inline void lower_priority(int nice) {
  if (::getpriority(PRIO_PROCESS, 0) < nice) (void)::setpriority(PRIO_PROCESS, 0, nice);  // lowering cannot fail
}

}  // namespace reactor
