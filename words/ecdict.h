// ECDICT's columns: word, phonetic, definition, translation, pos, collins, oxford, tag, bnc, frq, exchange, detail, audio.
//
// They are found by the names in the first record. The meaning is made of three, each on lines of its own: [phonetic],
// definition (English), translation (Chinese), in which `\n` is a new line; the other columns are statistics. `exchange`
// (`d:perceived/p:perceived/0:perceive`) has the forms of the word, which are further headwords; those of the types 0 and
// 1 tell what the word itself is a form of, and are none. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "words/entry.h"

namespace words {

// Where which column stands.
struct EcdictColumns {
  std::size_t count = 0;
  std::size_t word = 0;
  std::optional<std::size_t> phonetic, definition, translation, exchange;
};

// nullopt: these are not the names of ECDICT's columns.
[[nodiscard]] std::optional<EcdictColumns> find_ecdict_columns(std::span<const std::string> names);
// Fields that are missing at the end are empty.
[[nodiscard]] tl::expected<Record, std::string> read_ecdict_record(const EcdictColumns& columns,
                                                                   std::span<const std::string> fields);

}  // namespace words
