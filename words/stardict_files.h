// A dictionary of StarDict: FILE.ifo with FILE.idx (or .idx.gz), FILE.dict (or .dict.dz, .dict.gz) and perhaps FILE.syn.
//
// Words of one text are one entry with further headwords, and synonyms are further headwords after all words. bookname
// becomes the title; description, author, email and date the property info, website url. Counts and sizes that do not
// agree, and texts that are not there, are damage: the whole dictionary is refused.
#pragma once

#include <string>

#include "words/sink.h"

namespace words {

// `path` is any of its files; an encoding without a name is UTF-8, as the format has it.
[[nodiscard]] LoadResult<void> read_stardict(const std::string& path, const std::string& charset, Sink& sink);

}  // namespace words
