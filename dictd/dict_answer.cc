#include "dictd/dict_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace dictd::dict {
namespace {

constexpr std::string_view kEndOfLine = "\r\n";

}  // namespace

void append_status(reactor::Buffer& output, Code code, std::string_view text) {
  std::array<char, 4> digits{' ', ' ', ' ', ' '};  // all codes have three
  std::to_chars(digits.data(), digits.data() + 3, static_cast<int>(code));
  output.append({digits.data(), digits.size()});
  output.append(text);
  output.append(kEndOfLine);
}

void append_lines(reactor::Buffer& output, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    // In one piece: a definition has many short lines.
    const std::size_t stuffed = line.starts_with('.') ? 1 : 0;
    char* at = output.prepare(line.size() + stuffed + kEndOfLine.size()).data();
    if (stuffed != 0) *at++ = '.';
    if (!line.empty()) std::memcpy(at, line.data(), line.size());
    std::memcpy(at + line.size(), kEndOfLine.data(), kEndOfLine.size());
    output.commit(line.size() + stuffed + kEndOfLine.size());
  }
}

void append_end_of_text(reactor::Buffer& output) { output.append(".\r\n"); }

void append_quoted(reactor::Buffer& output, std::string_view text) {
  output.append("\"");
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of("\"\\"), text.size());
    output.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    output.append("\\");
    output.append(text.substr(0, 1));
    text.remove_prefix(1);
  }
  output.append("\"");
}

}  // namespace dictd::dict
