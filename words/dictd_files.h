// A dictionary of dictd: FILE.index (dictd_index.h) with FILE.dict, .dict.dz or .dict.gz beside it.
//
// Index lines of one text are one entry with further headwords. Texts stay as they are, byte for byte. The headers
// become title and properties: short → title; long and info → info; url, alphabet, default-strategy and mime-header;
// case-sensitive; virtual → members; without allchars, match is loose. 8bit-new needs the name of the encoding. A line
// that cannot be read, or a text that is not there, is damage: the whole dictionary is refused.
#pragma once

#include <string>

#include "words/sink.h"

namespace words {

// `path` is any of its files; an encoding without a name is UTF-8.
[[nodiscard]] LoadResult<void> read_dictd(const std::string& path, const std::string& charset, Sink& sink);

}  // namespace words
