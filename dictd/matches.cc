#include "dictd/matches.h"

#include <algorithm>

namespace dictd {

Matches::Matches(const Index& index, const Scope& scope, std::size_t most)
    : index_(index), scope_(scope), most_(most), counts_(scope.dictionaries.size()) {
  constexpr std::size_t kUsualAnswer = 64;
  found_.reserve(std::min(most, kUsualAnswer));
}

void Matches::page(std::size_t skipped, std::size_t count) {
  skipped_ = skipped;
  page_ends_ = count <= most_;
  most_ = std::min(most_, count);
}

bool Matches::add(Index::Place key) {
  first_of_key_ = found_.size();
  index_.each_entry(key, [this](Index::Place entry, std::uint16_t dictionary) { add_entry(entry, dictionary); });
  return !counts_.empty() && counts_.front() <= skipped_ + most_;
}

void Matches::add_entry(Index::Place entry, std::uint16_t dictionary) {
  const auto in_scope = std::ranges::find(scope_.dictionaries, dictionary);
  if (in_scope == scope_.dictionaries.end()) return;
  const auto rank = static_cast<std::size_t>(in_scope - scope_.dictionaries.begin());
  if (counts_[rank] > skipped_ + most_) return;
  const auto repeats = [&](const Found& other) {
    return other.rank == rank && index_.entry(other.entry).headword == index_.entry(entry).headword;
  };
  if (std::any_of(found_.begin() + static_cast<std::ptrdiff_t>(first_of_key_), found_.end(), repeats)) return;
  found_.push_back({rank, entry});
  ++counts_[rank];
}

Matched Matches::finish(std::vector<Entry>& results) {
  results.clear();
  if (counts_.size() > 1) std::ranges::stable_sort(found_, {}, &Found::rank);
  std::span<const Found> answer = found_;
  if (scope_.first_only) {
    const auto first = std::ranges::find_if(counts_, [](std::size_t count) { return count > 0; });
    if (first != counts_.end()) answer = answer.first(*first);
  }
  answer = answer.subspan(std::min(skipped_, answer.size()));
  const bool more = answer.size() > most_ && !page_ends_;
  for (const auto& [rank, entry] : answer.first(std::min(most_, answer.size()))) results.push_back(index_.entry(entry));
  return {more};
}

}  // namespace dictd
