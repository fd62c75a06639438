#include "words/format.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "dictd/fold.h"
#include "words/cedict.h"
#include "words/csv.h"
#include "words/dictd_files.h"
#include "words/ecdict.h"
#include "words/input.h"
#include "words/stardict_files.h"
#include "words/text_files.h"

namespace words {
namespace {

constexpr std::pair<Format, std::string_view> kNames[] = {{Format::kText, "text"},     {Format::kTsv, "tsv"},
                                                          {Format::kDictd, "dictd"},   {Format::kStardict, "stardict"},
                                                          {Format::kEcdict, "ecdict"}, {Format::kCedict, "cedict"},
                                                          {Format::kJson, "json"}};

constexpr std::pair<std::string_view, Format> kEndings[] = {
    {".index", Format::kDictd}, {".ifo", Format::kStardict}, {".idx", Format::kStardict}, {".syn", Format::kStardict},
    {".tsv", Format::kTsv},     {".tab", Format::kTsv},      {".csv", Format::kEcdict},   {".u8", Format::kCedict},
    {".jsonl", Format::kJson},  {".ndjson", Format::kJson},  {".json", Format::kJson},
};

std::string_view without_packing(std::string_view path) {
  for (const std::string_view ending : {".gz", ".dz"}) {
    if (path.ends_with(ending)) path.remove_suffix(ending.size());
  }
  return path;
}

// Takes the first line off the text.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

bool begins_like_cedict(std::string_view head) {
  while (!head.empty()) {
    const bool whole = head.find('\n') != std::string_view::npos;
    const CedictLine line = read_cedict_line(take_line(head));
    if (std::holds_alternative<Record>(line)) return true;
    if (std::holds_alternative<BadLine>(line) || !whole) return false;
  }
  return false;
}

bool begins_like_ecdict(std::string_view head) {
  CsvRecord record;
  const auto whole = record.add_line(take_line(head));
  return whole && *whole && find_ecdict_columns(record.fields());
}

}  // namespace

std::string_view name_of(Format format) {
  return std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& named) { return named.first == format; })
      ->second;
}

std::optional<Format> format_named(std::string_view name) {
  for (const auto& [format, its_name] : kNames) {
    if (its_name == name) return format;
  }
  return std::nullopt;
}

std::optional<Format> format_by_name(const std::string& path) {
  const std::string_view plain = without_packing(path);
  if (plain.ends_with(".dict")) {
    const std::string base(plain.substr(0, plain.size() - 5));
    std::error_code ignored;
    if (std::filesystem::exists(base + ".ifo", ignored)) return Format::kStardict;
    if (std::filesystem::exists(base + ".index", ignored) || path.ends_with(".dz")) return Format::kDictd;
    return std::nullopt;
  }
  for (const auto& [ending, format] : kEndings) {
    if (plain.ends_with(ending)) return format;
  }
  return std::nullopt;
}

Format format_by_content(std::string_view head) {
  head = without_byte_order_mark(head, 1);
  if (head.starts_with("{\"")) return Format::kJson;
  if (begins_like_ecdict(head)) return Format::kEcdict;
  return begins_like_cedict(head) ? Format::kCedict : Format::kText;
}

std::string dictionary_name(const std::string& path) {
  return std::filesystem::path(without_packing(path)).stem().string();
}

std::string first_file(const std::string& path, std::optional<Format> format) {
  if (format != Format::kDictd && format != Format::kStardict) return path;
  const std::string_view plain = without_packing(path);
  for (const std::string_view ending : {".index", ".dict", ".ifo", ".idx", ".syn"}) {
    if (!plain.ends_with(ending)) continue;
    return std::string(plain.substr(0, plain.size() - ending.size())) + (format == Format::kDictd ? ".index" : ".ifo");
  }
  return path;
}

LoadResult<Format> read_source(const Source& source, Sink& sink) {
  std::optional<Format> format = source.format;
  if (!format) format = format_by_name(source.path);
  if (format == Format::kDictd || format == Format::kStardict) {
    const auto read = format == Format::kDictd ? read_dictd : read_stardict;
    return read(source.path, source.charset, sink).map([&] { return *format; });
  }
  auto input = Input::open(source.path, source.charset);
  if (!input) return tl::unexpected(input.error());
  if (!format) format = format_by_content(input->head());
  const auto read = [&] {
    switch (*format) {
      case Format::kTsv: return read_tsv;
      case Format::kEcdict: return read_ecdict;
      case Format::kCedict: return read_cedict;
      case Format::kJson: return read_json_lines;
      default: return read_text;
    }
  }();
  return read(*input, sink).map([&] { return *format; });
}

}  // namespace words
