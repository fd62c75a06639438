// What a word is, and when two words are the same word: validity, length, white space and the key they are
// found by.
//
// Pure functions over bytes, for every thread; nothing is kept between calls. A character is a Unicode code
// point, white space is the property White_Space of Unicode (so no-break and ideographic spaces too,
// zero-width ones not). Not for names of users, which are compared byte by byte, and not for the order in
// which people sort.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dictd {

// A word has 1 to this many characters, white space around it not counted. The limit holds for a word as
// typed or written: its key can be longer (ß becomes ss), but never more than kMaxKeyGrowth times the bytes.
inline constexpr std::size_t kMaxWordCharacters = 255;
inline constexpr std::size_t kMaxWordBytes = kMaxWordCharacters * 4;
inline constexpr std::size_t kMaxKeyGrowth = 3;
inline constexpr std::size_t kMaxKeyBytes = kMaxWordBytes * kMaxKeyGrowth;

// Whether all of `text` is well-formed UTF-8: nothing overlong, no surrogates, nothing above U+10FFFF,
// nothing cut off. NUL and other control characters are well-formed; who does not want them has to say so.
[[nodiscard]] bool valid_utf8_beyond_ascii(std::string_view text);
[[nodiscard]] inline bool valid_utf8(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80 || valid_utf8_beyond_ascii(text);
}

// The number of characters of valid UTF-8. Of anything else, a number no larger than its bytes.
[[nodiscard]] std::size_t count_characters(std::string_view text);

// `text` without the white space at both ends; a view into it. Bytes that are not UTF-8 are not white space.
[[nodiscard]] std::string_view trim(std::string_view text);

// Whether valid UTF-8 begins, or ends, with a character that words are made of: a letter, a digit or a mark.
[[nodiscard]] bool begins_in_word(std::string_view text);
[[nodiscard]] bool ends_in_word(std::string_view text);

// Whether there is a white-space character anywhere in valid UTF-8.
[[nodiscard]] bool has_white_space(std::string_view text);

// Whether there is a control character (U+0000 to U+001F, U+007F to U+009F) that is not among `allowed`, in valid UTF-8.
[[nodiscard]] bool has_control_character(std::string_view text, std::string_view allowed = {});

// Makes `key` the key by which `word` is found: two words are the same word exactly if their keys are the
// same bytes.
// - Case is folded the full Unicode way (STRASSE = straße, ΣΑΣ = σας), the same in every language.
// - Canonically equivalent spellings are equal (é = e + combining acute). The key is in NFC, so that a
//   distance counted in characters is what a reader expects. Compatibility forms stay apart (m² is not m2):
//   NFKC would merge headwords that a dictionary has both of.
// - Runs of white space become one space, and none is left at the ends; that of white space alone is empty.
//
// Folding a key gives the same key. `word` is valid UTF-8 (else programmer's error) and no view of `key`.
// Does not allocate for ASCII that fits into the capacity of `key`.
void fold(std::string_view word, std::string& key);

// The same, but the case is kept: two words are the same word in the same case exactly if these forms are the same
// bytes.
void fold_keeping_case(std::string_view word, std::string& form);

// Makes `bare` the bare form of a key (or of a form with its case kept): without accents, and without anything that is
// neither letter, digit nor white space; empty if nothing is left. It is its own bare form, and the key of itself.
// - An accent is a mark (category Mn) beside or across its letter: é is e. Marks that are vowels, or make another
//   letter, are no accents, as in the scripts of India and in kana: が is not か (combining classes 0, 7, 8 and 9).
// - Letters that do not decompose stay what they are: ø is not o.
void bare_form(std::string_view key, std::string& bare);

// The short way for most words: whether `word` is ASCII without white space and control characters, and then `key` is
// its key. Such a word is valid, trimmed, and has as many characters as bytes. If not, `key` is anything.
[[nodiscard]] bool fold_plain(std::string_view word, std::string& key);

}  // namespace dictd
