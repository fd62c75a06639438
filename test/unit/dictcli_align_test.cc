// Text by its width on a terminal, and the views made of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <sstream>

#include "dictcli/align.h"
#include "dictcli/entry_view.h"
#include "dictcli/history_view.h"
#include "dictcli/list_view.h"

namespace dictcli {
namespace {

using testing::ElementsAre;

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("apple"), 5U);
  EXPECT_EQ(display_width("苹果"), 4U);
  EXPECT_EQ(display_width("n. 苹果；"), 9U);
  EXPECT_EQ(display_width("caf\u00e9"), 4U);
  EXPECT_EQ(display_width("cafe\u0301"), 4U) << "a combining accent takes no column";
  EXPECT_EQ(display_width("\xff\xfe"), 2U) << "bytes that are not UTF-8";
}

TEST(Printable, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(printable("苹果 apple"), "苹果 apple");
  EXPECT_EQ(printable("\x1b[2J"), "\ufffd[2J");
  EXPECT_EQ(printable("a\tb"), "a b");
  EXPECT_EQ(printable("a\nb"), "a\ufffdb");
  EXPECT_EQ(printable("\x7f"), "\ufffd");
  EXPECT_EQ(printable("\u009b"), "\ufffd") << "C1: one character that begins a control sequence";
  EXPECT_EQ(printable("\u202e"), "\ufffd") << "writes what follows from right to left";
  EXPECT_EQ(printable("a\xff"), "a\ufffd") << "not UTF-8";
}

TEST(PrintableLines, KeepsLinesAndColumnsAndLetsNoTextSteerTheTerminal) {
  EXPECT_EQ(printable_lines("a\nb\n"), "a\nb\n");
  EXPECT_EQ(printable_lines("a\r\nb"), "a\nb");
  EXPECT_EQ(printable_lines("a\rb\r"), "a\ufffdb\ufffd") << "alone it goes back over what stands there";
  EXPECT_EQ(printable_lines("a\tb\tc"), "a       b       c");
  EXPECT_EQ(printable_lines("苹果\tb\n\tc"), "苹果    b\n        c") << "to the same column, counted in each line";
  EXPECT_EQ(printable_lines("12345678\tb"), "12345678        b");
  EXPECT_EQ(printable_lines("\x1b]0;title\x07\n\u009b2J"), "\ufffd]0;title\ufffd\n\ufffd2J");
}

TEST(Fit, FillsOrCutsToExactlyTheWidth) {
  EXPECT_EQ(fit("cat", 5), "cat  ");
  EXPECT_EQ(fit("猫", 5), "猫   ");
  EXPECT_EQ(fit("apple", 5), "apple");
  EXPECT_EQ(fit("apples", 5), "appl…");
  EXPECT_EQ(fit("苹果树", 5), "苹果…");
  EXPECT_EQ(fit("苹果树", 4), "苹… ") << "half a character is none";
  EXPECT_EQ(fit("苹果树", 1), "…");
}

TEST(Wrap, PartsAtSpacesAndBetweenWideCharacters) {
  EXPECT_THAT(wrap("a good long word", 9), ElementsAre("a good", "long word"));
  EXPECT_THAT(wrap("长的很长的", 4), ElementsAre("长的", "很长", "的"));
  EXPECT_THAT(wrap("n. 苹果树", 6), ElementsAre("n. 苹", "果树"));
}

TEST(Wrap, NeverBeginsALineWithClosingPunctuation) {
  EXPECT_THAT(wrap("苹果，树", 4), ElementsAre("苹", "果，", "树"));
  EXPECT_THAT(wrap("苹（果）", 6), ElementsAre("苹（", "果）"));
}

TEST(Wrap, CutsAWordThatIsWiderThanALine) { EXPECT_THAT(wrap("abcdefgh", 3), ElementsAre("abc", "def", "gh")); }

TEST(Wrap, KeepsNewlinesAndHasALineForNothing) {
  EXPECT_THAT(wrap("a\nb", 10), ElementsAre("a", "b"));
  EXPECT_THAT(wrap("", 10), ElementsAre(""));
}

TEST(Wrap, WhatIsPartedStaysAsFarToTheRightAsItsLineBegan) {
  EXPECT_THAT(wrap("a\n  two words\nb", 8), ElementsAre("a", "  two", "  words", "b"));
  EXPECT_THAT(wrap("    苹果树", 8), ElementsAre("   苹果", "   树")) << "up to half of the width";
  EXPECT_THAT(wrap("   \n  a", 8), ElementsAre("", "  a")) << "spaces alone are nothing";
  EXPECT_THAT(wrap("  a  b", 0), ElementsAre("  a  b"));
}

TEST(Wrap, HasNoLimitAtZero) { EXPECT_THAT(wrap(std::string(500, 'a'), 0), ElementsAre(std::string(500, 'a'))); }

