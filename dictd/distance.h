// The strategies lev and dlev: keys a few characters away from a word. Characters are code points.
#pragma once

#include "dictd/error.h"
#include "dictd/strategy.h"

namespace dictd {

inline constexpr unsigned kMaxDistance = 4;  // beyond, most words of ten letters are near each other

// Within distance one, the key itself first: without a look at all keys. An exchange of neighbours counts as one, as in
// dictd of dict.org, since it is the slip of a typing hand.
Result<void> find_near(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_near(const Question& question);

// Within question.distance, the nearest first: characters inserted, left out or replaced (lev), or exchanged with
// their neighbour as well, in which case neither is changed again (dlev).
Result<void> find_lev(const Question& question, Matches& matches);
Result<void> find_dlev(const Question& question, Matches& matches);

}  // namespace dictd
