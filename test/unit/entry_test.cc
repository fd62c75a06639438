#include "words/entry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace words {
namespace {

// "what was wrong|mended"
std::string mended(std::string_view text) {
  std::string result;
  const std::string wrong = mend(text, result);
  return wrong + "|" + result;
}

TEST(Entry, MeaningIsMendedWhereNothingIsLost) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"", "|"},
      {"n. 苹果\n\tv.", "|n. 苹果\n\tv."},
      {"a\r\nb\r\n", "|a\nb\n"},
      {"a\rb\r", "|a\nb\n"},
      {"a\x1B[31m", "control character|a\uFFFD[31m"},
      {std::string("a\0b", 3), "control character|a\uFFFDb"},
      {"a\u0085\u009Fb\x7F", "control character|a\uFFFD\uFFFDb\uFFFD"},
      {"fa\xE7"
       "ade",
       "not UTF-8|fa\uFFFDade"},
      {"\xFF\xC0\x80", "not UTF-8|\uFFFD\uFFFD\uFFFD"},
      {"\x01\xFF", "not UTF-8|\uFFFD\uFFFD"},
      {"cut \xE8\x8B", "not UTF-8|cut \uFFFD\uFFFD"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(mended(text), expected) << text;
}

TEST(Entry, HeadwordIsTakenOrNot) {
  const std::string long_word(256, 'x');
  const std::vector<std::pair<std::string, std::string>> table = {
      {"apple", ""},
      {"ice cream", ""},
      {long_word.substr(1), ""},
      {long_word, "headword of more than 255 characters"},
      {"", "no headword"},
      {"a\tb", "control character in the headword"},
      {"a\nb", "control character in the headword"},
      {"a\u0085", "control character in the headword"},
      {"a\xFF", "not UTF-8, in the headword"},
  };
  for (const auto& [headword, expected] : table) EXPECT_EQ(complaint_about_headword(headword), expected) << headword;
}

TEST(Entry, MeaningHasTextAndALimit) {
  EXPECT_EQ(complaint_about_meaning("m"), "");
  EXPECT_EQ(complaint_about_meaning(" \n\t\u3000"), "no meaning");
  EXPECT_EQ(complaint_about_meaning(std::string(kMaxMeaningBytes, 'm')), "");
  EXPECT_EQ(complaint_about_meaning(std::string(kMaxMeaningBytes + 1, 'm')), "meaning of more than 1048576 bytes");
}

TEST(Entry, NameOfADictionaryCanStandInALineOfWords) {
  for (const std::string name : {"wn", "freedict-eng-deu", "牛津", "a,b"})
    EXPECT_EQ(complaint_about_name(name), "") << name;
  for (const std::string name : {"", "!", "*", "a b", "a\u3000b", "a\"b", "a'b", "a\\b", "a\x01", "\xFF"}) {
    EXPECT_NE(complaint_about_name(name), "") << name;
  }
  EXPECT_EQ(complaint_about_name(std::string(64, 'x')), "");
  EXPECT_NE(complaint_about_name(std::string(65, 'x')), "");
}

TEST(Entry, EscapesOfTheGivenLettersAreUndone) {
  const std::vector<std::vector<std::string>> table = {
      {R"(a\nb)", "nt", "a\nb"},        {R"(a\tb)", "nt", "a\tb"},
      {R"(a\tb)", "nr", R"(a\tb)"},     {R"(a\\nb)", "nt", R"(a\nb)"},
      {R"(a\\\nb)", "nt", "a\\\nb"},    {R"(a\)", "nt", R"(a\)"},
      {R"(C:\dir)", "nt", R"(C:\dir)"}, {"", "nt", ""},
  };
  for (const auto& row : table) EXPECT_EQ(unescape(row[0], row[1]), row[2]) << row[0];
}

}  // namespace
}  // namespace words
