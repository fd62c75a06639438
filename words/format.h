// The formats that a wordbook may have, by which its format is found, and its readers.
//
// | format   | what it is                    | names                                    | its reader           |
// |----------|-------------------------------|------------------------------------------|----------------------|
// | text     | the project's own             | any other                                | reader.h             |
// | tsv      | tab-separated values          | .tsv .tab                                | tsv.h                |
// | dictd    | a dictionary of dictd         | .index .dict .dict.dz .dict.gz           | dictd_files.h        |
// | stardict | a dictionary of StarDict      | .ifo .idx .idx.gz .syn; .dict… with .ifo | stardict_files.h     |
// | ecdict   | ECDICT's CSV                  | .csv                                     | ecdict.h             |
// | cedict   | CC-CEDICT                     | .u8                                      | cedict.h             |
// | json     | JSON Lines, as --export does  | .jsonl .ndjson .json                     | json_lines.h         |
//
// All but dictd and stardict may be packed by gzip (.gz), be on the standard input, and be found by how they begin.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "words/sink.h"

namespace words {

enum class Format { kText, kTsv, kDictd, kStardict, kEcdict, kCedict, kJson };

[[nodiscard]] std::string_view name_of(Format format);
[[nodiscard]] std::optional<Format> format_named(std::string_view name);

// What the name of a file tells; nullopt: nothing, or it is not there to be asked.
[[nodiscard]] std::optional<Format> format_by_name(const std::string& path);
// What its first bytes tell. A pure function.
[[nodiscard]] Format format_by_content(std::string_view head);

// The name of a dictionary in that file: without directory and endings.
[[nodiscard]] std::string dictionary_name(const std::string& path);

// The file that stands for its dictionary, if that has several: all of them have the same.
[[nodiscard]] std::string first_file(const std::string& path, std::optional<Format> format);

// A file to read; of a dictionary of several files, any of them.
struct Source {
  std::string path;              // "-" is the standard input
  std::optional<Format> format;  // nullopt: it is found
  std::string charset;           // its encoding; empty: UTF-8
};
// Reads all of it, and says its format.
[[nodiscard]] LoadResult<Format> read_source(const Source& source, Sink& sink);

}  // namespace words
