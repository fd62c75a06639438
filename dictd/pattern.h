// The strategies re and regexp: regular expressions over all keys, with a bound on memory and time.
//
// RE2 matches, which never takes longer than the text times the pattern, and refuses a pattern that is too large. `re`
// takes what POSIX calls extended expressions, with \b \d \s \w in addition; `regexp` the basic ones, which are
// rewritten as extended ones. Both match anywhere in a key unless anchored, and without regard to case.
#pragma once

#include <string>
#include <string_view>

#include "dictd/error.h"
#include "dictd/strategy.h"

namespace dictd {

inline constexpr std::size_t kMaxPatternBytes = 1024;

// A basic regular expression as an extended one. As in the GNU C library: \( \) \{ \} \| \+ \? are operators and the same
// without a backslash are not; a * at the beginning is a star, ^ and $ elsewhere than at the ends stand for themselves;
// \< and \> are \b. Within brackets a backslash stands for itself. kBadRequest for back-references, which nothing that
// keeps its bounds can match, and for a bracket that does not end; what else may be wrong shows when it is matched.
[[nodiscard]] Result<std::string> extended_from_basic(std::string_view pattern);

Result<void> find_extended(const Question& question, Matches& matches);
Result<void> find_basic(const Question& question, Matches& matches);

}  // namespace dictd
