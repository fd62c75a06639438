// The formats that are read line by line, from an input into a sink: the project's own (reader.h), tab-separated values
// (tsv.h), CC-CEDICT (cedict.h), ECDICT (ecdict.h) and JSON Lines (json_lines.h).
//
// A bad line is told and passed over; only of JSON Lines the first one is an error. Memory is bounded by the limits of a
// line, but for JSON Lines, which keeps a number for each entry.
#pragma once

#include "words/input.h"
#include "words/sink.h"

namespace words {

[[nodiscard]] LoadResult<void> read_text(Input& input, Sink& sink);
[[nodiscard]] LoadResult<void> read_tsv(Input& input, Sink& sink);
[[nodiscard]] LoadResult<void> read_cedict(Input& input, Sink& sink);
[[nodiscard]] LoadResult<void> read_ecdict(Input& input, Sink& sink);
[[nodiscard]] LoadResult<void> read_json_lines(Input& input, Sink& sink);

}  // namespace words
