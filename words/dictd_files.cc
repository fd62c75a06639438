#include "words/dictd_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dictd/fold.h"
#include "dictd/property.h"
#include "words/charset.h"
#include "words/data_file.h"
#include "words/dictd_index.h"
#include "words/input.h"

namespace words {
namespace {

namespace property = dictd::property;

constexpr std::size_t kMaxIndexLineBytes = 1 << 14;

std::string_view without_blank_lines_around(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const std::size_t line = text.rfind('\n', text.find_first_not_of(" \t\r\n"));
  return line == std::string_view::npos ? text : text.substr(line + 1);
}

// Names on lines, or with commas or blanks between them.
std::string list_of_names(std::string_view text) {
  std::string names;
  for (const char c : text) {
    const bool between = c == ',' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
    if (!between)
      names += c;
    else if (!names.empty() && names.back() != ',')
      names += ',';
  }
  if (names.ends_with(',')) names.pop_back();
  return names;
}

// What the headers of a dictionary say, until all have been read.
class Headers {
 public:
  void take(std::string_view header, const std::string& text) {
    if (header == "short") title_ = text;
    if (header == "info") info_ = without_blank_lines_around(text);
    if (header == "long") long_ = without_blank_lines_around(text);
    if (header == "url") url_ = dictd::trim(text);
    if (header == "mimeheader") mime_header_ = dictd::trim(text);
    if (header == "defaultstrategy") default_strategy_ = dictd::trim(text);
    if (header == "virtual") members_ = list_of_names(text);
    if (header == "alphabet") alphabet_ = text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
    if (header == "allchars") all_characters_ = true;
    if (header == "casesensitive") case_sensitive_ = true;
  }

  void give(const Place& place, Sink& sink) const {
    sink.set_title(place, title_);
    sink.set(place, property::kMatch, all_characters_ ? "" : property::kMatchLoose);
    sink.set(place, property::kCaseSensitive, case_sensitive_ ? property::kYes : "");
    const std::string info = long_.empty() || info_.empty() ? long_ + info_ : long_ + "\n\n" + info_;
    const std::pair<std::string_view, std::string_view> texts[] = {
        {property::kInfo, info},          {property::kUrl, url_},
        {property::kMembers, members_},   {property::kMimeHeader, mime_header_},
        {property::kAlphabet, alphabet_}, {property::kDefaultStrategy, default_strategy_}};
    for (const auto& [name, text] : texts) {
      if (!text.empty()) sink.set(place, name, text);
    }
  }

 private:
  std::string title_, info_, long_, url_, mime_header_, default_strategy_, members_, alphabet_;
  bool all_characters_ = false;
  bool case_sensitive_ = false;
};

// One dictionary being read.
class DictdReader {
 public:
  DictdReader(std::string index_path, DataFile data, Charset charset, bool charset_known, Sink& sink)
      : index_path_(std::move(index_path)),
        data_(std::move(data)),
        charset_(std::move(charset)),
        charset_known_(charset_known),
        sink_(sink) {}

  LoadResult<void> read() {
    auto input = Input::open(index_path_, "");
    if (!input) return tl::unexpected(input.error());
    Lines lines(*input, kMaxIndexLineBytes);
    for (std::string_view text; lines.next(text);) {
      if (text.empty()) continue;
      if (text.size() > kMaxIndexLineBytes) return damaged(lines.number(), "it is too long");
      const auto line = read_index_line(text);
      if (!line) return damaged(lines.number(), line.error());
      if (auto taken = take(lines.place(), *line); !taken) return taken;
    }
    if (input->error()) return tl::unexpected(*input->error());
    headers_.give(lines.place(), sink_);
    return {};
  }

 private:
  LoadResult<void> take(const Place& place, const IndexLine& line) {
    if (const auto header = dictionary_header(line.headword)) return take_header(*header, line.definition);
    const std::string utf8 = charset_.to_utf8(line.headword);
    const std::string headword(dictd::trim(utf8));
    const auto known = entries_.find(line.definition);
    if (known != entries_.end()) {
      return is_new(headword, known->second) ? sink_.add_alias(place, headword, known->second) : LoadResult<void>();
    }
    const auto definition = data_.read(line.definition);
    if (!definition) return tl::unexpected(definition.error());
    const auto entry = sink_.add(place, headword, charset_.to_utf8(*definition));
    if (!entry) return tl::unexpected(entry.error());
    if (*entry && is_new(headword, **entry)) entries_.emplace(line.definition, **entry);
    return {};
  }

  // Whether the headword was not given to that entry yet. Some indexes have a line twice; among the same word in upper
  // and lower case, it need not come next to itself.
  bool is_new(const std::string& headword, Sink::EntryId entry) {
    std::string key;
    if (dictd::valid_utf8(headword)) dictd::fold(headword, key);
    if (key != key_) of_key_.clear();
    key_ = std::move(key);
    std::pair<std::string, Sink::EntryId> pair(headword, entry);
    if (std::find(of_key_.begin(), of_key_.end(), pair) != of_key_.end()) return false;
    of_key_.push_back(std::move(pair));
    return true;
  }

  LoadResult<void> take_header(const std::string& header, const Part& part) {
    if (header == "8bitnew" && !charset_known_) {
      return unreadable(index_path_, "its text is not UTF-8, and it does not say what it is: --charset NAME does");
    }
    const auto definition = data_.read(part);
    if (!definition) return tl::unexpected(definition.error());
    headers_.take(header, charset_.to_utf8(header_text(header, *definition)));
    return {};
  }

  tl::unexpected<LoadError> damaged(std::uint64_t line, std::string_view why) const {
    return unreadable(index_path_, fmt::format("line {}: {}", line, why));
  }

  const std::string index_path_;
  DataFile data_;
  Charset charset_;
  const bool charset_known_;
  Sink& sink_;
  Headers headers_;
  std::unordered_map<Part, Sink::EntryId, PartHash> entries_;
  std::string key_;                                            // of the last headword
  std::vector<std::pair<std::string, Sink::EntryId>> of_key_;  // the headwords of that key, and their entries
};

// Its files, by any one of them.
struct DictdPaths {
  std::string index;
  std::string data;
};
DictdPaths find_files(const std::string& path) {
  constexpr std::string_view kDataEndings[] = {".dict.dz", ".dict", ".dict.gz"};
  for (const std::string_view ending : kDataEndings) {
    if (path.ends_with(ending)) return {path.substr(0, path.size() - ending.size()) + ".index", path};
  }
  const std::string base = path.ends_with(".index") ? path.substr(0, path.size() - 6) : path;
  DictdPaths paths{base + ".index", ""};
  for (const std::string_view ending : kDataEndings) {
    std::error_code ignored;
    paths.data = base + std::string(ending);
    if (std::filesystem::exists(paths.data, ignored)) return paths;
  }
  return {paths.index, base + ".dict"};
}

}  // namespace

LoadResult<void> read_dictd(const std::string& path, const std::string& charset, Sink& sink) {
  const DictdPaths paths = find_files(path);
  auto encoding = Charset::open(charset);
  if (!encoding) return tl::unexpected(LoadError{LoadError::Kind::kUsage, encoding.error()});
  auto data = DataFile::open(paths.data);
  if (!data) return tl::unexpected(data.error());
  return DictdReader(paths.index, std::move(*data), std::move(*encoding), !charset.empty(), sink).read();
}

}  // namespace words
