#include "dictd/strategy.h"

#include <algorithm>
#include <array>

#include "dictd/answers.h"
#include "dictd/distance.h"
#include "dictd/matches.h"
#include "dictd/parts.h"
#include "dictd/pattern.h"
#include "dictd/phonetic.h"

namespace dictd {
namespace {

bool always(const Question& /*question*/) { return true; }
bool never(const Question& /*question*/) { return false; }

Result<void> find_exact(const Question& question, Matches& matches) {
  const auto& [index, sought, scope, limits, distance] = question;
  for (const auto entry : answers(index, index.find(sought.key), sought, scope)) matches.add_entry(entry);
  return {};
}

constexpr std::string_view kDefaultStrategy = "lev";

constexpr std::array kStrategies = {
    Strategy{"exact", "Match headwords exactly", find_exact, always},
    Strategy{"prefix", "Match prefixes", find_prefix, is_quick_prefix},
    Strategy{"nprefix", "Match prefixes (skip#count#prefix)", find_page_of_prefix, is_quick_page_of_prefix},
    Strategy{"suffix", "Match suffixes", find_suffix, is_quick_suffix},
    Strategy{"substring", "Match a substring anywhere in a headword", find_substring, has_few_keys},
    Strategy{"word", "Match separate words within headwords", find_word, has_few_keys},
    Strategy{"first", "Match the first word within headwords", find_first_word, is_quick_first_word},
    Strategy{"last", "Match the last word within headwords", find_last_word, is_quick_suffix},
    Strategy{"re", "POSIX extended regular expressions", find_extended, never, 0, true},
    Strategy{"regexp", "POSIX basic regular expressions", find_basic, never, 0, true},
    Strategy{"soundex", "Match headwords that sound alike (Soundex)", find_soundex, is_quick_soundex},
    Strategy{"metaphone", "Match headwords that sound alike (Metaphone)", find_metaphone, has_few_keys},
    Strategy{"lev", "Match headwords within Levenshtein distance one (lev1 to lev4: that distance)", find_near,
             is_quick_near},
    Strategy{"dlev", "Match headwords within Damerau-Levenshtein distance one (dlev1 to dlev4: that distance)",
             find_near, is_quick_near},
};

// Those that are not listed, for there would be no end of them.
constexpr std::array kFurtherStrategies = {
    Strategy{"lev1", "Match headwords within Levenshtein distance 1", find_lev, has_few_keys, 1},
    Strategy{"lev2", "Match headwords within Levenshtein distance 2", find_lev, has_few_keys, 2},
    Strategy{"lev3", "Match headwords within Levenshtein distance 3", find_lev, has_few_keys, 3},
    Strategy{"lev4", "Match headwords within Levenshtein distance 4", find_lev, has_few_keys, 4},
    Strategy{"dlev1", "Match headwords within Damerau-Levenshtein distance 1", find_near, is_quick_near, 1},
    Strategy{"dlev2", "Match headwords within Damerau-Levenshtein distance 2", find_dlev, has_few_keys, 2},
    Strategy{"dlev3", "Match headwords within Damerau-Levenshtein distance 3", find_dlev, has_few_keys, 3},
    Strategy{"dlev4", "Match headwords within Damerau-Levenshtein distance 4", find_dlev, has_few_keys, 4},
};

// What "." is found as: which strategy that is depends on the scope.
constexpr Strategy kDefault{".", "The default of the dictionary, or of the server", nullptr, nullptr};

Strategy resolve(const Strategy& strategy, const Scope& scope) {
  if (strategy.find != nullptr) return strategy;
  const auto found = find_strategy(scope.default_strategy);
  return found && found->find != nullptr ? *found : *find_strategy(kDefaultStrategy);
}

}  // namespace

bool has_few_keys(const Question& question) { return question.index.by_front().size() <= kQuickKeys; }

bool is_overdue(const Question& question) { return std::chrono::steady_clock::now() >= question.limits.deadline; }

Error took_too_long() {
  return {ErrorCode::kOverloaded, "it took too long to look through the headwords; ask for something simpler"};
}

std::span<const Strategy> strategies() { return kStrategies; }

std::optional<Strategy> find_strategy(std::string_view name) {
  if (name == kDefault.name) return kDefault;
  for (const std::span<const Strategy> rows : {strategies(), std::span<const Strategy>(kFurtherStrategies)}) {
    const auto found = std::ranges::find(rows, name, &Strategy::name);
    if (found != rows.end()) return *found;
  }
  return std::nullopt;
}

Result<Matched> match(const Index& index, const Strategy& strategy, const Sought& sought, const Scope& scope,
                      const MatchLimits& limits, std::vector<Entry>& results) {
  const auto resolved = resolve(strategy, scope);
  Matches matches(index, scope, limits.results, results);
  if (auto found = resolved.find({index, sought, scope, limits, resolved.distance}, matches); !found) {
    results.clear();
    return tl::unexpected(std::move(found).error());
  }
  return matches.finish();
}

bool is_quick(const Index& index, const Strategy& strategy, const Sought& sought, const Scope& scope,
              std::size_t limit) {
  const auto resolved = resolve(strategy, scope);
  const MatchLimits limits{limit, {}};
  return resolved.is_quick({index, sought, scope, limits, resolved.distance});
}

}  // namespace dictd
