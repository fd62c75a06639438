// What the DICT protocol (RFC 2229) answers with, as bytes appended to a buffer.
//
// A status is `code text CRLF`. A text is lines that end with CRLF, in which a period at the front is doubled, and ends
// with a line of one period (section 2.4.3). A headword or a title stands in double quotes, with backslashes before
// those it holds, so that it can be given back as a parameter as it stands.
#pragma once

#include <string_view>

#include "dictd/dict_command.h"
#include "reactor/buffer.h"

namespace dictd::dict {

void append_status(reactor::Buffer& output, Code code, std::string_view text);

// Lines of a text; ends of lines are LF or CRLF, and the last may have none. Not the period at the end.
void append_lines(reactor::Buffer& output, std::string_view text);
void append_end_of_text(reactor::Buffer& output);

void append_quoted(reactor::Buffer& output, std::string_view text);

}  // namespace dictd::dict