TEST(Wrap, NoLineIsWiderThanAsked) {
  const std::string text = "adj. 长的，很长的 long；漫长的、冗长的（very long）of great length 长度为…的";
  for (const std::size_t indent : {0U, 3U, 50U}) {
    const std::string indented = std::string(indent, ' ') + text;
    for (std::size_t width = 2; width < 90; ++width) {
      for (const std::string& line : wrap(indented, width)) EXPECT_LE(display_width(line), width) << line;
    }
  }
}

const std::vector<Dictionary> kOne{{"wordbook", "English–Chinese basics", 3}};
const std::vector<Dictionary> kTwo{{"wordbook", "English–Chinese basics", 3}, {"wn", "WordNet (r) 3.0 (2006)", 147306}};

TEST(ShowEntries, PutsTheMeaningBelowItsHeadword) {
  EXPECT_EQ(show_entries({{"wordbook", "apple", "n. 苹果"}}, kOne, 80), "apple\n  n. 苹果\n");
  EXPECT_EQ(show_entries({{"wordbook", "apple", ""}}, kOne, 80), "apple\n");
}

TEST(ShowEntries, PutsABlankLineBetweenEntries) {
  EXPECT_EQ(show_entries({{"wordbook", "China", "中国"}, {"wordbook", "china", "瓷器"}}, kOne, 80),
            "China\n  中国\n\nchina\n  瓷器\n");
}

TEST(ShowEntries, NamesEachDictionaryOnceAboveItsEntries) {
  EXPECT_EQ(show_entries({{"wordbook", "China", "中国"}, {"wn", "China", "a nation"}, {"wn", "china", "porcelain"}},
                         kTwo, 80),
            "---- English–Chinese basics [wordbook] ----\nChina\n  中国\n\n"
            "---- WordNet (r) 3.0 (2006) [wn] ----\nChina\n  a nation\n\nchina\n  porcelain\n");
}

TEST(ShowEntries, NamesTheDictionaryUnlessThereIsNoOther) {
  struct Case {
    std::vector<Dictionary> dictionaries;
    std::string from, heading;
  };
  const std::vector<Case> cases{
      {kOne, "wordbook", ""},
      {kTwo, "wordbook", "---- English–Chinese basics [wordbook] ----\n"},
      {kOne, "hidden", "---- [hidden] ----\n"},  // not listed, so its title is not known
      {{}, "wordbook", ""},                      // nothing is known
      {{{"a", "a", 1}, {"b", "", 1}}, "a", "---- [a] ----\n"},
      {{{"a", "a", 1}, {"b", "", 1}}, "b", "---- [b] ----\n"},
      {{{"a", "\x1b[1m", 1}, {"b", "", 1}}, "a", "---- \ufffd[1m [a] ----\n"},
  };
  for (const auto& [dictionaries, from, heading] : cases) {
    EXPECT_EQ(show_entries({{from, "cat", "猫"}}, dictionaries, 80), heading + "cat\n  猫\n");
  }
  EXPECT_EQ(show_entries({{"a", "cat", "猫"}, {"b", "cat", "猫"}}, {}, 80),
            "---- [a] ----\ncat\n  猫\n\n---- [b] ----\ncat\n  猫\n");
}

TEST(ShowEntries, IndentsEachLineOfALongMeaning) {
  EXPECT_EQ(show_entries({{"a", "long", "长的很长"}}, {}, 6), "long\n  长的\n  很长\n");
}

TEST(ShowEntries, KeepsTheLinesOfAMeaningAndTheirColumns) {
  EXPECT_EQ(show_entries({{"a", "cat", "\n\n    n 1: a pet\n         that purrs\n\n    2:\twhip\n\n"}}, {}, 80),
            "cat\n  n 1: a pet\n       that purrs\n\n  2:  whip\n")
      << "without what all lines have: blank lines around them, and a margin";
}

TEST(ShowEntries, AMeaningThatBeginsWithItsHeadwordIsItsOwnHeading) {
  struct Case {
    std::string headword, meaning, shown;
  };
  const std::vector<Case> cases{
      {"apple", "apple\n    n 1: fruit\n", "apple\n  n 1: fruit\n"},
      {"apple", "  Apple \\Ap\"ple\\, n.\n   1. The fruit.\n", "Apple \\Ap\"ple\\, n.\n  1. The fruit.\n"},
      {"apple", "APPLE\n\n   <language>\n", "APPLE\n  <language>\n"},
      {"ice cream", "ice  cream\nEis\n", "ice  cream\n  Eis\n"},
      {"apple", "apple n. 苹果", "apple\n  apple n. 苹果\n"},  // the only line is the meaning
      {"app", "apple\nfruit", "app\n  apple\n  fruit\n"},
      {"苹", "苹果\n树", "苹\n  苹果\n  树\n"},
  };
  for (const auto& [headword, meaning, shown] : cases) {
    EXPECT_EQ(show_entries({{"a", headword, meaning}}, {}, 80), shown);
  }
}

