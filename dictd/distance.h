// The strategies lev and dlev: keys at a small distance from a word.
#pragma once

#include "dictd/error.h"
#include "dictd/strategy.h"

namespace dictd {

inline constexpr unsigned kMaxDistance = 4;  // beyond, most words of ten letters are near each other

// Within distance one, where an exchange of neighbours counts as one: quickly.
Result<void> find_near(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_near(const Question& question);

// Within question.distance, the nearest first: characters inserted, left out or replaced (lev), or exchanged with
// their neighbour as well, in which case neither is changed again (dlev).
Result<void> find_lev(const Question& question, Matches& matches);
Result<void> find_dlev(const Question& question, Matches& matches);

}  // namespace dictd
