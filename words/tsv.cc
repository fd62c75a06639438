#include "words/tsv.h"

#include "dictd/fold.h"

namespace words {

std::variant<Blank, Record, BadLine> read_tsv_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (dictd::trim(line).empty()) return Blank{};
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return BadLine{"no tab"};
  return Record{std::string(line.substr(0, tab)), {}, unescape(line.substr(tab + 1), "nt")};
}

}  // namespace words
