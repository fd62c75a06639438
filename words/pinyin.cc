#include "words/pinyin.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace words {
namespace {

constexpr std::string_view kVowels = "aeiouAEIOU";
constexpr std::string_view kDiaeresis = "\u0308";
// Combining macron, acute, caron and grave; the fifth tone has no mark.
constexpr std::array<std::string_view, 6> kMarks = {"", "\u0304", "\u0301", "\u030C", "\u0300", ""};

std::string composed(const std::string& text) {
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> result(
      utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str())), &std::free);
  return result == nullptr ? text : reinterpret_cast<const char*>(result.get());
}

// Which letter of a syllable bears its mark: a or e, the o of ou, or else the last vowel. npos: none does.
std::size_t bearer(std::string_view syllable) {
  const std::size_t open = syllable.find_first_of("aeAE");
  if (open != std::string_view::npos) return open;
  const std::size_t ou = syllable.find("ou");
  return ou != std::string_view::npos ? ou : syllable.find_last_of(kVowels);
}

// One syllable, its `u:` a ü, with a mark for the number at its end or without.
std::string syllable(std::string_view text, bool marked) {
  const bool toned = text.size() > 1 && text.back() >= '1' && text.back() <= '5';
  if (!toned) return std::string(text);
  const std::string_view mark = kMarks[static_cast<std::size_t>(text.back() - '0')];
  text.remove_suffix(1);
  const std::size_t at = bearer(text);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    const bool diaeresis = i + 1 < text.size() && text[i + 1] == ':' && (text[i] == 'u' || text[i] == 'U');
    if (diaeresis) result += kDiaeresis;
    if (marked && i == at) result += mark;
    if (diaeresis) ++i;
  }
  return result;
}

std::string each_syllable(std::string_view numbered, bool marked) {
  std::string result;
  while (!numbered.empty()) {
    // A syllable ends with its number, or before a space.
    std::size_t end = numbered.find_first_of(" 12345");
    if (end != std::string_view::npos && (numbered[end] != ' ' || end == 0)) ++end;
    const std::string_view next = numbered.substr(0, end);
    result += syllable(next, marked);
    numbered.remove_prefix(next.size());
  }
  return composed(result);
}

}  // namespace

std::string with_tone_marks(std::string_view numbered) { return each_syllable(numbered, true); }
std::string without_tones(std::string_view numbered) { return each_syllable(numbered, false); }

}  // namespace words
