// Text by its width on a terminal, and the views made of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "dictcli/align.h"
#include "dictcli/entry_view.h"
#include "dictcli/history_view.h"

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
  EXPECT_EQ(printable("a\nb", true), "a\nb");
  EXPECT_EQ(printable("\x7f"), "\ufffd");
  EXPECT_EQ(printable("\u009b"), "\ufffd") << "C1: one character that begins a control sequence";
  EXPECT_EQ(printable("\u202e"), "\ufffd") << "writes what follows from right to left";
  EXPECT_EQ(printable("a\xff"), "a\ufffd") << "not UTF-8";
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

TEST(Wrap, HasNoLimitAtZero) { EXPECT_THAT(wrap(std::string(500, 'a'), 0), ElementsAre(std::string(500, 'a'))); }

TEST(Wrap, NoLineIsWiderThanAsked) {
  const std::string text = "adj. 长的，很长的 long；漫长的、冗长的（very long）of great length 长度为…的";
  for (std::size_t width = 4; width < 90; ++width) {
    for (const std::string& line : wrap(text, width)) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(ShowEntries, PutsTheMeaningBelowItsHeadword) {
  EXPECT_EQ(show_entries({{"wordbook", "apple", "n. 苹果"}}, 80), "apple\n  n. 苹果\n");
}

TEST(ShowEntries, NamesTheDictionariesWhenThereAreSeveral) {
  EXPECT_EQ(show_entries({{"a", "China", "中国"}, {"b", "china", "瓷器"}}, 80),
            "China  [a]\n  中国\nchina  [b]\n  瓷器\n");
  EXPECT_EQ(show_entries({{"a", "China", "中国"}, {"a", "china", "瓷器"}}, 80), "China\n  中国\nchina\n  瓷器\n");
}

TEST(ShowEntries, IndentsEachLineOfALongMeaning) {
  EXPECT_EQ(show_entries({{"a", "long", "长的很长"}}, 6), "long\n  长的\n  很长\n");
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
