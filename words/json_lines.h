// The form in which a dictionary is exported, and loaded again to the same rows: JSON Lines, one object a line.
//
//   {"dictionary":"wn","title":"WordNet","properties":{"licence":"…"}}    the first line; it may be missing
//   {"headword":"apple","meaning":"a fruit"}
//   {"headword":"colour","also":["color"],"meaning":"…"}                  further headwords, right after the first
//   {"headword":"colours","same_as":2}                                     of the 2nd line that has a meaning
//
// UTF-8; other keys mean nothing. Since lines are counted, a file with a line that is not of this form is refused as a
// whole. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "words/entry.h"

namespace words {

constexpr std::size_t kMaxJsonLineBytes = 8 * kMaxMeaningBytes;  // a character may be written with six bytes

struct JsonHeader {
  std::string dictionary;  // its name; empty: none
  std::string title;
  std::vector<std::pair<std::string, std::string>> properties;

  friend bool operator==(const JsonHeader&, const JsonHeader&) = default;
};
struct JsonAlias {
  std::string headword;
  std::uint64_t same_as = 0;  // from 1

  friend bool operator==(const JsonAlias&, const JsonAlias&) = default;
};
using JsonLine = std::variant<Blank, JsonHeader, Record, JsonAlias, BadLine>;

// Reads one line, without its LF.
[[nodiscard]] JsonLine read_json_line(std::string_view line);
// One line, with its LF. All texts are UTF-8.
[[nodiscard]] std::string to_json_line(const JsonHeader& header);
[[nodiscard]] std::string to_json_line(const Record& record);
[[nodiscard]] std::string to_json_line(const JsonAlias& alias);

}  // namespace words
