#include "words/cedict.h"

#include "dictd/fold.h"
#include "words/pinyin.h"

namespace words {
namespace {

// Takes what stands before `end` off the text, and `end` itself; false if it is not there.
bool take_until(std::string_view& text, std::string_view end, std::string_view& before) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  before = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

CedictLine header(std::string_view line) {
  std::string_view name;
  if (!line.starts_with("#!") || !take_until(line, "=", name)) return Blank{};
  return CedictHeader{std::string(dictd::trim(name.substr(2))), std::string(dictd::trim(line))};
}

}  // namespace

CedictLine read_cedict_line(std::string_view line) {
  line = dictd::trim(line);
  if (line.empty()) return Blank{};
  if (line.starts_with('#')) return header(line);
  std::string_view rest = line;
  std::string_view traditional, simplified, pinyin;
  if (!take_until(rest, " ", traditional) || !take_until(rest, " [", simplified) || !take_until(rest, "]", pinyin)) {
    return BadLine{"not `traditional simplified [pinyin] /meaning/`"};
  }
  if (pinyin.starts_with('[') && rest.starts_with(']')) {  // [[Zhong1guo2]], in the second version of the format
    pinyin.remove_prefix(1);
    rest.remove_prefix(1);
  }
  const std::string_view meanings = dictd::trim(rest);
  if (meanings.size() < 2 || !meanings.starts_with('/') || !meanings.ends_with('/')) {
    return BadLine{"the meaning does not stand between slashes"};
  }
  Record record{std::string(traditional), {}, std::string(line.substr(0, line.size() - rest.size()))};
  record.also = {std::string(simplified), std::string(pinyin), with_tone_marks(pinyin), without_tones(pinyin)};
  rest = meanings.substr(1);
  for (std::string_view gloss; take_until(rest, "/", gloss);) {
    if (!gloss.empty()) record.meaning.append("\n").append(gloss);
  }
  if (meanings.find_first_not_of('/') == std::string_view::npos) return BadLine{"no meaning"};
  return record;
}

}  // namespace words
