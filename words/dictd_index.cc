#include "words/dictd_index.h"

#include <algorithm>
#include <array>
#include <limits>

#include "dictd/fold.h"

namespace words {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint64_t kMaxBeforeDigit = std::numeric_limits<std::uint64_t>::max() / 64;
constexpr std::string_view kHeader = "00database";

std::optional<std::uint64_t> read_number(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : digits) {
    const std::size_t value = kDigits.find(digit);
    if (value == std::string_view::npos || number > kMaxBeforeDigit) return std::nullopt;
    number = number * 64 + value;
  }
  return number;
}

}  // namespace

tl::expected<IndexLine, std::string> read_index_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::array<std::string_view, 4> columns;
  std::size_t count = 0;
  while (count < columns.size()) {
    const std::size_t tab = count + 1 < columns.size() ? line.find('\t') : std::string_view::npos;
    columns[count++] = line.substr(0, tab);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  if (count < 3) return tl::unexpected(std::string("not headword, offset and size with tabs between"));
  const auto offset = read_number(columns[1]);
  const auto size = read_number(columns[2]);
  if (!offset || !size) return tl::unexpected(std::string("a number is not one in base 64"));
  return IndexLine{count == 4 && !columns[3].empty() ? columns[3] : columns[0], {*offset, *size}};
}

std::optional<std::string> dictionary_header(std::string_view headword) {
  if (!headword.starts_with("00")) return std::nullopt;
  std::string name(headword);
  std::erase(name, '-');
  if (!name.starts_with(kHeader)) return std::nullopt;
  return name.substr(kHeader.size());
}

std::string_view header_text(std::string_view header, std::string_view definition) {
  const std::string_view first = definition.substr(0, definition.find('\n'));
  if (dictionary_header(dictd::trim(first)) != header) return definition;
  definition.remove_prefix(std::min(first.size() + 1, definition.size()));
  return definition;
}

}  // namespace words
