// Streams wordbooks (reader.h) into the database, as one replacement of one dictionary: all of it, or
// nothing.
//
// A bad line is reported and passed over. Memory is bounded, whatever the files hold. What is printed, and
// how the program ends, is for dictload.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "dictd/store.h"

namespace words {

struct LoadCounts {
  std::uint64_t entries = 0;
  std::uint64_t bad_lines = 0;
};

struct LoadError {
  enum class Kind { kUnreadable, kNothingToLoad, kDatabase };
  Kind kind;
  std::string message;
};

// Called on the way, in the thread of the load.
struct LoadObserver {
  std::function<void(const std::string& file, std::uint64_t line, const std::string& reason)> bad_line;
  std::function<void(const LoadCounts& so_far)> progress;  // now and then, for somebody who waits
};

struct LoadJob {
  std::string dictionary;  // its name
  std::string title;
  std::span<const std::string> files;  // paths; "-" is the standard input
  std::int64_t now_us = 0;             // microseconds since the Unix epoch, UTC
};

// On an error the dictionary is as it was.
[[nodiscard]] tl::expected<LoadCounts, LoadError> load(dictd::Store& store, const LoadJob& job,
                                                       const LoadObserver& observer);

}  // namespace words
