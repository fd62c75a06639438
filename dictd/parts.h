// The strategies that look for the word itself in a key: at its beginning, at its end, anywhere, or as a word of it.
//
// A word of a key is a run of letters, digits and marks: "ice-cream" has two.
#pragma once

#include "dictd/error.h"
#include "dictd/strategy.h"

namespace dictd {

Result<void> find_prefix(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_prefix(const Question& question);

// "skip#count#word": of what prefix finds for the word, the `count` behind the first `skip`. Any other word is asked
// for as by prefix.
Result<void> find_page_of_prefix(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_page_of_prefix(const Question& question);

Result<void> find_suffix(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_suffix(const Question& question);

Result<void> find_substring(const Question& question, Matches& matches);

// As a word, or some in a row: anywhere, first in the key, last in it.
Result<void> find_word(const Question& question, Matches& matches);
Result<void> find_first_word(const Question& question, Matches& matches);
[[nodiscard]] bool is_quick_first_word(const Question& question);
Result<void> find_last_word(const Question& question, Matches& matches);

}  // namespace dictd
