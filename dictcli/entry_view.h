// How the answer to a look-up is shown: entries, or a miss with the words near it. Pure: text out, ending in
// a newline.
//
//   apple                          ---- WordNet (r) 3.0 (2006) [wn] ----
//     n. 苹果；苹果树               apple
//                                        n 1: fruit with red or yellow or green skin …
//
// A line names the dictionary above its entries, unless the server has no other. A meaning of several lines that
// begins with its headword, as those of dictd's format do, needs no headword above it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"

namespace dictcli {

// `dictionaries` are those that the server lists; none if it is not known. Lines are wrapped to `width` columns, 0 for
// no limit.
[[nodiscard]] std::string show_entries(const std::vector<Entry>& entries, const std::vector<Dictionary>& dictionaries,
                                       std::size_t width);
[[nodiscard]] std::string show_miss(std::string_view word, const std::vector<std::string>& near, Language language);

}  // namespace dictcli
