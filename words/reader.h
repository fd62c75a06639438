// The format of a wordbook, read line by line: `apple  n. 苹果；苹果树`.
//
// UTF-8, one entry a line. The first tab, or the first two or more spaces, part headword and meaning, so a
// headword may hold single spaces (`ice cream`); a line with neither is split at its first space. White space
// around a line and around both parts does not count; a line may end in CR LF, and the first may begin with a
// byte order mark. Blank lines and lines that start with `#` are passed over. A meaning may hold further
// tabs; there are no other control characters, no escapes, and no entries over several lines. Pure functions;
// files and databases are not for here (see text_files.h).
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "words/entry.h"

namespace words {

constexpr std::size_t kMaxLineBytes = kMaxMeaningBytes + (1 << 14);  // without its end

struct Entry {
  std::string_view headword;  // both are parts of the line
  std::string_view meaning;
};
using Line = std::variant<Blank, Entry, BadLine>;

// Reads one line, without its LF; `number` counts from 1.
[[nodiscard]] Line read_line(std::string_view line, std::size_t number);

}  // namespace words
