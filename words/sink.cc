#include "words/sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "dictd/fold.h"
#include "dictd/property.h"
#include "words/entry.h"

namespace words {

tl::unexpected<LoadError> unreadable(const std::string& path, std::string_view why) {
  return tl::unexpected(LoadError{LoadError::Kind::kUnreadable, fmt::format("cannot read {}: {}", path, why)});
}

std::string to_string(const Place& place) {
  return fmt::format("{}:{}{}", place.file, place.unit == Place::Unit::kLine ? "" : " byte ", place.number);
}

LoadResult<std::optional<Sink::EntryId>> Sink::add(const Place& place, std::string_view headword,
                                                   std::string_view meaning) {
  headword = dictd::trim(headword);
  std::string complaint = complaint_about_headword(headword);
  const std::string mended = complaint.empty() ? mend(meaning, mended_) : "";
  if (complaint.empty()) complaint = complaint_about_meaning(mended_);
  if (!complaint.empty()) {
    bad(place, complaint);
    return std::nullopt;
  }
  if (!mended.empty()) bad(place, fmt::format("{}, in the meaning of “{}”: replaced by U+FFFD", mended, headword));
  return take(headword, mended_).map([](EntryId entry) { return std::optional(entry); });
}

LoadResult<void> Sink::add_alias(const Place& place, std::string_view headword, EntryId entry) {
  headword = dictd::trim(headword);
  if (const std::string complaint = complaint_about_headword(headword); !complaint.empty()) {
    bad(place, complaint);
    return {};
  }
  return take_alias(headword, entry);
}

LoadResult<void> Sink::add_aliases(const Place& place, std::string_view headword, std::span<const std::string> also,
                                   EntryId entry) {
  for (auto next = also.begin(); next != also.end(); ++next) {
    if (next->empty() || *next == headword || std::find(also.begin(), next, *next) != next) continue;
    if (auto taken = add_alias(place, *next, entry); !taken) return taken;
  }
  return {};
}

LoadResult<void> Sink::add(const Place& place, std::string_view headword, std::span<const std::string> also,
                           std::string_view meaning) {
  const auto entry = add(place, headword, meaning);
  if (!entry) return tl::unexpected(entry.error());
  return *entry ? add_aliases(place, headword, also, **entry) : LoadResult<void>();
}

void Sink::set(const Place& place, std::string_view property, std::string_view value) {
  const std::string wrong = mend(value, mended_);
  if (!wrong.empty()) bad(place, fmt::format("{}, in the property {}: replaced by U+FFFD", wrong, property));
  if (property.empty() || dictd::count_characters(property) > dictd::property::kMaxNameCharacters ||
      mended_.size() > dictd::property::kMaxValueBytes) {
    bad(place, fmt::format("property {} is too long: left out", property));
  } else {
    take_property(property, mended_);
  }
}

void Sink::set_title(const Place& place, std::string_view title) {
  const std::string wrong = mend(title, mended_);
  if (!wrong.empty()) bad(place, fmt::format("{}, in the title: replaced by U+FFFD", wrong));
  std::replace(mended_.begin(), mended_.end(), '\n', ' ');
  std::replace(mended_.begin(), mended_.end(), '\t', ' ');
  const std::string_view line = dictd::trim(mended_);
  const std::string complaint = complaint_about_title(line);
  if (!complaint.empty()) bad(place, complaint + ": left out");
  if (complaint.empty() && !line.empty()) take_title(line);
}

void Sink::bad(const Place& place, std::string_view reason) {
  const bool encoding = reason.starts_with(kNotUtf8);
  take_bad(place, fmt::format("{}{}", reason, encoding ? " (is it another encoding? --charset NAME)" : ""));
}

}  // namespace words
