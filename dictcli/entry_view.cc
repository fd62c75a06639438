#include "dictcli/entry_view.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "dictcli/align.h"
#include "dictd/fold.h"

namespace dictcli {
namespace {

constexpr std::string_view kIndent = "  ";

// Whether there is a second dictionary that an entry could be from.
bool several(const std::vector<Entry>& entries, const std::vector<Dictionary>& dictionaries) {
  const std::string& only = dictionaries.empty() ? entries.front().dictionary : dictionaries.front().name;
  return dictionaries.size() > 1 ||
         std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.dictionary != only; });
}

// The title, if there is one that says more, and the name by which --dictionary asks for it.
std::string heading(const std::string& name, const std::vector<Dictionary>& dictionaries) {
  const auto known = std::find_if(dictionaries.begin(), dictionaries.end(),
                                  [&](const Dictionary& dictionary) { return dictionary.name == name; });
  const bool titled = known != dictionaries.end() && !known->title.empty() && known->title != name;
  return "---- " + (titled ? printable(known->title) + ' ' : "") + '[' + printable(name) + "] ----";
}

bool is_blank(std::string_view line) { return line.find_first_not_of(' ') == std::string_view::npos; }

// Without blank ones at both ends. Views into the text.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (!lines.empty() || !is_blank(line)) lines.push_back(line);
    begin = end + 1;
  }
  while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
  return lines;
}

// How far all lines are indented.
std::size_t margin_of(std::span<const std::string_view> lines) {
  std::size_t margin = std::string_view::npos;
  for (const std::string_view line : lines) margin = std::min(margin, line.find_first_not_of(' '));
  return margin;
}

bool begins_with(std::string_view line, std::string_view headword) {
  std::string text;
  std::string word;
  dictd::fold(line, text);
  dictd::fold(headword, word);
  if (!text.starts_with(word)) return false;
  const auto next = text.size() > word.size() ? static_cast<unsigned char>(text[word.size()]) : ' ';
  return next < 0x80 && std::isalnum(next) == 0;
}

void append_wrapped(std::string& shown, std::string_view indent, std::string_view text, std::size_t width) {
  const std::size_t room = width > 2 * kIndent.size() ? width - indent.size() : 0;
  for (const std::string& line : wrap(text, room)) {
    if (!line.empty()) shown += indent;
    shown += line + '\n';
  }
}

void append_entry(std::string& shown, const Entry& entry, std::size_t width) {
  const std::string text = printable_lines(entry.meaning);
  const std::vector<std::string_view> lines = lines_of(text);
  std::span<const std::string_view> body(lines);
  const bool has_headword = lines.size() > 1 && begins_with(lines.front(), entry.headword);
  if (has_headword) {
    append_wrapped(shown, "", dictd::trim(lines.front()), width);
    body = body.subspan(1);
  } else {
    append_wrapped(shown, "", printable(entry.headword), width);
  }
  while (!body.empty() && is_blank(body.front())) body = body.subspan(1);
  const std::size_t margin = margin_of(body);
  for (const std::string_view line : body)
    append_wrapped(shown, kIndent, line.substr(std::min(margin, line.size())), width);
}

}  // namespace

std::string show_entries(const std::vector<Entry>& entries, const std::vector<Dictionary>& dictionaries,
                         std::size_t width) {
  const bool headed = several(entries, dictionaries);
  std::string shown;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) shown += '\n';
    if (headed && (i == 0 || entries[i].dictionary != entries[i - 1].dictionary)) {
      append_wrapped(shown, "", heading(entries[i].dictionary, dictionaries), width);
    }
    append_entry(shown, entries[i], width);
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
