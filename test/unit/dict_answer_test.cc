#include "dictd/dict_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace dictd::dict {
namespace {

std::string as_lines(std::string_view text) {
  reactor::Buffer output;
  append_lines(output, text);
  return std::string(output.view());
}

std::string in_quotes(std::string_view text) {
  reactor::Buffer output;
  append_quoted(output, text);
  return std::string(output.view());
}

TEST(DictAnswerTest, AStatusIsACodeAndAText) {
  reactor::Buffer output;
  append_status(output, Code::kOk, "ok");
  append_status(output, Code::kNoMatch, "no match");
  EXPECT_EQ(output.view(), "250 ok\r\n552 no match\r\n");
}

TEST(DictAnswerTest, LinesEndWithCrLf) {
  EXPECT_EQ(as_lines(""), "");
  EXPECT_EQ(as_lines("a"), "a\r\n");
  EXPECT_EQ(as_lines("a\n"), "a\r\n");
  EXPECT_EQ(as_lines("a\nb"), "a\r\nb\r\n");
  EXPECT_EQ(as_lines("a\r\nb\r\n"), "a\r\nb\r\n");
  EXPECT_EQ(as_lines("\n"), "\r\n");
  EXPECT_EQ(as_lines("\n\na\n\n"), "\r\n\r\na\r\n\r\n");
  EXPECT_EQ(as_lines("a\rb\n"), "a\rb\r\n");
}

TEST(DictAnswerTest, APeriodAtTheFrontOfALineIsDoubled) {
  EXPECT_EQ(as_lines("."), "..\r\n");
  EXPECT_EQ(as_lines(".\n..\n a.\n.b"), "..\r\n...\r\n a.\r\n..b\r\n");
}

TEST(DictAnswerTest, QuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(in_quotes(""), R"("")");
  EXPECT_EQ(in_quotes("apple"), R"("apple")");
  EXPECT_EQ(in_quotes(R"(a "b" \ 'c')"), R"("a \"b\" \\ 'c'")");
  EXPECT_EQ(in_quotes(R"(\)"), R"("\\")");
}

TEST(DictAnswerTest, WhatWasQuotedIsAParameterAsItStands) {
  for (const std::string word :
       {"apple", "ice cream", "rock'n'roll", R"("quoted")", R"(back\slash\)", R"('"\"')", "caf\xC3\xA9", "", "a  b"}) {
    Command command;
    ASSERT_TRUE(command.parse("DEFINE wn " + in_quotes(word))) << word;
    EXPECT_EQ(command.parameter(1), word);
  }
}

}  // namespace
}  // namespace dictd::dict
