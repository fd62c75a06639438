#include "words/ecdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "dictd/fold.h"

namespace words {
namespace {

std::optional<std::size_t> column(std::span<const std::string> names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::string field(std::span<const std::string> fields, std::optional<std::size_t> column) {
  return column && *column < fields.size() ? unescape(fields[*column], "nr") : "";
}

void add_lines(std::string& meaning, std::string_view lines) {
  lines = dictd::trim(lines);
  if (!meaning.empty() && !lines.empty()) meaning += '\n';
  meaning += lines;
}

std::vector<std::string> forms(std::string_view exchange) {
  std::vector<std::string> found;
  while (!exchange.empty()) {
    const std::string_view form = exchange.substr(0, exchange.find('/'));
    exchange.remove_prefix(std::min(form.size() + 1, exchange.size()));
    if (form.size() > 2 && form[1] == ':' && form[0] != '0' && form[0] != '1') found.emplace_back(form.substr(2));
  }
  return found;
}

}  // namespace

std::optional<EcdictColumns> find_ecdict_columns(std::span<const std::string> names) {
  const auto word = column(names, "word");
  EcdictColumns columns{names.size(),
                        word.value_or(0),
                        column(names, "phonetic"),
                        column(names, "definition"),
                        column(names, "translation"),
                        column(names, "exchange")};
  if (!word || (!columns.definition && !columns.translation)) return std::nullopt;
  return columns;
}

tl::expected<Record, std::string> read_ecdict_record(const EcdictColumns& columns,
                                                     std::span<const std::string> fields) {
  if (fields.size() > columns.count) {
    return tl::unexpected(fmt::format("{} fields, where the first record has {}", fields.size(), columns.count));
  }
  Record record;
  record.headword = field(fields, columns.word);
  add_lines(record.meaning, field(fields, columns.definition));
  add_lines(record.meaning, field(fields, columns.translation));
  if (record.meaning.empty()) return tl::unexpected(std::string("no meaning"));
  const std::string phonetic = field(fields, columns.phonetic);
  if (!phonetic.empty()) record.meaning.insert(0, fmt::format("[{}]\n", phonetic));
  record.also = forms(field(fields, columns.exchange));
  return record;
}

}  // namespace words
