// What an entry of a dictionary may look like, whatever format it is from: limits, and what is done about text that is
// not as it should be. Pure functions.
//
// A headword that breaks a rule is not taken. A meaning is mended where that loses nothing that could be shown: bytes
// that are not UTF-8, and control characters other than LF and TAB, become U+FFFD; CR LF and CR become LF. The
// project's own format is stricter, for there the author can mend it (reader.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace words {

constexpr std::size_t kMaxHeadwordCharacters = 255;
constexpr std::size_t kMaxMeaningBytes = 1 << 20;
constexpr std::size_t kMaxNameCharacters = 64;    // of a dictionary
constexpr std::size_t kMaxTitleCharacters = 255;  // the same

// What a line of a text can be besides what it is there for.
struct Blank {};
struct BadLine {
  std::string reason;
};

// An entry as formats have it that know further headwords, or whose lines are not its text.
struct Record {
  std::string headword;
  std::vector<std::string> also;
  std::string meaning;

  friend bool operator==(const Record&, const Record&) = default;
};

// How a reason begins that another encoding would explain.
constexpr std::string_view kNotUtf8 = "not UTF-8";

// Why it cannot be what it is to be, as a part of a sentence; empty: it can. A headword has no white space around it.
[[nodiscard]] std::string complaint_about_headword(std::string_view headword);
[[nodiscard]] std::string complaint_about_meaning(std::string_view mended);
[[nodiscard]] std::string complaint_about_name(std::string_view dictionary);
[[nodiscard]] std::string complaint_about_title(std::string_view title);

// Makes `mended` of `text`, and says what was wrong with it; empty: nothing. Line ends are not worth a word.
[[nodiscard]] std::string mend(std::string_view text, std::string& mended);

// The first line of a file may begin with a byte order mark, which is none of its text; `number` counts from 1.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view line, std::size_t number);

// `text` with its escapes undone: a backslash and `n`, `r` or `t`, if it is among `letters`, and two backslashes. Any
// other backslash is one.
[[nodiscard]] std::string unescape(std::string_view text, std::string_view letters);

}  // namespace words
