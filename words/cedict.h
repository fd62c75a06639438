// The lines of CC-CEDICT and its sisters: `中國 中国 [Zhong1 guo2] /China/Middle Kingdom/`.
//
// The traditional form is the headword; the simplified one and the pinyin, with tone numbers, with tone marks and
// without tones, are further ones. The meaning is `中國 中国 [Zhong1 guo2]` and then a line for each gloss. Lines that begin
// with # are comments; `#! license=…` is a property of the dictionary. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "words/entry.h"

namespace words {

struct CedictHeader {
  std::string name;  // as the file has it: license, publisher, date …
  std::string value;
};
using CedictLine = std::variant<Blank, CedictHeader, Record, BadLine>;

// Reads one line, without its LF.
[[nodiscard]] CedictLine read_cedict_line(std::string_view line);

}  // namespace words
