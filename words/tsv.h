// Lines of two columns, as spreadsheets and StarDict's tabfile have them: headword TAB meaning.
//
// In the meaning `\n` is a new line, `\t` a tab and `\\` a backslash; a third column belongs to it. There are no
// comments: a headword may begin with #. A pure function.
#pragma once

#include <string_view>
#include <variant>

#include "words/entry.h"

namespace words {

// Reads one line, without its LF.
[[nodiscard]] std::variant<Blank, Record, BadLine> read_tsv_line(std::string_view line);

}  // namespace words
