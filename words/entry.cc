#include "words/entry.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

#include "dictd/fold.h"

namespace words {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_control(utf8proc_int32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

bool is_clean(std::string_view text) { return dictd::valid_utf8(text) && !dictd::has_control_character(text, "\n\t"); }

}  // namespace

std::string complaint_about_headword(std::string_view headword) {
  if (!dictd::valid_utf8(headword)) return fmt::format("{}, in the headword", kNotUtf8);
  if (headword.empty()) return "no headword";
  if (dictd::has_control_character(headword)) return "control character in the headword";
  if (dictd::count_characters(headword) <= kMaxHeadwordCharacters) return "";
  return fmt::format("headword of more than {} characters", kMaxHeadwordCharacters);
}

std::string complaint_about_meaning(std::string_view mended) {
  if (dictd::trim(mended).empty()) return "no meaning";
  if (mended.size() <= kMaxMeaningBytes) return "";
  return fmt::format("meaning of more than {} bytes", kMaxMeaningBytes);
}

// Clients name a dictionary on a line of words, and `!` and `*` stand for several (RFC 2229).
std::string complaint_about_name(std::string_view dictionary) {
  if (!dictd::valid_utf8(dictionary) || dictionary == "!" || dictionary == "*" ||
      dictionary.find_first_of("\"'\\") != std::string_view::npos) {
    return fmt::format("a dictionary cannot be named so: {}", dictionary);
  }
  if (dictd::has_white_space(dictionary) || dictd::has_control_character(dictionary)) {
    return "the name of a dictionary has no white space";
  }
  if (!dictionary.empty() && dictd::count_characters(dictionary) <= kMaxNameCharacters) return "";
  return fmt::format("the name of a dictionary has 1 to {} characters", kMaxNameCharacters);
}

std::string complaint_about_title(std::string_view title) {
  if (dictd::valid_utf8(title) && dictd::count_characters(title) <= kMaxTitleCharacters &&
      !dictd::has_control_character(title)) {
    return "";
  }
  return fmt::format("a title has at most {} characters of UTF-8, and no line ends", kMaxTitleCharacters);
}

std::string mend(std::string_view text, std::string& mended) {
  if (is_clean(text)) {
    mended = text;
    return "";
  }
  std::string wrong;
  mended.clear();
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &character);
    std::size_t taken = length > 0 ? static_cast<std::size_t>(length) : 1;
    if (character == '\r') {
      taken = text.starts_with("\r\n") ? 2 : 1;
      mended += '\n';
    } else if (length > 0 && (!is_control(character) || character == '\n' || character == '\t')) {
      mended += text.substr(0, taken);
    } else {
      mended += kReplacement;
      if (wrong.empty() || length <= 0) wrong = length > 0 ? "control character" : std::string(kNotUtf8);
    }
    text.remove_prefix(taken);
  }
  return wrong;
}

std::string_view without_byte_order_mark(std::string_view line, std::size_t number) {
  if (number == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

std::string unescape(std::string_view text, std::string_view letters) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next != '\\' && (next == '\0' || letters.find(next) == std::string_view::npos)) {
      plain += text[i];
      continue;
    }
    plain += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
    ++i;
  }
  return plain;
}

}  // namespace words
