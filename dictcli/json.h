// What dictcli --json prints: one object a line (RFC 8259, UTF-8), for each word …
//
// {"word":"apple","found":true,"entries":[{"dictionary":"…","headword":"…","meaning":"…"}]}
// {"word":"appel","found":false,"near":["apple"]}
// … with --match for each word, and with --list for each dictionary:
// {"word":"appl","found":true,"matches":[{"dictionary":"…","headword":"…"}]}
// {"name":"…","title":"…","headwords":12297}
// Pure functions. Text is not changed for a terminal: JSON's own escapes already keep control characters out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dictcli/client.h"

namespace dictcli {

// With its quotes. Bytes that are not UTF-8 become U+FFFD: JSON cannot hold them.
[[nodiscard]] std::string json_string(std::string_view text);
// These end with a newline.
[[nodiscard]] std::string json_found(std::string_view word, const std::vector<Entry>& entries);
[[nodiscard]] std::string json_missed(std::string_view word, const std::vector<std::string>& near);
[[nodiscard]] std::string json_matches(std::string_view word, const std::vector<Match>& matches);
[[nodiscard]] std::string json_dictionary(const Dictionary& dictionary);

}  // namespace dictcli
