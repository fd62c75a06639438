#include "words/stardict_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dictd/property.h"
#include "words/charset.h"
#include "words/data_file.h"
#include "words/input.h"
#include "words/markup.h"
#include "words/stardict.h"

namespace words {
namespace {

namespace property = dictd::property;

constexpr std::size_t kMaxInfoBytes = 1 << 20;

// The first of the files that is there, or else the first.
std::string existing(const std::string& base, std::initializer_list<const char*> endings) {
  for (const char* const ending : endings) {
    std::error_code ignored;
    if (std::filesystem::exists(base + ending, ignored)) return base + ending;
  }
  return base + *endings.begin();
}

std::string base_of(const std::string& path) {
  for (const std::string_view ending :
       {".ifo", ".idx.gz", ".idx", ".syn.gz", ".syn", ".dict.dz", ".dict.gz", ".dict"}) {
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  }
  return path;
}

void add_line(std::string& text, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!text.empty()) text += '\n';
  text.append(name).append(value);
}

// One dictionary being read.
class StardictReader {
 public:
  StardictReader(std::string base, Charset charset, Sink& sink)
      : base_(std::move(base)), charset_(std::move(charset)), sink_(sink) {}

  LoadResult<void> read() {
    return read_info()
        .and_then([&] {
          return DataFile::open(existing(base_, {".dict.dz", ".dict", ".dict.gz"}));
        })
        .and_then([&](DataFile data) {
          data_.emplace(std::move(data));
          return read_index();
        })
        .and_then([&] { return read_synonyms(); });
  }

 private:
  LoadResult<void> read_info() {
    const std::string path = base_ + ".ifo";
    auto input = Input::open(path, "");
    if (!input) return tl::unexpected(input.error());
    std::string text;
    while (text.size() <= kMaxInfoBytes && input->read(text)) continue;
    if (input->error()) return tl::unexpected(*input->error());
    if (text.size() > kMaxInfoBytes) return unreadable(path, fmt::format("it has more than {} bytes", kMaxInfoBytes));
    auto info = read_stardict_info(charset_.to_utf8(text));
    if (!info) return unreadable(path, info.error());
    info_ = std::move(*info);
    const Place place{path, 1};
    sink_.set_title(place, info_.title);
    std::string about = text_of(info_.description, Markup::kHtml);
    add_line(about, "", info_.author);
    add_line(about, "", info_.email);
    add_line(about, "", info_.date);
    if (!about.empty()) sink_.set(place, property::kInfo, about);
    if (!info_.website.empty()) sink_.set(place, property::kUrl, info_.website);
    return {};
  }

  LoadResult<void> read_index() {
    const std::string path = existing(base_, {".idx", ".idx.gz"});
    const auto list = info_.wide_offsets ? StardictList::kWideIndex : StardictList::kIndex;
    const auto read =
        read_list(path, list, [&](const Place& place, const StardictWord& word) { return take_word(place, word); });
    if (!read) return tl::unexpected(read.error());
    if (*read != info_.index_bytes || words_.size() != info_.words) {
      return unreadable(path, fmt::format("it has {} words in {} bytes, and its .ifo says {} in {}", words_.size(),
                                          *read, info_.words, info_.index_bytes));
    }
    return {};
  }

  LoadResult<void> read_synonyms() {
    const std::string path = existing(base_, {".syn", ".syn.gz"});
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      if (info_.synonyms == 0) return {};
      return unreadable(path, fmt::format("it is not there, and the .ifo says that it has {} words", info_.synonyms));
    }
    std::uint64_t count = 0;
    const auto read = read_list(path, StardictList::kSynonyms, [&](const Place& place, const StardictWord& word) {
      ++count;
      return take_synonym(place, word);
    });
    if (!read) return tl::unexpected(read.error());
    if (count == info_.synonyms) return {};
    return unreadable(path, fmt::format("it has {} words, and its .ifo says {}", count, info_.synonyms));
  }

  // Reads all of a list, and says how many bytes it has.
  template <typename Take>
  LoadResult<std::uint64_t> read_list(const std::string& path, StardictList list, const Take& take) {
    auto input = Input::open(path, "");
    if (!input) return tl::unexpected(input.error());
    std::string bytes;
    std::uint64_t at = 0;
    while (input->read(bytes)) {
      std::string_view rest = bytes;
      for (;;) {
        const std::size_t left = rest.size();
        const auto word = take_stardict_word(rest, list);
        if (!word) return unreadable(path, fmt::format("{} (byte {})", word.error(), at));
        if (!*word) break;
        if (auto taken = take(Place{path, at, Place::Unit::kByte}, **word); !taken) {
          return tl::unexpected(taken.error());
        }
        at += left - rest.size();
      }
      bytes.erase(0, bytes.size() - rest.size());
    }
    if (input->error()) return tl::unexpected(*input->error());
    if (!bytes.empty()) return unreadable(path, fmt::format("it is cut off (byte {})", at));
    return at;
  }

  LoadResult<void> take_word(const Place& place, const StardictWord& word) {
    const std::string headword = charset_.to_utf8(word.headword);
    const auto known = entries_.find(word.text);
    if (known != entries_.end()) {
      words_.emplace_back(known->second);
      return sink_.add_alias(place, headword, known->second);
    }
    const auto text = data_->read(word.text);
    if (!text) return tl::unexpected(text.error());
    const auto meaning = read_stardict_text(*text, info_.same_types, charset_);
    if (!meaning)
      return unreadable(place.file, fmt::format("{} (of the word at byte {})", meaning.error(), place.number));
    const auto entry = sink_.add(place, headword, *meaning);
    if (!entry) return tl::unexpected(entry.error());
    if (*entry) entries_.emplace(word.text, **entry);
    words_.push_back(*entry);
    return {};
  }

  LoadResult<void> take_synonym(const Place& place, const StardictWord& word) {
    if (word.number >= words_.size()) {
      return unreadable(
          place.file, fmt::format("a synonym is of word {}, which is not there (byte {})", word.number, place.number));
    }
    const auto entry = words_[word.number];
    if (entry) return sink_.add_alias(place, charset_.to_utf8(word.headword), *entry);
    sink_.bad(place, "a synonym of an entry that was bad");
    return {};
  }

  const std::string base_;
  Charset charset_;
  Sink& sink_;
  StardictInfo info_;
  std::optional<DataFile> data_;
  std::vector<std::optional<Sink::EntryId>> words_;  // the entry of each word of .idx
  std::unordered_map<Part, Sink::EntryId, PartHash> entries_;
};

}  // namespace

LoadResult<void> read_stardict(const std::string& path, const std::string& charset, Sink& sink) {
  auto encoding = Charset::open(charset);
  if (!encoding) return tl::unexpected(LoadError{LoadError::Kind::kUsage, encoding.error()});
  return StardictReader(base_of(path), std::move(*encoding), sink).read();
}

}  // namespace words
