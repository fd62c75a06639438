// Text as a terminal shows it: its width in columns, cut, padded and wrapped by that width.
//
// A Chinese character takes two columns, a combining one none (Unicode East Asian Width, by utf8proc). Pure
// functions over UTF-8; bytes that are not UTF-8, and control characters, count one column and are shown as
// U+FFFD, since what a server sends must never steer the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dictcli {

// `text` safe to print on one line: each control character (C0, DEL, C1, bidirectional overrides) and each invalid byte
// is U+FFFD, a tab is a space.
[[nodiscard]] std::string printable(std::string_view text);
// The same, but its lines stay, ended by LF or CRLF, and a tab fills its line up to the next eighth column.
[[nodiscard]] std::string printable_lines(std::string_view text);

// Of printable text without newlines.
[[nodiscard]] std::size_t display_width(std::string_view text);
// Filled with spaces to `width`, or cut with … as its last column; never wider than `width`, which is 1 or
// more.
[[nodiscard]] std::string fit(std::string_view text, std::size_t width);
// Lines no wider than `width` (0: no limit), parted at spaces and between wide characters, but never before
// closing punctuation; a word that is wider than a line is cut. What is parted stays as far to the right as its line
// began, up to half of the width. Newlines of the text stay. At least one line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace dictcli
