// The keys one slip of the typing hand away from a word, without a look at all the others.
//
// A pure function over an Index, for every thread. Greater distances are distance.h's.
#pragma once

#include <string_view>
#include <vector>

#include "dictd/index.h"

namespace dictd {

// The keys that one character inserted, left out, replaced or exchanged with its neighbour makes of the word; in their
// order, without repeats.
[[nodiscard]] std::vector<Index::Place> neighbours(const Index& index, std::string_view word);

}  // namespace dictd
