#include "dictcli/align.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

namespace dictcli {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::size_t kTabStop = 8;

struct Character {
  std::int32_t code = -1;  // -1: a byte that is not UTF-8
  std::string_view bytes;
  std::size_t width = 0;
};

// The first character of non-empty text.
Character first_character(std::string_view text) {
  std::int32_t code = -1;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (length <= 0) return {-1, text.substr(0, 1), 1};
  const int width = utf8proc_charwidth(code);
  return {code, text.substr(0, static_cast<std::size_t>(length)), static_cast<std::size_t>(std::max(width, 0))};
}

bool steers_terminal(std::int32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool reorders = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const bool parts_lines = code == 0x2028 || code == 0x2029;
  return control || reorders || parts_lines;
}

// Punctuation that belongs to the character before it.
bool closes(std::string_view character) {
  constexpr std::string_view kClosing = "、，。；：？！）】》〉」』”’…—,.;:?!)]}";
  return kClosing.find(character) != std::string_view::npos;
}

std::string expand_tabs(std::string_view line) {
  std::string result;
  std::size_t width = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    const std::string piece = printable(line.substr(0, tab));
    width += display_width(piece);
    const std::size_t gap = kTabStop - width % kTabStop;
    result.append(piece).append(gap, ' ');
    width += gap;
    line.remove_prefix(tab + 1);
  }
  return result + printable(line);
}

// Appends `line` cut into lines of at most `width`.
class Wrapper {
 public:
  Wrapper(std::vector<std::string>& lines, std::size_t width) : lines_(lines), width_(width) {}

  void wrap(std::string_view line) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(begin);
    indent_ = std::min(begin, width_ / 2 - 1);
    begin_line();
    while (!line.empty()) {
      const Character character = first_character(line);
      line.remove_prefix(character.bytes.size());
      add(character);
    }
    flush_word();
    end_line();
  }

 private:
  // A word is what must stay together; it moves to the line when a place to break follows.
  void add(const Character& character) {
    if (character.bytes == " ") {
      flush_word();
      if (line_width_ < width_ && line_width_ > indent_) append(line_, line_width_, character);
      return;
    }
    if (character.width == 2 && !closes(character.bytes)) flush_word();
    if (after_wide_ && !closes(character.bytes)) flush_word();
    if (indent_ + word_width_ + character.width > width_) flush_word();
    append(word_, word_width_, character);
    after_wide_ = character.width == 2;
  }

  void flush_word() {
    if (line_width_ + word_width_ > width_) {
      end_line();
      begin_line();
    }
    line_ += word_;
    line_width_ += word_width_;
    word_.clear();
    word_width_ = 0;
    after_wide_ = false;
  }

  void begin_line() {
    line_.assign(indent_, ' ');
    line_width_ = indent_;
  }

  void end_line() {
    line_.erase(line_.find_last_not_of(' ') + 1);
    lines_.push_back(std::move(line_));
  }

  static void append(std::string& text, std::size_t& width, const Character& character) {
    text += character.bytes;
    width += character.width;
  }

  std::vector<std::string>& lines_;
  std::size_t width_;
  std::size_t indent_ = 0;  // leaves room for any character
  std::string line_, word_;
  std::size_t line_width_ = 0, word_width_ = 0;
  bool after_wide_ = false;
};

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes.size());
    if (character.code == '\t') {
      result += ' ';
    } else {
      result += steers_terminal(character.code) ? kReplacement : character.bytes;
    }
  }
  return result;
}

std::string printable_lines(std::string_view text) {
  std::string result;
  for (;;) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    result += expand_tabs(line);
    if (end == std::string_view::npos) return result;
    result += '\n';
    text.remove_prefix(end + 1);
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes.size());
    width += character.width;
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  const std::size_t whole = display_width(text);
  if (whole <= width) return std::string(text) + std::string(width - whole, ' ');
  std::string result;
  std::size_t used = 0;
  for (;;) {
    const Character character = first_character(text);
    if (used + character.width > width - 1) break;
    text.remove_prefix(character.bytes.size());
    result += character.bytes;
    used += character.width;
  }
  return result + "…" + std::string(width - 1 - used, ' ');
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  Wrapper wrapper(lines, width == 0 ? SIZE_MAX : std::max<std::size_t>(width, 2));
  for (;;) {
    const std::size_t end = text.find('\n');
    wrapper.wrap(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace dictcli
