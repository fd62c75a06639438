#include "dictd/parts.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "dictd/fold.h"
#include "dictd/key_lines.h"
#include "dictd/key_order.h"
#include "dictd/matches.h"

namespace dictd {
namespace {

using Place = Index::Place;

// Where the keys that begin with the prefix begin; they are in a row.
auto first_with_prefix(const Index& index, std::string_view prefix) {
  return std::ranges::lower_bound(index.by_front(), prefix, {}, [&](Place place) { return index.key(place); });
}

void add_prefix(const Index& index, std::string_view prefix, Matches& matches) {
  for (auto at = first_with_prefix(index, prefix); at != index.by_front().end(); ++at) {
    if (!index.key(*at).starts_with(prefix) || !matches.add(*at)) break;
  }
}

bool has_few_with_prefix(const Index& index, std::string_view prefix) {
  const auto first = first_with_prefix(index, prefix);
  if (index.by_front().end() - first <= static_cast<std::ptrdiff_t>(kQuickKeys)) return true;
  return !index.key(first[kQuickKeys]).starts_with(prefix);
}

// What "skip#count#word" asks for.
struct Page {
  std::uint32_t skip = 0;
  std::uint32_t count = 0;
  std::string_view word;
};

std::optional<Page> parse_page(std::string_view text) {
  Page page;
  for (auto* const number : {&page.skip, &page.count}) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
    if (error != std::errc() || end == text.data() + text.size() || *end != '#') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  page.word = trim(text);
  return page;
}

// Adds those of some keys that fit, in the order of keys.
template <typename Fits>
void add_in_order(const Index& index, KeyRange keys, Fits fits, Matches& matches) {
  std::vector<Place> found;
  std::ranges::copy_if(keys, std::back_inserter(found), [&](Place place) { return fits(index.key(place)); });
  std::ranges::sort(found, {}, [&](Place place) { return index.key(place); });
  for (const auto place : found) {
    if (!matches.add(place)) break;
  }
}

// Adds the keys that have the word in them at a place that fits(key, place).
template <typename Fits>
Result<void> find_part(const Question& question, Fits fits, Matches& matches) {
  const auto part = question.sought.key;
  KeyLines lines(question.index, question.index.by_front());
  while (lines.next()) {
    if (is_overdue(question)) return tl::unexpected(took_too_long());
    for (std::size_t at = 0; (at = lines.find(part, at)) != std::string_view::npos;) {
      const auto line = lines.at(at);
      if (!fits(line.key, at - line.begin)) {
        ++at;
        continue;
      }
      if (!matches.add(line.place)) return {};
      at = line.next();
    }
  }
  return {};
}

}  // namespace

Result<void> find_prefix(const Question& question, Matches& matches) {
  add_prefix(question.index, question.sought.key, matches);
  return {};
}

// With one dictionary nothing is passed over, so the limit is one for the keys as well.
bool is_quick_prefix(const Question& question) {
  if (question.index.dictionaries().size() == 1 && question.limits.results <= kQuickKeys) return true;
  return has_few_with_prefix(question.index, question.sought.key);
}

Result<void> find_page_of_prefix(const Question& question, Matches& matches) {
  const auto page = parse_page(question.sought.key);
  if (page) matches.page(page->skip, page->count);
  add_prefix(question.index, page ? page->word : question.sought.key, matches);
  return {};
}

bool is_quick_page_of_prefix(const Question& question) {
  const auto page = parse_page(question.sought.key);
  return has_few_with_prefix(question.index, page ? page->word : question.sought.key);
}

Result<void> find_suffix(const Question& question, Matches& matches) {
  const auto keys = narrow<FromBack>(question.index, question.index.by_back(), 0, question.sought.key);
  add_in_order(
      question.index, keys, [](std::string_view /*key*/) { return true; }, matches);
  return {};
}

bool is_quick_suffix(const Question& question) {
  return narrow<FromBack>(question.index, question.index.by_back(), 0, question.sought.key).size() <= kQuickKeys;
}

Result<void> find_substring(const Question& question, Matches& matches) {
  return find_part(
      question, [](std::string_view /*key*/, std::size_t /*at*/) { return true; }, matches);
}

Result<void> find_word(const Question& question, Matches& matches) {
  const auto word = question.sought.key;
  if (word.empty()) return {};
  const auto stands_alone = [&](std::string_view key, std::size_t at) {
    return !ends_in_word(key.substr(0, at)) && !begins_in_word(key.substr(at + word.size()));
  };
  return find_part(question, stands_alone, matches);
}

Result<void> find_first_word(const Question& question, Matches& matches) {
  const auto word = question.sought.key;
  if (word.empty()) return {};
  const auto& index = question.index;
  for (auto at = first_with_prefix(index, word); at != index.by_front().end(); ++at) {
    const auto key = index.key(*at);
    if (!key.starts_with(word)) break;
    if (!begins_in_word(key.substr(word.size())) && !matches.add(*at)) break;
  }
  return {};
}

bool is_quick_first_word(const Question& question) { return has_few_with_prefix(question.index, question.sought.key); }

Result<void> find_last_word(const Question& question, Matches& matches) {
  const auto word = question.sought.key;
  if (word.empty()) return {};
  const auto keys = narrow<FromBack>(question.index, question.index.by_back(), 0, word);
  const auto stands_alone = [&](std::string_view key) {
    return !ends_in_word(key.substr(0, key.size() - word.size()));
  };
  add_in_order(question.index, keys, stands_alone, matches);
  return {};
}

}  // namespace dictd
