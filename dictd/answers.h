// Which entries answer a look-up, where that is a matter of choice: of dictionaries, of case, of accents.
//
// A pure function over an Index, for every thread. What needs no choice, and that is most look-ups, never comes here.
#pragma once

#include <vector>

#include "dictd/index.h"

namespace dictd {

// The places of the entries that Index::entries() promises, in its order.
[[nodiscard]] std::vector<Index::Place> answers(const Index& index, Index::Place place, const Sought& sought,
                                                const Scope& scope);

}  // namespace dictd
