#include "words/text_files.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "dictd/property.h"
#include "words/cedict.h"
#include "words/csv.h"
#include "words/ecdict.h"
#include "words/entry.h"
#include "words/json_lines.h"
#include "words/reader.h"
#include "words/tsv.h"

namespace words {
namespace {

namespace property = dictd::property;

// What ends the reading of an input: its error, if it had one.
LoadResult<void> ended(const Input& input) {
  if (input.error()) return tl::unexpected(*input.error());
  return {};
}

LoadResult<void> add(Sink& sink, const Place& place, const Record& record) {
  return sink.add(place, record.headword, record.also, record.meaning);
}

// Reads all lines by a function that gives a variant, and hands each alternative to `take`.
template <typename Parse, typename Take>
LoadResult<void> read_lines(Input& input, Sink& sink, std::size_t max_line_bytes, const Parse& parse,
                            const Take& take) {
  Lines lines(input, max_line_bytes);
  for (std::string_view text; lines.next(text);) {
    if (text.size() > max_line_bytes) {
      sink.bad(lines.place(), fmt::format("line of more than {} bytes", max_line_bytes));
      continue;
    }
    const auto line = parse(without_byte_order_mark(text, lines.number()));
    if (const auto* const bad = std::get_if<BadLine>(&line)) {
      sink.bad(lines.place(), bad->reason);
    } else if (auto taken = take(lines.place(), line); !taken) {
      return taken;
    }
  }
  return ended(input);
}

// CC-CEDICT's own names for what is known of it.
void set_cedict_header(Sink& sink, const Place& place, const CedictHeader& header) {
  if (header.name == "license") sink.set(place, property::kLicence, header.value);
  if (header.name == "publisher") sink.set(place, property::kSource, header.value);
}

// Reads JSON Lines: entries are known by their number, so the first bad line is the end.
class JsonReader {
 public:
  JsonReader(Sink& sink, const std::string& path) : sink_(sink), path_(path) {}

  LoadResult<void> take(const Place& place, const JsonLine& line) {
    if (const auto* const header = std::get_if<JsonHeader>(&line)) return take(place, *header);
    if (const auto* const record = std::get_if<Record>(&line)) return take(place, *record);
    if (const auto* const alias = std::get_if<JsonAlias>(&line)) return take(place, *alias);
    const auto* const bad = std::get_if<BadLine>(&line);
    return bad == nullptr ? LoadResult<void>() : refused(place, bad->reason);
  }

  LoadResult<void> refused(const Place& place, std::string_view why) const {
    return unreadable(path_, fmt::format("line {}: {}", place.number, why));
  }

 private:
  LoadResult<void> take(const Place& place, const JsonHeader& header) {
    if (place.number != 1) return refused(place, "only the first line tells of the dictionary");
    if (!header.title.empty()) sink_.set_title(place, header.title);
    for (const auto& [name, value] : header.properties) sink_.set(place, name, value);
    return header.dictionary.empty() ? LoadResult<void>() : sink_.set_name(place, header.dictionary);
  }
  LoadResult<void> take(const Place& place, const Record& record) {
    const auto entry = sink_.add(place, record.headword, record.meaning);
    if (!entry) return tl::unexpected(entry.error());
    entries_.push_back(*entry);
    return *entry ? sink_.add_aliases(place, record.headword, record.also, **entry) : LoadResult<void>();
  }
  LoadResult<void> take(const Place& place, const JsonAlias& alias) {
    if (alias.same_as > entries_.size()) return refused(place, "same_as names a line that has not come yet");
    const auto entry = entries_[alias.same_as - 1];
    if (entry) return sink_.add_alias(place, alias.headword, *entry);
    sink_.bad(place, "the same as an entry that was bad");
    return {};
  }

  Sink& sink_;
  const std::string& path_;
  std::vector<std::optional<Sink::EntryId>> entries_;  // of the lines that have a meaning
};

}  // namespace

LoadResult<void> read_text(Input& input, Sink& sink) {
  Lines lines(input, kMaxLineBytes);
  for (std::string_view text; lines.next(text);) {
    const Line line = read_line(text, lines.number());
    if (const auto* const bad = std::get_if<BadLine>(&line)) sink.bad(lines.place(), bad->reason);
    const auto* const entry = std::get_if<Entry>(&line);
    if (entry == nullptr) continue;
    if (auto taken = sink.add(lines.place(), entry->headword, entry->meaning); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  return ended(input);
}

LoadResult<void> read_tsv(Input& input, Sink& sink) {
  return read_lines(input, sink, kMaxLineBytes, read_tsv_line, [&](const Place& place, const auto& line) {
    const auto* const record = std::get_if<Record>(&line);
    return record == nullptr ? LoadResult<void>() : add(sink, place, *record);
  });
}

LoadResult<void> read_cedict(Input& input, Sink& sink) {
  return read_lines(input, sink, kMaxLineBytes, read_cedict_line, [&](const Place& place, const CedictLine& line) {
    if (const auto* const header = std::get_if<CedictHeader>(&line)) set_cedict_header(sink, place, *header);
    const auto* const record = std::get_if<Record>(&line);
    return record == nullptr ? LoadResult<void>() : add(sink, place, *record);
  });
}

LoadResult<void> read_ecdict(Input& input, Sink& sink) {
  Lines lines(input, kMaxCsvRecordBytes);
  CsvRecord record;
  std::optional<EcdictColumns> columns;
  std::uint64_t begin = 1;  // of the record
  for (std::string_view text; lines.next(text);) {
    if (!record.open()) begin = lines.number();
    const Place place{input.path(), begin};
    const auto whole = record.add_line(without_byte_order_mark(text, lines.number()));
    if (!whole) sink.bad(place, whole.error());
    if (!whole || !*whole) continue;
    if (!columns) {
      columns = find_ecdict_columns(record.fields());
      if (!columns) return unreadable(input.path(), "its first record does not name the columns of ECDICT");
      continue;
    }
    if (record.fields().size() == 1 && record.fields().front().empty()) continue;
    const auto entry = read_ecdict_record(*columns, record.fields());
    if (!entry) sink.bad(place, entry.error());
    if (!entry) continue;
    if (auto added = add(sink, place, *entry); !added) return added;
  }
  if (record.open()) return unreadable(input.path(), fmt::format("the quote of line {} is not closed", begin));
  return ended(input);
}

LoadResult<void> read_json_lines(Input& input, Sink& sink) {
  Lines lines(input, kMaxJsonLineBytes);
  JsonReader reader(sink, input.path());
  for (std::string_view text; lines.next(text);) {
    if (text.size() > kMaxJsonLineBytes) {
      return reader.refused(lines.place(), fmt::format("more than {} bytes", kMaxJsonLineBytes));
    }
    const JsonLine line = read_json_line(without_byte_order_mark(text, lines.number()));
    if (auto taken = reader.take(lines.place(), line); !taken) return taken;
  }
  return ended(input);
}

}  // namespace words
