#include "dictd/matches.h"

#include <algorithm>
#include <numeric>

namespace dictd {

Matches::Matches(const Index& index, const Scope& scope, std::size_t most, std::vector<Entry>& results)
    : index_(index), scope_(scope), most_(most), results_(results), counts_(scope.dictionaries.size()) {
  results_.clear();
}

void Matches::page(std::size_t skipped, std::size_t count) {
  skipped_ = skipped;
  page_ends_ = count <= most_;
  most_ = std::min(most_, count);
}

bool Matches::add(Index::Place key) {
  first_of_key_ = results_.size();
  index_.each_entry(key, [this](Index::Place entry, std::uint16_t dictionary) { add_entry(entry, dictionary); });
  return !counts_.empty() && counts_.front() <= skipped_ + most_;
}

void Matches::add_entry(Index::Place entry, std::uint16_t dictionary) {
  const auto in_scope = std::ranges::find(scope_.dictionaries, dictionary);
  if (in_scope == scope_.dictionaries.end()) return;
  const auto rank = static_cast<std::size_t>(in_scope - scope_.dictionaries.begin());
  if (counts_[rank] > skipped_ + most_) return;
  const auto others = results_.size();
  results_.emplace_back() = index_.entry(entry);
  for (auto other = first_of_key_; other < others; ++other) {
    const bool repeats = results_[other].headword == results_.back().headword;
    if (repeats && (ranks_.empty() || ranks_[other] == rank)) return results_.pop_back();
  }
  if (counts_.size() > 1) ranks_.push_back(rank);
  ++counts_[rank];
}

Matched Matches::finish() {
  if (!std::ranges::is_sorted(ranks_)) sort_by_rank();
  if (scope_.first_only) {
    const auto first = std::ranges::find_if(counts_, [](std::size_t count) { return count > 0; });
    if (first != counts_.end()) results_.resize(*first);
  }
  results_.erase(results_.begin(), results_.begin() + static_cast<std::ptrdiff_t>(std::min(skipped_, results_.size())));
  const bool more = results_.size() > most_ && !page_ends_;
  if (results_.size() > most_) results_.resize(most_);
  return {more};
}

void Matches::sort_by_rank() {
  std::vector<std::size_t> order(results_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [this](std::size_t n) { return ranks_[n]; });
  std::vector<Entry> sorted;
  sorted.reserve(order.size());
  for (const auto n : order) sorted.push_back(results_[n]);
  results_.swap(sorted);
}

}  // namespace dictd
