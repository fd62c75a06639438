// What dictload does with dictionaries that are in the database: list, export, change and remove them, and make a
// dictionary of others.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "words/sink.h"

namespace dictd {
class Store;
}

namespace words {

// A line for each: name, headwords, time of its load (UTC), title, and its properties in short.
[[nodiscard]] LoadResult<std::string> list(dictd::Store& store);
// Writes it as JSON Lines (json_lines.h).
[[nodiscard]] LoadResult<void> export_dictionary(dictd::Store& store, std::string_view name, std::FILE* out);
[[nodiscard]] LoadResult<void> remove(dictd::Store& store, std::string_view name);
// An empty value removes a property.
[[nodiscard]] LoadResult<void> set_properties(dictd::Store& store, std::string_view name,
                                              const std::map<std::string, std::string>& properties);

// A dictionary that is several others, in an order.
struct VirtualDictionary {
  std::string name;
  std::string title;
  std::string members;  // names, with commas between
};
[[nodiscard]] LoadResult<void> make_virtual(dictd::Store& store, const VirtualDictionary& dictionary,
                                            const std::map<std::string, std::string>& properties, std::int64_t now_us);

}  // namespace words
