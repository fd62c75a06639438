// The index of a dictionary of dictd (RFC 2229's first server): a line for each headword,
//
//   headword TAB offset TAB size [TAB headword as it shall be shown]
//
// the numbers in base 64 (A–Z a–z 0–9 + /), most significant digit first. Headwords that begin with 00-database- or
// 00database tell of the dictionary itself. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "words/data_file.h"

namespace words {

struct IndexLine {
  std::string_view headword;  // as it shall be shown; a part of the line
  Part definition;
};

// Reads one line, without its LF.
[[nodiscard]] tl::expected<IndexLine, std::string> read_index_line(std::string_view line);

// What such a headword tells of, without hyphens (short, info, 8bitnew …); nullopt: it is a headword like others.
[[nodiscard]] std::optional<std::string> dictionary_header(std::string_view headword);
// The text of such a header, without the line in which some repeat its name.
[[nodiscard]] std::string_view header_text(std::string_view header, std::string_view definition);

}  // namespace words
