// The Unicode part is utf8proc's; this file puts its pieces in the right order and keeps plain ASCII away
// from it.
//
// Folding is the canonical caseless match of the Unicode standard (3.13, D145), composed at the end:
// decompose, fold the case, decompose again, compose.
#include "dictd/fold.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace dictd {
namespace {

using CodePoint = utf8proc_int32_t;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

// The bytes at the front of `text` that are ASCII, in whole words of eight as long as there are eight.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80U) ++at;
  return at;
}

// The code point at the front of `text` and the number of its bytes; 0 bytes if there is none that is
// well-formed.
struct Decoded {
  CodePoint code_point = 0;
  std::size_t bytes = 0;
};

Decoded decode(std::string_view text) {
  if (text.empty()) return {};
  Decoded front;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &front.code_point);
  if (length > 0) front.bytes = static_cast<std::size_t>(length);
  return front;
}

// The property White_Space (PropList.txt); utf8proc has general categories only, which are not the same set.
bool is_white_space(CodePoint c) {
  if (c <= 0x20) return c == 0x20 || (c >= 0x09 && c <= 0x0d);
  if (c < 0x1680) return c == 0x85 || c == 0xa0;
  return c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

void append(std::string& text, CodePoint c) {
  if (c < 0x80) return text.push_back(static_cast<char>(c));
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(c, bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

// Lives for one fold: writes the key, with runs of white space made one space and none at either end.
class KeyWriter {
 public:
  explicit KeyWriter(std::string& key) : key_(key) { key_.clear(); }

  void add(CodePoint c) {
    if (is_white_space(c)) return end_word();
    add_pending_space();
    append(key_, c);
  }

 private:
  void end_word() { space_pending_ = !key_.empty(); }

  void add_pending_space() {
    if (space_pending_) key_.push_back(' ');
    space_pending_ = false;
  }

  std::string& key_;
  bool space_pending_ = false;
};

// The code points of `text` after utf8proc's `options`, in canonical order.
std::vector<CodePoint> decompose(std::string_view text, int options) {
  const auto run = [&](std::vector<CodePoint>& into) {
    const auto length = utf8proc_decompose(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), into.data(),
        static_cast<utf8proc_ssize_t>(into.size()), static_cast<utf8proc_option_t>(options));
    assert(length >= 0 && "only valid UTF-8 can be folded");
    return static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 0));
  };
  std::vector<CodePoint> result(text.size() + 1);
  auto length = run(result);
  if (length > result.size()) {
    result.resize(length);
    length = run(result);
  }
  result.resize(length);
  return result;
}

// The same text with what was decomposed put together.
std::vector<CodePoint> composed(std::vector<CodePoint> code_points) {
  const auto length = utf8proc_normalize_utf32(code_points.data(), static_cast<utf8proc_ssize_t>(code_points.size()),
                                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  code_points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 0)));
  return code_points;
}

bool is_ascii_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, marks and digits, which utf8proc has in a row.
bool is_in_word(CodePoint c) {
  static_assert(UTF8PROC_CATEGORY_LU == 1 && UTF8PROC_CATEGORY_NO == 11);
  const auto category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

// Whether a decomposed code point is left in a bare form.
bool is_bare(CodePoint c) {
  if (is_white_space(c)) return true;
  const auto* const property = utf8proc_get_property(c);
  if (!is_in_word(c) || property->ignorable || property->category == UTF8PROC_CATEGORY_ME) return false;
  const auto combining = property->combining_class;
  return property->category != UTF8PROC_CATEGORY_MN || combining == 0 || (combining >= 7 && combining <= 9);
}

std::string encode(const std::vector<CodePoint>& code_points) {
  std::string text;
  for (const auto c : code_points) append(text, c);
  return text;
}

}  // namespace

bool valid_utf8_beyond_ascii(std::string_view text) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty(); text.remove_prefix(ascii_prefix(text))) {
    const auto front = decode(text);
    if (front.bytes == 0) return false;
    text.remove_prefix(front.bytes);
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string_view trim(std::string_view text) {
  for (auto front = decode(text); front.bytes > 0 && is_white_space(front.code_point); front = decode(text)) {
    text.remove_prefix(front.bytes);
  }
  while (!text.empty()) {
    auto start = text.size() - 1;
    while (start > 0 && is_continuation(text[start])) --start;
    const auto back = decode(text.substr(start));
    if (start + back.bytes != text.size() || !is_white_space(back.code_point)) break;
    text.remove_suffix(back.bytes);
  }
  return text;
}

bool begins_in_word(std::string_view text) {
  const auto front = decode(text);
  return front.bytes > 0 && is_in_word(front.code_point);
}

bool ends_in_word(std::string_view text) {
  if (text.empty()) return false;
  auto start = text.size() - 1;
  while (start > 0 && is_continuation(text[start])) --start;
  return begins_in_word(text.substr(start));
}

bool has_white_space(std::string_view text) {
  for (auto front = decode(text); front.bytes > 0; front = decode(text)) {
    if (is_white_space(front.code_point)) return true;
    text.remove_prefix(front.bytes);
  }
  return false;
}

bool has_control_character(std::string_view text, std::string_view allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && allowed.find(text[i]) == std::string_view::npos) || byte == 0x7F) return true;
    if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

bool fold_plain(std::string_view word, std::string& key) {
  // The folded byte; 0 for what is not plain.
  static constexpr auto kPlain = [] {
    std::array<char, 256> folded{};
    for (std::size_t byte = 0x21; byte < 0x7f; ++byte) {
      folded[byte] = static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    return folded;
  }();
  key.resize(word.size());
  bool plain = true;
  for (std::size_t at = 0; at < word.size(); ++at) {
    key[at] = kPlain[static_cast<unsigned char>(word[at])];
    plain = plain & (key[at] != 0);
  }
  return plain;
}

void fold(std::string_view word, std::string& key) {
  KeyWriter writer(key);
  if (ascii_prefix(word) == word.size()) {
    for (const char c : word) writer.add(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return;
  }
  // Decomposed before folding: the iota subscript folds to a letter, after which the marks around it no
  // longer reorder.
  const auto decomposed = encode(decompose(word, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
  for (const auto c : composed(decompose(decomposed, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD))) {
    writer.add(c);
  }
}

void fold_keeping_case(std::string_view word, std::string& form) {
  KeyWriter writer(form);
  for (const auto c : composed(decompose(word, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE))) writer.add(c);
}

void bare_form(std::string_view key, std::string& bare) {
  KeyWriter writer(bare);
  if (ascii_prefix(key) == key.size()) {
    for (const char c : key) {
      if (is_ascii_letter_or_digit(c) || is_white_space(c)) writer.add(c);
    }
    return;
  }
  auto code_points = decompose(key, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
  std::erase_if(code_points, [](CodePoint c) { return !is_bare(c); });
  for (const auto c : composed(std::move(code_points))) writer.add(c);
}

}  // namespace dictd
