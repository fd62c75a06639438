#include "words/reader.h"

#include <algorithm>
#include <utility>

#include "dictd/fold.h"

namespace words {
namespace {

// Splits at what parts headword and meaning; without that, all of it is headword.
Entry split(std::string_view line) {
  std::size_t at = std::min(line.find('\t'), line.find("  "));
  if (at == std::string_view::npos) at = line.find(' ');
  if (at == std::string_view::npos) return {line, {}};
  return {dictd::trim(line.substr(0, at)), dictd::trim(line.substr(at))};
}

}  // namespace

Line read_line(std::string_view line, std::size_t number) {
  line = without_byte_order_mark(line, number);
  if (line.size() > kMaxLineBytes) return BadLine{"line of more than " + std::to_string(kMaxLineBytes) + " bytes"};
  if (!dictd::valid_utf8(line)) return BadLine{"not UTF-8"};
  if (line.starts_with('#')) return Blank{};
  line = dictd::trim(line);
  if (line.empty()) return Blank{};
  const Entry entry = split(line);
  if (entry.meaning.empty()) return BadLine{"no meaning"};
  if (dictd::has_control_character(entry.meaning, "\t")) return BadLine{"control character in the meaning"};
  std::string complaint = complaint_about_headword(entry.headword);
  if (complaint.empty()) complaint = complaint_about_meaning(entry.meaning);
  if (!complaint.empty()) return BadLine{std::move(complaint)};
  return entry;
}

}  // namespace words
