#include "words/reader.h"

#include <algorithm>

#include "dictd/fold.h"

namespace words {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether valid UTF-8 holds a control character (U+0000 to U+001F, U+007F to U+009F) that is not `allowed`.
bool has_control_character(std::string_view text, char allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && text[i] != allowed) || byte == 0x7F) return true;
    if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

// Splits at what parts headword and meaning; without that, all of it is headword.
Entry split(std::string_view line) {
  std::size_t at = std::min(line.find('\t'), line.find("  "));
  if (at == std::string_view::npos) at = line.find(' ');
  if (at == std::string_view::npos) return {line, {}};
  return {dictd::trim(line.substr(0, at)), dictd::trim(line.substr(at))};
}

}  // namespace

Line read_line(std::string_view line, std::size_t number) {
  if (number == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.size() > kMaxLineBytes) return BadLine{"line of more than " + std::to_string(kMaxLineBytes) + " bytes"};
  if (!dictd::valid_utf8(line)) return BadLine{"not UTF-8"};
  if (line.starts_with('#')) return Blank{};
  line = dictd::trim(line);
  if (line.empty()) return Blank{};
  const Entry entry = split(line);
  if (entry.meaning.empty()) return BadLine{"no meaning"};
  if (has_control_character(entry.headword, ' ')) return BadLine{"control character in the headword"};
  if (has_control_character(entry.meaning, '\t')) return BadLine{"control character in the meaning"};
  if (dictd::count_characters(entry.headword) > kMaxHeadwordCharacters) {
    return BadLine{"headword of more than " + std::to_string(kMaxHeadwordCharacters) + " characters"};
  }
  if (entry.meaning.size() > kMaxMeaningBytes) {
    return BadLine{"meaning of more than " + std::to_string(kMaxMeaningBytes) + " bytes"};
  }
  return entry;
}

}  // namespace words
