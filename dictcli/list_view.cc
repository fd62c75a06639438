#include "dictcli/list_view.h"

#include <algorithm>
#include <set>

#include "dictcli/align.h"

namespace dictcli {
namespace {

constexpr std::string_view kGap = "  ";

}  // namespace

std::string show_matches(const std::vector<Match>& matches, bool one_dictionary) {
  std::string lines;
  std::set<std::string_view> seen;
  for (const auto& [dictionary, headword] : matches) {
    if (one_dictionary && !seen.insert(headword).second) continue;
    if (!one_dictionary) lines += printable(dictionary) + '\t';
    lines += printable(headword) + '\n';
  }
  return lines;
}

std::string show_dictionaries(const std::vector<Dictionary>& dictionaries, Language language) {
  const std::string_view name_head = text(language, Text::kColumnDictionary);
  const std::string_view count_head = text(language, Text::kColumnHeadwords);
  std::size_t name_width = display_width(name_head);
  std::size_t count_width = display_width(count_head);
  for (const Dictionary& dictionary : dictionaries) {
    name_width = std::max(name_width, display_width(printable(dictionary.name)));
    count_width = std::max(count_width, std::to_string(dictionary.headwords).size());
  }
  std::string table;
  const auto add = [&](std::string_view name, std::string_view count, std::string_view title) {
    table.append(fit(name, name_width)).append(kGap).append(count_width - display_width(count), ' ').append(count);
    table.append(kGap).append(title) += '\n';
  };
  add(name_head, count_head, text(language, Text::kColumnTitle));
  for (const auto& [name, title, headwords] : dictionaries) {
    add(printable(name), std::to_string(headwords), printable(title));
  }
  return table;
}

}  // namespace dictcli
