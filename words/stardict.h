// The files of a StarDict dictionary (StarDictFileFormat 2.4.2 and 3.0.0), as far as they are bytes. Pure functions.
//
//   .ifo  lines NAME=VALUE after a first line that says what it is
//   .idx  headword NUL OFFSET(4, or 8 if idxoffsetbits is 64) SIZE(4)      of its text in .dict
//   .syn  further headword NUL NUMBER(4)                                   of the headword in .idx, from 0
//   .dict the texts: fields, each with its type before it, a letter; or, with sametypesequence, without
//
// A field of a type in lower case ends with NUL; one in upper case begins with its size(4). The last field of a text in a
// dictionary with sametypesequence has neither. Numbers are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "words/charset.h"
#include "words/data_file.h"

namespace words {

struct StardictInfo {
  std::uint64_t words = 0;     // how many .idx has
  std::uint64_t synonyms = 0;  // how many .syn has
  std::uint64_t index_bytes = 0;
  bool wide_offsets = false;  // of 64 bits
  std::string same_types;     // sametypesequence
  std::string title, author, email, website, description, date;
};
[[nodiscard]] tl::expected<StardictInfo, std::string> read_stardict_info(std::string_view ifo);

// A headword and what is known of it.
constexpr std::size_t kMaxStardictWordBytes = 4096;  // the format says 255
struct StardictWord {
  std::string_view headword;
  Part text;                 // in .idx
  std::uint64_t number = 0;  // in .syn
};
enum class StardictList { kIndex, kWideIndex, kSynonyms };
// Takes the next one off `bytes`; nullopt: there is more of it to come. An error is of bytes that cannot be one.
[[nodiscard]] tl::expected<std::optional<StardictWord>, std::string> take_stardict_word(std::string_view& bytes,
                                                                                        StardictList list);

// The meaning that a text of .dict has: the fields that are text, each on lines of its own, markup turned into text (if
// it is UTF-8; the sink tells of what is not). Pictures, sounds and lists of files are left out. An error says that fields
// do not fit.
[[nodiscard]] tl::expected<std::string, std::string> read_stardict_text(std::string_view text,
                                                                        std::string_view same_types, Charset& charset);

}  // namespace words
