#include "dictd/strategy.h"

#include <algorithm>
#include <array>

#include "dictd/answers.h"
#include "dictd/key_order.h"
#include "dictd/matches.h"
#include "dictd/neighbours.h"

namespace dictd {
namespace {

using Place = Index::Place;

bool always(const Question& /*question*/) { return true; }

Result<void> find_exact(const Question& question, Matches& matches) {
  const auto& [index, sought, scope, limits, distance] = question;
  for (const auto entry : answers(index, index.find(sought.key), sought, scope)) matches.add_entry(entry);
  return {};
}

// Where the keys that begin with the word begin among by_front.
auto first_with_prefix(const Index& index, std::string_view prefix) {
  return std::ranges::lower_bound(index.by_front(), prefix, {}, [&](Place place) { return index.key(place); });
}

Result<void> find_prefix(const Question& question, Matches& matches) {
  const auto& index = question.index;
  const auto prefix = question.sought.key;
  for (auto at = first_with_prefix(index, prefix); at != index.by_front().end(); ++at) {
    if (!index.key(*at).starts_with(prefix) || !matches.add(*at)) break;
  }
  return {};
}

bool is_quick_prefix(const Question& question) {
  const auto& index = question.index;
  if (index.dictionaries().size() == 1 && question.limits.results < kQuickKeys) return true;
  const auto first = first_with_prefix(index, question.sought.key);
  if (index.by_front().end() - first <= static_cast<std::ptrdiff_t>(kQuickKeys)) return true;
  return !index.key(first[kQuickKeys]).starts_with(question.sought.key);
}

Result<void> find_near(const Question& question, Matches& matches) {
  const auto& index = question.index;
  const auto key = question.sought.key;
  if (const auto place = index.find(key); place != Index::kNowhere && !matches.add(place)) return {};
  for (const auto place : neighbours(index, key)) {
    if (!matches.add(place)) break;
  }
  return {};
}

// Of a word of one character every other begins or ends in it with one left out, so all first characters are tried.
bool is_quick_near(const Question& question) {
  const auto key = question.sought.key;
  return FromFront::first_character(key).size() < key.size() || question.index.by_front().size() <= kQuickKeys;
}

constexpr std::string_view kDefaultStrategy = "lev";

constexpr std::array kStrategies = {
    Strategy{"exact", "Match headwords exactly", find_exact, always},
    Strategy{"prefix", "Match prefixes", find_prefix, is_quick_prefix},
    Strategy{"lev", "Match headwords within Levenshtein distance one", find_near, is_quick_near},
};

// What "." is found as: which strategy that is depends on the scope.
constexpr Strategy kDefault{".", "The default of the dictionary, or of the server", nullptr, nullptr};

Strategy resolve(const Strategy& strategy, const Scope& scope) {
  if (strategy.find != nullptr) return strategy;
  const auto found = find_strategy(scope.default_strategy);
  return found && found->find != nullptr ? *found : *find_strategy(kDefaultStrategy);
}

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

std::optional<Strategy> find_strategy(std::string_view name) {
  if (name == kDefault.name) return kDefault;
  const auto* const found = std::ranges::find(kStrategies, name, &Strategy::name);
  if (found == kStrategies.end()) return std::nullopt;
  return *found;
}

Result<Matched> match(const Index& index, const Strategy& strategy, const Sought& sought, const Scope& scope,
                      const MatchLimits& limits, std::vector<Entry>& results) {
  results.clear();
  const auto resolved = resolve(strategy, scope);
  Matches matches(index, scope, limits.results);
  if (auto found = resolved.find({index, sought, scope, limits, resolved.distance}, matches); !found) {
    return tl::unexpected(std::move(found).error());
  }
  return matches.finish(results);
}

bool is_quick(const Index& index, const Strategy& strategy, const Sought& sought, const Scope& scope,
              std::size_t limit) {
  const auto resolved = resolve(strategy, scope);
  const MatchLimits limits{limit, {}};
  return resolved.is_quick({index, sought, scope, limits, resolved.distance});
}

}  // namespace dictd
