#include "words/commands.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "dictd/property.h"
#include "dictd/store.h"
#include "words/json_lines.h"

namespace words {
namespace {

namespace property = dictd::property;

constexpr std::size_t kMaxShownBytes = 24;  // of a value in a list

tl::unexpected<LoadError> failed(const dictd::StoreError& error) {
  return tl::unexpected(LoadError{LoadError::Kind::kDatabase, error.message});
}

tl::unexpected<LoadError> not_there(std::string_view name) {
  return tl::unexpected(LoadError{LoadError::Kind::kNothingThere, fmt::format("there is no dictionary {}", name)});
}

// `done` says whether there is one of that name.
LoadResult<void> result(const dictd::StoreResult<bool>& done, std::string_view name) {
  if (!done) return failed(done.error());
  if (!*done) return not_there(name);
  return {};
}

// Short values with their names, of the others the names.
std::string in_short(const dictd::DictionaryRow& row) {
  std::string text;
  for (const auto& [name, value] : row.properties) {
    text += text.empty() ? "  (" : ", ";
    const bool is_short = value.size() <= kMaxShownBytes && value.find('\n') == std::string::npos;
    text += name;
    if (is_short) text.append("=").append(value);
  }
  return text.empty() ? text : text + ")";
}

std::string time_of(std::int64_t us) {
  using std::chrono::microseconds;
  using std::chrono::system_clock;
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(system_clock::time_point(microseconds(us))));
}

// The lines of an export, as the words come. One thread.
class Exporter {
 public:
  explicit Exporter(std::FILE* out) : out_(out) {}

  [[nodiscard]] dictd::WordVisitor visitor() {
    return {.dictionary =
                [this](const dictd::DictionaryRow& row) {
                  write(to_json_line(JsonHeader{row.name, row.title, row.properties}));
                },
            .word = [this](std::uint64_t position, std::string_view headword,
                           std::string_view meaning) { word(position, headword, meaning); },
            .alias = [this](std::string_view headword, std::uint64_t entry) { alias(headword, entry); }};
  }
  // False: not all was written.
  [[nodiscard]] bool finish() {
    end_record();
    return std::fflush(out_) == 0 && good_;
  }

 private:
  void word(std::uint64_t position, std::string_view headword, std::string_view meaning) {
    end_record();
    entries_.push_back(position);
    record_ = {std::string(headword), {}, std::string(meaning)};
    open_ = true;
  }
  // It goes with its entry if it follows that, and would come back from there.
  void alias(std::string_view headword, std::uint64_t entry) {
    const auto is = [&](const std::string& other) { return other == headword; };
    if (open_ && entry == entries_.back() && !is(record_.headword) &&
        std::none_of(record_.also.begin(), record_.also.end(), is)) {
      record_.also.emplace_back(headword);
      return;
    }
    end_record();
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), entry);
    if (found == entries_.end() || *found != entry) return;  // of no word
    write(to_json_line(JsonAlias{std::string(headword), static_cast<std::uint64_t>(found - entries_.begin()) + 1}));
  }
  void end_record() {
    if (std::exchange(open_, false)) write(to_json_line(record_));
  }
  void write(const std::string& line) {
    good_ = good_ && std::fwrite(line.data(), 1, line.size(), out_) == line.size();
  }

  std::FILE* out_;
  bool good_ = true;
  bool open_ = false;  // whether aliases may still join the record
  Record record_;
  std::vector<std::uint64_t> entries_;  // the positions of the words so far
};

std::vector<std::string_view> names_in(std::string_view list) {
  std::vector<std::string_view> names;
  for (;;) {
    names.push_back(list.substr(0, list.find(',')));
    if (names.back().size() == list.size()) return names;
    list.remove_prefix(names.back().size() + 1);
  }
}

bool is_virtual(const dictd::DictionaryRow& row) {
  return std::any_of(row.properties.begin(), row.properties.end(),
                     [](const auto& named) { return named.first == property::kMembers; });
}

}  // namespace

LoadResult<std::string> list(dictd::Store& store) {
  const auto rows = store.dictionaries();
  if (!rows) return failed(rows.error());
  std::size_t width = 0;
  for (const dictd::DictionaryRow& row : *rows) width = std::max(width, row.name.size());
  std::string lines;
  for (const dictd::DictionaryRow& row : *rows) {
    lines += fmt::format("{:<{}}  {:>9}  {}  {}{}\n", row.name, width, row.entries, time_of(row.loaded_us), row.title,
                         in_short(row));
  }
  return lines;
}

LoadResult<void> export_dictionary(dictd::Store& store, std::string_view name, std::FILE* out) {
  Exporter exporter(out);
  const auto visited = store.visit_dictionary(name, exporter.visitor());
  if (!visited || !*visited) return result(visited, name);
  if (exporter.finish()) return {};
  return tl::unexpected(
      LoadError{LoadError::Kind::kDatabase, fmt::format("cannot write: {}", std::generic_category().message(errno))});
}

LoadResult<void> remove(dictd::Store& store, std::string_view name) {
  return result(store.remove_dictionary(name), name);
}

LoadResult<void> set_properties(dictd::Store& store, std::string_view name,
                                const std::map<std::string, std::string>& properties) {
  return result(store.set_properties(name, properties), name);
}

LoadResult<void> make_virtual(dictd::Store& store, const VirtualDictionary& dictionary,
                              const std::map<std::string, std::string>& properties, std::int64_t now_us) {
  const auto rows = store.dictionaries();
  if (!rows) return failed(rows.error());
  const auto find = [&](std::string_view name) {
    return std::find_if(rows->begin(), rows->end(), [&](const auto& row) { return row.name == name; });
  };
  for (const std::string_view member : names_in(dictionary.members)) {
    if (find(member) == rows->end()) return not_there(member);
    if (member == dictionary.name || is_virtual(*find(member))) {
      return tl::unexpected(LoadError{LoadError::Kind::kUsage, fmt::format("{} is itself made of others", member)});
    }
  }
  if (const auto old = find(dictionary.name); old != rows->end() && !is_virtual(*old)) {
    return tl::unexpected(
        LoadError{LoadError::Kind::kUsage, fmt::format("{} has words of its own; --remove it first", dictionary.name)});
  }
  auto words = store.begin_word_load(dictionary.name, dictionary.title);
  if (!words) return failed(words.error());
  for (const auto& [name, value] : properties) words->set(name, value);
  words->set(property::kMembers, dictionary.members);
  if (const auto committed = words->commit(now_us); !committed) return failed(committed.error());
  return {};
}

}  // namespace words
