// The strategies of RFC 2229's MATCH: finding the headwords that are like a word.
//
// Pure functions over an Index, for every thread. A strategy sees the folded keys, so case never matters to it. What
// may take long has a deadline, and does not belong on the event loop: is_quick() says which that is. What answers a
// look-up is index.h's.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dictd/error.h"
#include "dictd/index.h"

namespace dictd {

class Matches;

struct MatchLimits {
  std::size_t results;
  std::chrono::steady_clock::time_point deadline;
};

struct Matched {
  bool more;  // there were more than limits.results
};

// What a strategy is asked; refers to what outlives the answer.
struct Question {
  const Index& index;
  const Sought& sought;
  const Scope& scope;
  const MatchLimits& limits;
  unsigned distance;
};

// One way to find headwords like a word. Another strategy is two functions and a row.
struct Strategy {
  std::string_view name;         // as RFC 2229 clients ask for it
  std::string_view description;  // one line for SHOW STRATEGIES
  // Gives the keys to `matches` in the order in which they shall be answered.
  Result<void> (*find)(const Question& question, Matches& matches);
  // Whether find() looks at no more than some kQuickKeys keys.
  bool (*is_quick)(const Question& question);
  unsigned distance = 1;    // for those that count one
  bool is_pattern = false;  // white space at the ends of what is asked for is part of it
};
inline constexpr std::size_t kQuickKeys = 2000;

// What strategies are written with.
[[nodiscard]] bool has_few_keys(const Question& question);
[[nodiscard]] bool is_overdue(const Question& question);
[[nodiscard]] Error took_too_long();

// What SHOW STRATEGIES lists. Of these `exact` finds what a look-up is answered with; parts.h, pattern.h, phonetic.h and
// distance.h say what the others find.
[[nodiscard]] std::span<const Strategy> strategies();

// The strategy of that name, also of one with a distance (lev2). "." is the default of the only dictionary that will be
// asked, or lev. Null if there is none.
[[nodiscard]] std::optional<Strategy> find_strategy(std::string_view name);

// Replaces results by the headwords of the scope's dictionaries that the strategy finds, at most limits.results of
// them and each once for a dictionary: those of the scope's first dictionary, then those of the next, of each in the
// strategy's order. kBadRequest if a pattern is none, or too large; kOverloaded if the deadline passed.
[[nodiscard]] Result<Matched> match(const Index& index, const Strategy& strategy, const Sought& sought,
                                    const Scope& scope, const MatchLimits& limits, std::vector<Entry>& results);

// Whether match() with that limit takes so little that the event loop may do it.
[[nodiscard]] bool is_quick(const Index& index, const Strategy& strategy, const Sought& sought, const Scope& scope,
                            std::size_t limit);

}  // namespace dictd
