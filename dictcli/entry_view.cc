#include "dictcli/entry_view.h"

#include <algorithm>

#include "dictcli/align.h"

namespace dictcli {
namespace {

constexpr std::string_view kIndent = "  ";

}  // namespace

std::string show_entries(const std::vector<Entry>& entries, std::size_t width) {
  const bool several = std::any_of(entries.begin(), entries.end(),
                                   [&](const Entry& entry) { return entry.dictionary != entries.front().dictionary; });
  const std::size_t room = width > 2 * kIndent.size() ? width - kIndent.size() : 0;
  std::string shown;
  for (const Entry& entry : entries) {
    shown += printable(entry.headword);
    if (several) shown += "  [" + printable(entry.dictionary) + ']';
    shown += '\n';
    for (const std::string& line : wrap(printable(entry.meaning, true), room)) shown.append(kIndent) += line + '\n';
  }
  return shown;
}

std::string show_miss(std::string_view word, const std::vector<std::string>& near, Language language) {
  std::string shown = fill(language, Text::kNotFound, {printable(word)}) + '\n';
  if (near.empty()) return shown;
  std::string list;
  for (const std::string& headword : near) {
    if (!list.empty()) list += text(language, Text::kListSeparator);
    list += printable(headword);
  }
  return shown + fill(language, Text::kNearWords, {list}) + '\n';
}

}  // namespace dictcli
