// Loads wordbooks (format.h) into the database, as one replacement of one dictionary: all of it, or nothing. Or only
// reads them, to tell what would be loaded.
//
// What is bad is told and passed over. What is printed, and how the program ends, is for dictload.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "words/format.h"
#include "words/sink.h"

namespace dictd {
class Store;
}

namespace words {

struct LoadCounts {
  std::uint64_t entries = 0;
  std::uint64_t aliases = 0;  // further headwords
  std::uint64_t bad_lines = 0;
};

// Called on the way, in the thread of the load.
struct LoadObserver {
  std::function<void(const std::string& place, const std::string& reason)> bad_line;
  std::function<void(const LoadCounts& so_far)> progress;  // now and then, for somebody who waits
};

struct LoadJob {
  std::string dictionary;  // its name; empty: the one that its file says, or the file's own
  std::string title;       // empty: the one that its files say, or its name
  std::vector<Source> sources;
  std::map<std::string, std::string> properties;  // whatever the files say (dictd/property.h)
  std::int64_t now_us = 0;                        // microseconds since the Unix epoch, UTC
};

struct Loaded {
  std::string dictionary;
  std::string title;
  Format format = Format::kText;  // of the last source
  LoadCounts counts;
  std::map<std::string, std::string> properties;  // that were set
};

// On an error the dictionary is as it was.
[[nodiscard]] LoadResult<Loaded> load(dictd::Store& store, const LoadJob& job, const LoadObserver& observer);
// Does all of it but change the database.
[[nodiscard]] LoadResult<Loaded> check(const LoadJob& job, const LoadObserver& observer);

}  // namespace words
