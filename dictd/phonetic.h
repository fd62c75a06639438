// How a word sounds, as a code that words which sound alike share; and the strategies soundex and metaphone.
//
// Made for English and its names. Only letters of the Latin alphabet count, with their accents taken away; the code of
// a word without any is empty, and matches nothing.
#pragma once

#include <string>
#include <string_view>

#include "dictd/error.h"
#include "dictd/strategy.h"

namespace dictd {

// Makes `code` the Soundex of a key: its first letter and three digits for the consonants that follow, of all its words
// as if they were one. Two letters of one class count once if nothing stands between them, not even H or W.
void soundex(std::string_view key, std::string& code);

// Makes `code` the Metaphone of a key (Lawrence Philips, 1990): the sounds of each of its words, one after the other,
// however many they are. 0 is the sound of TH, and X that of SH.
void metaphone(std::string_view key, std::string& code);

Result<void> find_soundex(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_soundex(const Question& question);
Result<void> find_metaphone(const Question& question, Matches& matches);

}  // namespace dictd
