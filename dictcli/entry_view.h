// How the answer to a look-up is shown: entries, or a miss with the words near it. Pure: text out, ending in
// a newline.
//
//   apple                          apple  [wordbook]      (the dictionary's name only when there are several)
//     n. 苹果；苹果树                n. 苹果；苹果树
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"

namespace dictcli {

// Meanings wrapped to `width` columns, 0 for no limit.
[[nodiscard]] std::string show_entries(const std::vector<Entry>& entries, std::size_t width);
[[nodiscard]] std::string show_miss(std::string_view word, const std::vector<std::string>& near, Language language);

}  // namespace dictcli
