// What a strategy has found for one question: its keys' headwords, in the scope and within the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dictd/index.h"
#include "dictd/strategy.h"

namespace dictd {

// Lives for one match(), on its thread.
class Matches {
 public:
  // Replaces results by the answer, once it is finished.
  Matches(const Index& index, const Scope& scope, std::size_t most, std::vector<Entry>& results);

  // Leaves out the first `skipped` of the answer, and all after the `count` that follow.
  void page(std::size_t skipped, std::size_t count);

  // Adds the headwords of a key, each of a dictionary once. False if none that comes later can be in the answer.
  bool add(Index::Place key);
  // Adds one of these, for those who choose among the entries themselves; the headwords of a key in a row.
  void add_entry(Index::Place entry) { add_entry(entry, index_.dictionary_of(entry)); }

  // The last call.
  [[nodiscard]] Matched finish();

 private:
  void add_entry(Index::Place entry, std::uint16_t dictionary);
  void sort_by_rank();

  const Index& index_;
  const Scope& scope_;
  std::size_t most_;
  std::size_t skipped_ = 0;
  bool page_ends_ = false;           // what is behind the page was not asked for
  std::vector<Entry>& results_;      // at most one more of a dictionary than can be in the answer
  std::vector<std::size_t> ranks_;   // of their dictionaries in the scope, if that has several
  std::vector<std::size_t> counts_;  // by rank
  std::size_t first_of_key_ = 0;
};

}  // namespace dictd
