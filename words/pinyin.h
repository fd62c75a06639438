// Pinyin as CC-CEDICT writes it (`lu:4 xing2`), in the two other ways in which people type it. Pure functions.
//
// Syllables are apart or together as they were; what has no number (a letter, a dot) stays as it is.
#pragma once

#include <string>
#include <string_view>

namespace words {

[[nodiscard]] std::string with_tone_marks(std::string_view numbered);  // lǜ xíng
[[nodiscard]] std::string without_tones(std::string_view numbered);    // lü xing

}  // namespace words
