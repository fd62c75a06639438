// What a reader of a format gives what it reads to: entries, further headwords, properties and bad places. The rules of
// entry.h are kept here, once for all formats.
//
// For the rows of a load, for --check, and for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace words {

struct LoadError {
  enum class Kind { kUsage, kUnreadable, kNothingThere, kDatabase };
  Kind kind;
  std::string message;
};

template <typename T>
using LoadResult = tl::expected<T, LoadError>;

// A file that cannot be read, or that is damaged as a whole.
[[nodiscard]] tl::unexpected<LoadError> unreadable(const std::string& path, std::string_view why);

// Where something stands: a line, or in a file without lines a byte.
struct Place {
  enum class Unit { kLine, kByte };
  const std::string& file;
  std::uint64_t number;  // lines count from 1
  Unit unit = Unit::kLine;
};
[[nodiscard]] std::string to_string(const Place& place);  // FILE:12, or FILE: byte 345

// One thread. An error ends the load.
class Sink {
 public:
  // The entry that a further headword is for.
  using EntryId = std::uint64_t;

  Sink() = default;
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // Takes an entry, its meaning mended; nullopt if it is bad and was passed over. Either is told as a bad place.
  [[nodiscard]] LoadResult<std::optional<EntryId>> add(const Place& place, std::string_view headword,
                                                       std::string_view meaning);
  // Takes a further headword of an entry that was taken, or tells it as a bad place.
  [[nodiscard]] LoadResult<void> add_alias(const Place& place, std::string_view headword, EntryId entry);
  // Takes several; one that is the entry's own, or comes twice, counts once.
  [[nodiscard]] LoadResult<void> add_aliases(const Place& place, std::string_view headword,
                                             std::span<const std::string> also, EntryId entry);
  // All of it at once.
  [[nodiscard]] LoadResult<void> add(const Place& place, std::string_view headword, std::span<const std::string> also,
                                     std::string_view meaning);
  // What a file says of the dictionary; where several say it, the last counts. An empty value says that it is not so.
  void set(const Place& place, std::string_view property, std::string_view value);
  void set_title(const Place& place, std::string_view title);
  // Before the first entry.
  [[nodiscard]] virtual LoadResult<void> set_name(const Place& place, std::string_view name) = 0;
  void bad(const Place& place, std::string_view reason);

 private:
  // All of them keep the rules.
  virtual LoadResult<EntryId> take(std::string_view headword, std::string_view meaning) = 0;
  virtual LoadResult<void> take_alias(std::string_view headword, EntryId entry) = 0;
  virtual void take_property(std::string_view property, std::string_view value) = 0;
  virtual void take_title(std::string_view title) = 0;
  virtual void take_bad(const Place& place, const std::string& reason) = 0;

  std::string mended_;
};

}  // namespace words
