#include "words/stardict.h"

#include <algorithm>
#include <charconv>

#include "dictd/fold.h"
#include "words/entry.h"
#include "words/markup.h"

namespace words {
namespace {

constexpr std::string_view kMagic = "StarDict's dict ifo file";
constexpr std::string_view kTextTypes = "mlgtxykwhn";  // others are sounds, pictures and lists of files

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

bool read_number(std::string_view digits, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size();
}

// Sets what an option says. False: it cannot say that.
bool set(StardictInfo& info, std::string_view name, std::string_view value) {
  if (name == "wordcount") return read_number(value, info.words);
  if (name == "synwordcount") return read_number(value, info.synonyms);
  if (name == "idxfilesize") return read_number(value, info.index_bytes);
  if (name == "idxoffsetbits") info.wide_offsets = value == "64";
  if (name == "idxoffsetbits") return value == "64" || value == "32";
  if (name == "version") return value == "2.4.2" || value == "3.0.0";
  if (name == "sametypesequence") info.same_types = value;
  if (name == "bookname") info.title = value;
  if (name == "author") info.author = value;
  if (name == "email") info.email = value;
  if (name == "website") info.website = value;
  if (name == "description") info.description = value;
  if (name == "date") info.date = value;
  return true;
}

// The text of a field; empty for what is none.
std::string field_text(char type, std::string_view field, Charset& charset) {
  if (kTextTypes.find(type) == std::string_view::npos) return "";
  std::string text = charset.to_utf8(field);
  if (!dictd::valid_utf8(text)) return text;
  switch (type) {
    case 'g':
    case 'x':
    case 'k': return text_of(text, Markup::kXml);
    case 'h': return text_of(text, Markup::kHtml);
    default: return text;
  }
}

bool is_sized(char type) { return type >= 'A' && type <= 'Z'; }

// Takes a field off the text. `alone`: it is the last one, and has neither end nor size.
std::optional<std::string_view> take_field(std::string_view& text, char type, bool alone) {
  std::size_t begin = 0;
  std::size_t end = text.size();
  std::size_t after = end;
  if (!alone && is_sized(type)) {
    if (text.size() < 4) return std::nullopt;
    const std::uint64_t size = big_endian(text.substr(0, 4));
    if (size > text.size() - 4) return std::nullopt;
    begin = 4;
    end = after = begin + size;
  } else if (!alone) {
    // Some writers leave the NUL of a last field out.
    end = std::min(text.find('\0'), text.size());
    after = std::min(end + 1, text.size());
  }
  const std::string_view field = text.substr(begin, end - begin);
  text.remove_prefix(after);
  return field;
}

}  // namespace

tl::expected<StardictInfo, std::string> read_stardict_info(std::string_view ifo) {
  ifo = without_byte_order_mark(ifo, 1);
  if (!ifo.starts_with(kMagic)) return tl::unexpected(std::string("it does not begin like the .ifo of a dictionary"));
  StardictInfo info;
  bool versioned = false;
  while (!ifo.empty()) {
    const std::string_view line = ifo.substr(0, ifo.find('\n'));
    ifo.remove_prefix(std::min(line.size() + 1, ifo.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = dictd::trim(line.substr(0, equals));
    const std::string_view value = dictd::trim(line.substr(equals + 1));
    if (!set(info, name, value)) return tl::unexpected("it says " + std::string(dictd::trim(line)));
    versioned = versioned || name == "version";
  }
  if (!versioned) return tl::unexpected(std::string("it does not say its version"));
  return info;
}

tl::expected<std::optional<StardictWord>, std::string> take_stardict_word(std::string_view& bytes, StardictList list) {
  const std::size_t end = bytes.substr(0, kMaxStardictWordBytes + 1).find('\0');
  if (end == std::string_view::npos) {
    if (bytes.size() <= kMaxStardictWordBytes) return std::nullopt;
    return tl::unexpected(std::string("a headword does not end"));
  }
  const std::size_t offset_bytes = list == StardictList::kIndex ? 4 : list == StardictList::kWideIndex ? 8 : 0;
  const std::string_view numbers = bytes.substr(end + 1, offset_bytes + 4);
  if (numbers.size() < offset_bytes + 4) return std::nullopt;
  StardictWord word{bytes.substr(0, end), {}, 0};
  const std::uint64_t last = big_endian(numbers.substr(offset_bytes));
  if (list == StardictList::kSynonyms)
    word.number = last;
  else
    word.text = {big_endian(numbers.substr(0, offset_bytes)), last};
  bytes.remove_prefix(end + 1 + numbers.size());
  return word;
}

tl::expected<std::string, std::string> read_stardict_text(std::string_view text, std::string_view same_types,
                                                          Charset& charset) {
  std::string meaning;
  for (std::size_t i = 0; same_types.empty() ? !text.empty() : i < same_types.size(); ++i) {
    const char type = same_types.empty() ? text.front() : same_types[i];
    if (same_types.empty()) text.remove_prefix(1);
    const auto field = take_field(text, type, !same_types.empty() && i + 1 == same_types.size());
    if (!field) return tl::unexpected(std::string("a field is longer than its text"));
    const std::string lines = field_text(type, *field, charset);
    if (!meaning.empty() && !lines.empty()) meaning += '\n';
    meaning += lines;
  }
  return meaning;
}

}  // namespace words