TEST(ShowEntries, NoLineIsWiderThanTheScreen) {
  const std::string meaning =
      "cat /kæt/ (a headword line that is long by itself)\n\t\tn 1: feline mammal 猫科动物 usually\n";
  for (std::size_t width = 10; width < 60; ++width) {
    const std::string shown =
        show_entries({{"wn", "cat", meaning}, {"wordbook", std::string(255, 'c'), "猫"}}, kTwo, width);
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(ShowEntries, LetsNoMeaningSteerTheTerminal) {
  EXPECT_EQ(show_entries({{"a", "\x1b[2J", "a\x1b[31mred\x1b[0m\nb\x07"}}, {}, 80),
            "\ufffd[2J\n  a\ufffd[31mred\ufffd[0m\n  b\ufffd\n");
}

TEST(ShowMatches, HasTheDictionaryBeforeATabUnlessOneWasAsked) {
  const std::vector<Match> matches{{"wn", "apple"}, {"wn", "apple tree"}, {"gcide", "apple"}};
  EXPECT_EQ(show_matches(matches, false), "wn\tapple\nwn\tapple tree\ngcide\tapple\n");
  EXPECT_EQ(show_matches(matches, true), "apple\napple tree\n") << "each headword once";
  EXPECT_EQ(show_matches({{"wn", "a\tb\nc\x1b"}}, false), "wn\ta b\ufffdc\ufffd\n") << "one tab and one line each";
  EXPECT_EQ(show_matches({}, false), "");
}

TEST(ShowDictionaries, ColumnsStandUnderEachOther) {
  EXPECT_EQ(
      show_dictionaries({{"basic", "English–Chinese basics", 12297}, {"cedict", "汉英词典", 1}}, Language::kEnglish),
      "name    headwords  title\n"
      "basic       12297  English–Chinese basics\n"
      "cedict          1  汉英词典\n");
  EXPECT_EQ(show_dictionaries({{"汉英", "", 1234567}}, Language::kChinese), "名称   词条数  标题\n汉英  1234567  \n");
}

TEST(ShowMiss, ListsNearWordsIfThereAreAny) {
  EXPECT_EQ(show_miss("appl", {}, Language::kEnglish), "“appl” was not found.\n");
  EXPECT_EQ(show_miss("appl", {"apple", "apply"}, Language::kEnglish),
            "“appl” was not found.\nNear words: apple, apply\n");
  EXPECT_EQ(show_miss("appl", {"apple", "apply"}, Language::kChinese), "没有找到“appl”。\n相近的词：apple、apply\n");
}

class HistoryViewTest : public testing::Test {
 protected:
  void SetUp() override { use_zone("Asia/Shanghai"); }
  void TearDown() override { use_zone("UTC0"); }
  static void use_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

TEST_F(HistoryViewTest, TimeIsLocal) {
  EXPECT_EQ(local_time(0), "1970-01-01 08:00:00");
  EXPECT_EQ(local_time(1'700'000'000'999'999), "2023-11-15 06:13:20");
  use_zone("UTC0");
  EXPECT_EQ(local_time(1'700'000'000'999'999), "2023-11-14 22:13:20");
}

TEST_F(HistoryViewTest, TimeMayLieBefore1970AndBeyondAnyYear) {
  EXPECT_EQ(local_time(-1), "1970-01-01 07:59:59");
  EXPECT_EQ(local_time(-1'000'000), "1970-01-01 07:59:59");
  EXPECT_EQ(local_time(INT64_MIN).size(), std::string("-290308-12-22 00:00:00").size());
  EXPECT_FALSE(local_time(INT64_MAX).empty());
}

TEST_F(HistoryViewTest, ColumnsStandUnderEachOther) {
  EXPECT_EQ(show_history("小明", {{2, 1'000'000, "苹果"}, {1, 0, "ice cream"}}, Language::kEnglish),
            "name  word       time\n"
            "小明  苹果       1970-01-01 08:00:01\n"
            "小明  ice cream  1970-01-01 08:00:00\n");
  EXPECT_EQ(show_history("lee", {{1, 0, "cat"}}, Language::kChinese),
            "用户名  单词  时间\n"
            "lee     cat   1970-01-01 08:00:00\n");
}

TEST_F(HistoryViewTest, ALongWordIsCutAndStillAligned) {
  const std::string table = show_history("lee", {{2, 0, std::string(255, 'x')}, {1, 0, "cat"}}, Language::kEnglish);
  EXPECT_EQ(table, "name  word" + std::string(34, ' ') + "time\n" + "lee   " + std::string(35, 'x') +
                       "…  1970-01-01 08:00:00\n" + "lee   cat" + std::string(35, ' ') + "1970-01-01 08:00:00\n");
}

}  // namespace
}  // namespace dictcli
