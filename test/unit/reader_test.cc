#include "words/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace words {
namespace {

using testing::HasSubstr;

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string shown(const Line& line) {
  if (const auto* entry = std::get_if<Entry>(&line)) {
    return "[" + std::string(entry->headword) + "] [" + std::string(entry->meaning) + "]";
  }
  if (const auto* bad = std::get_if<BadLine>(&line)) return "bad: " + bad->reason;
  return "blank";
}

TEST(Reader, SplitsHeadwordAndMeaning) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"apple\tn. 苹果", "[apple] [n. 苹果]"},
      {"apple  n. 苹果；苹果树", "[apple] [n. 苹果；苹果树]"},
      {"apple      n. 苹果", "[apple] [n. 苹果]"},
      {"ice cream  n. 冰淇淋", "[ice cream] [n. 冰淇淋]"},
      {"ice cream\tn. 冰淇淋", "[ice cream] [n. 冰淇淋]"},
      {"apple n. 苹果", "[apple] [n. 苹果]"},
      {"ice cream n.", "[ice] [cream n.]"},
      {"a b\tc  d", "[a b] [c  d]"},
      {"a b  c\td", "[a b] [c\td]"},
      {"a \t b", "[a] [b]"},
      {"  apple  n.  ", "[apple] [n.]"},
      {"\tapple\tn.\t", "[apple] [n.]"},
      {"C#  n. a language", "[C#] [n. a language]"},
      {"café  n. 咖啡馆", "[café] [n. 咖啡馆]"},
      {"\u3000apple  n.\u3000", "[apple] [n.]"},
  };
  for (const auto& [line, expected] : table) EXPECT_EQ(shown(read_line(line, 7)), expected) << line;
}

TEST(Reader, ToleratesCrLf) { EXPECT_EQ(shown(read_line("apple  n.\r", 7)), "[apple] [n.]"); }

TEST(Reader, ToleratesAByteOrderMarkOnTheFirstLineOnly) {
  EXPECT_EQ(shown(read_line("\xEF\xBB\xBF"
                            "apple  n.",
                            1)),
            "[apple] [n.]");
  EXPECT_EQ(shown(read_line("\xEF\xBB\xBF# words", 1)), "blank");
  EXPECT_EQ(shown(read_line("\xEF\xBB\xBF"
                            "apple  n.",
                            2)),
            "[\xEF\xBB\xBF"
            "apple] [n.]");
}

TEST(Reader, PassesOverBlankLinesAndRemarks) {
  for (const std::string line : {"", "\r", "   ", "\t", "\u3000", "#", "# apple  n."}) {
    EXPECT_EQ(shown(read_line(line, 7)), "blank") << line;
  }
}

TEST(Reader, RefusesWithAReason) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"apple", "no meaning"},
      {"apple  ", "no meaning"},
      {"\tapple", "no meaning"},
      {"apple  \xFF", "not UTF-8"},
      {"app\xC0\x80le  n.", "not UTF-8"},
      {"ap\x01ple  n.", "control character in the headword"},
      {"ap\x7Fple  n.", "control character in the headword"},
      {std::string("ap\0ple  n.", 10), "control character in the headword"},
      {"ap\u0085ple  n.", "control character in the headword"},
      {"apple  n.\x1B[31m", "control character in the meaning"},
      {"apple  n.\r\rx", "control character in the meaning"},
      {"apple  n. \u009F.", "control character in the meaning"},
  };
  for (const auto& [line, reason] : table) EXPECT_EQ(shown(read_line(line, 7)), "bad: " + reason) << line;
}

TEST(Reader, HeadwordHasAtMost255CharactersWhateverTheirBytes) {
  EXPECT_TRUE(std::holds_alternative<Entry>(read_line(repeat("果", 255) + "  n.", 7)));
  EXPECT_THAT(shown(read_line(repeat("果", 256) + "  n.", 7)), HasSubstr("bad: headword of more than 255 characters"));
}

TEST(Reader, MeaningHasAtMostOneMebibyte) {
  EXPECT_TRUE(std::holds_alternative<Entry>(read_line("a  " + repeat("m", kMaxMeaningBytes), 7)));
  EXPECT_THAT(shown(read_line("a  " + repeat("m", kMaxMeaningBytes + 1), 7)), HasSubstr("bad: meaning of more than"));
}

TEST(Reader, LineHasALimitBeforeAnythingElseIsLookedAt) {
  EXPECT_THAT(shown(read_line("#" + repeat(" ", kMaxLineBytes), 7)), HasSubstr("bad: line of more than"));
}

}  // namespace
}  // namespace words
