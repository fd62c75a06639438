#include "dictd/dict_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dictd::dict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- Lines

struct LineCase {
  const char* name;
  std::string bytes;
  Line::Status status;
  std::string text;
  std::size_t consumed;
};

class LineTest : public testing::TestWithParam<LineCase> {};

TEST_P(LineTest, IsTakenOffTheFront) {
  const LineCase& expected = GetParam();
  const Line line = next_line(expected.bytes);
  EXPECT_EQ(line.status, expected.status);
  EXPECT_EQ(line.text, expected.text);
  EXPECT_EQ(line.consumed, expected.consumed);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += text;
  return all;
}

const std::string kEuro = "\xE2\x82\xAC";
const std::string kClef = "\xF0\x9D\x84\x9E";

INSTANTIATE_TEST_SUITE_P(
    All, LineTest,
    testing::Values(
        LineCase{"Nothing", "", Line::Status::kNeedMore, "", 0},
        LineCase{"Beginning", "DEFI", Line::Status::kNeedMore, "", 0},
        LineCase{"CrIsNoEndYet", "QUIT\r", Line::Status::kNeedMore, "", 0},
        LineCase{"CrLf", "QUIT\r\nHELP\r\n", Line::Status::kLine, "QUIT", 6},
        LineCase{"BareLf", "QUIT\nHELP\n", Line::Status::kLine, "QUIT", 5},
        LineCase{"Empty", "\r\nHELP\r\n", Line::Status::kLine, "", 2},
        LineCase{"OneCrIsOfTheEnd", "QUIT\r\r\n", Line::Status::kLine, "QUIT\r", 7},
        LineCase{"LongestOfAscii", std::string(1022, 'a') + "\r\n", Line::Status::kLine, std::string(1022, 'a'), 1024},
        LineCase{"LongestWithBareLf", std::string(1023, 'a') + "\n", Line::Status::kLine, std::string(1023, 'a'), 1024},
        LineCase{"OneMore", std::string(1023, 'a') + "\r\nQUIT\r\n", Line::Status::kTooLong, "", 1025},
        LineCase{"CountsCharacters", repeated(kEuro, 1022) + "\r\n", Line::Status::kLine, repeated(kEuro, 1022), 3068},
        LineCase{"LongestOfFourBytes", repeated(kClef, 1022) + "\r\n", Line::Status::kLine, repeated(kClef, 1022),
                 4090},
        LineCase{"OneCharacterMore", repeated(kEuro, 1023) + "\r\n", Line::Status::kTooLong, "", 3071},
        LineCase{"LongAndNotEnded", std::string(6144, 'a'), Line::Status::kTooLong, "", 0},
        LineCase{"LongButItMayStillEnd", std::string(6143, 'a'), Line::Status::kNeedMore, "", 0},
        LineCase{"EndsFarAway", std::string(9000, 'a') + "\nQUIT\r\n", Line::Status::kTooLong, "", 9001}),
    [](const auto& tested) { return tested.param.name; });

// ---- Commands

// The verb, then the parameters; or the code and what is said.
std::vector<std::string> parsed(std::string_view line) {
  Command command;
  const auto verb = command.parse(line);
  if (!verb) return {std::to_string(static_cast<int>(verb.error().code)), verb.error().reason};
  std::vector<std::string> result{std::to_string(static_cast<int>(*verb))};
  for (std::size_t n = 0; n < command.parameters(); ++n) result.emplace_back(command.parameter(n));
  return result;
}

std::string verb(Verb verb) { return std::to_string(static_cast<int>(verb)); }

TEST(CommandTest, KnowsEachCommandInAnyCase) {
  EXPECT_THAT(parsed("DEFINE wn apple"), ElementsAre(verb(Verb::kDefine), "wn", "apple"));
  EXPECT_THAT(parsed("define * Apple"), ElementsAre(verb(Verb::kDefine), "*", "Apple"));
  EXPECT_THAT(parsed("Match ! . apple"), ElementsAre(verb(Verb::kMatch), "!", ".", "apple"));
  EXPECT_THAT(parsed("SHOW DB"), ElementsAre(verb(Verb::kShowDatabases)));
  EXPECT_THAT(parsed("show databases"), ElementsAre(verb(Verb::kShowDatabases)));
  EXPECT_THAT(parsed("SHOW STRAT"), ElementsAre(verb(Verb::kShowStrategies)));
  EXPECT_THAT(parsed("sHoW sTrAtEgIeS"), ElementsAre(verb(Verb::kShowStrategies)));
  EXPECT_THAT(parsed("SHOW INFO wn"), ElementsAre(verb(Verb::kShowInfo), "wn"));
  EXPECT_THAT(parsed("SHOW SERVER"), ElementsAre(verb(Verb::kShowServer)));
  EXPECT_THAT(parsed("STATUS"), ElementsAre(verb(Verb::kStatus)));
  EXPECT_THAT(parsed("HELP"), ElementsAre(verb(Verb::kHelp)));
  EXPECT_THAT(parsed("QUIT"), ElementsAre(verb(Verb::kQuit)));
  EXPECT_THAT(parsed("OPTION MIME"), ElementsAre(verb(Verb::kOptionMime)));
  EXPECT_THAT(parsed("AUTH joe 0123456789abcdef"), ElementsAre(verb(Verb::kAuth), "joe", "0123456789abcdef"));
  EXPECT_THAT(parsed("SASLAUTH PLAIN"), ElementsAre(verb(Verb::kSaslAuth), "PLAIN"));
  EXPECT_THAT(parsed("SASLAUTH PLAIN AGE="), ElementsAre(verb(Verb::kSaslAuth), "PLAIN", "AGE="));
  EXPECT_THAT(parsed("SASLRESP AGE="), ElementsAre(verb(Verb::kSaslResponse), "AGE="));
}

TEST(CommandTest, TakesAnyTextOfAClientsName) {
  for (const char* line : {"CLIENT", "CLIENT kdict 0.6", "client \"GNU dico 2.11\"", "CLIENT Bob's", "CLIENT a\\"}) {
    EXPECT_THAT(parsed(line), ElementsAre(verb(Verb::kClient))) << line;
  }
}

TEST(CommandTest, ABlankLineIsNoCommand) {
  for (const char* line : {"", " ", "\t \t"}) EXPECT_THAT(parsed(line), ElementsAre(verb(Verb::kBlank)));
}

TEST(CommandTest, WhiteSpaceIsSpacesAndTabs) {
  EXPECT_THAT(parsed("  SHOW \t INFO\twn \t"), ElementsAre(verb(Verb::kShowInfo), "wn"));
}

struct WordCase {
  const char* name;
  std::string typed;
  std::string word;
};

class WordTest : public testing::TestWithParam<WordCase> {};

TEST_P(WordTest, IsUnquoted) {
  EXPECT_THAT(parsed("DEFINE wn " + GetParam().typed), ElementsAre(verb(Verb::kDefine), "wn", GetParam().word));
}

INSTANTIATE_TEST_SUITE_P(
    All, WordTest,
    testing::Values(WordCase{"Atom", "apple", "apple"}, WordCase{"DoubleQuotes", R"("ice cream")", "ice cream"},
                    WordCase{"SingleQuotes", "'ice cream'", "ice cream"},
                    WordCase{"QuotesInsideAWord", R"(ice" "cream)", "ice cream"},
                    WordCase{"OneKindInsideTheOther", R"("rock'n'roll")", "rock'n'roll"},
                    WordCase{"TheOtherWayRound", R"('say "aye"')", R"(say "aye")"},
                    WordCase{"EscapedSpace", R"(ice\ cream)", "ice cream"},
                    WordCase{"EscapedQuote", R"(rock\'n\'roll)", "rock'n'roll"},
                    WordCase{"EscapedInQuotes", R"("a \"b\" \\ c")", R"(a "b" \ c)"},
                    WordCase{"EscapedInSingleQuotes", R"('it\'s')", "it's"}, WordCase{"EscapedLetter", R"(\a\b)", "ab"},
                    WordCase{"OneBehindTheOther", R"('a'"b"c\d)", "abcd"}, WordCase{"EmptyQuotes", R"("")", ""},
                    WordCase{"QuotesOfNothingInAWord", R"(a""b)", "ab"}, WordCase{"TabInQuotes", "\"a\tb\"", "a\tb"},
                    WordCase{"Utf8", "caf\xC3\xA9", "caf\xC3\xA9"},
                    WordCase{"Utf8InQuotes", "\"\xE5\x86\xB0 \xE6\xB7\x87\"", "\xE5\x86\xB0 \xE6\xB7\x87"}),
    [](const auto& tested) { return tested.param.name; });

struct RejectedCase {
  const char* name;
  std::string line;
  const char* code;
  const char* reason;
};

class RejectedTest : public testing::TestWithParam<RejectedCase> {};

TEST_P(RejectedTest, SaysWhy) {
  EXPECT_THAT(parsed(GetParam().line), ElementsAre(GetParam().code, HasSubstr(GetParam().reason)));
}

INSTANTIATE_TEST_SUITE_P(
    All, RejectedTest,
    testing::Values(RejectedCase{"UnknownCommand", "FROBNICATE", "500", "HELP"},
                    RejectedCase{"PartOfACommand", "DEFIN wn a", "500", "unknown"},
                    RejectedCase{"MoreThanACommand", "DEFINES wn a", "500", "unknown"},
                    RejectedCase{"QuotedCommand", "\"HELP\"", "500", "unknown"},
                    RejectedCase{"NotUtf8Command", "\xFF\xFE", "500", "unknown"},
                    RejectedCase{"NulCommand", std::string(1, '\0'), "500", "unknown"},
                    RejectedCase{"BareShow", "SHOW", "501", "SHOW DB"},
                    RejectedCase{"UnknownShow", "SHOW ME", "501", "SHOW DB"},
                    RejectedCase{"BareOption", "OPTION", "501", "OPTION MIME"},
                    RejectedCase{"UnknownOption", "OPTION COLOUR", "503", "MIME"},
                    RejectedCase{"NoParameters", "DEFINE", "501", "DEFINE database word"},
                    RejectedCase{"TooFew", "DEFINE wn", "501", "DEFINE database word"},
                    RejectedCase{"TooMany", "DEFINE wn ice cream", "501", "quote"},
                    RejectedCase{"MatchTooFew", "MATCH wn exact", "501", "MATCH database strategy word"},
                    RejectedCase{"MatchTooMany", "MATCH wn exact a b", "501", "too many"},
                    RejectedCase{"InfoTooFew", "SHOW INFO", "501", "SHOW INFO database"},
                    RejectedCase{"DatabasesTooMany", "SHOW DB wn", "501", "too many"},
                    RejectedCase{"QuitTooMany", "QUIT now", "501", "too many"},
                    RejectedCase{"HelpTooMany", "HELP me", "501", "too many"},
                    RejectedCase{"StatusTooMany", "STATUS x", "501", "too many"},
                    RejectedCase{"MimeTooMany", "OPTION MIME x", "501", "too many"},
                    RejectedCase{"AuthTooFew", "AUTH joe", "501", "AUTH"},
                    RejectedCase{"SaslTooFew", "SASLAUTH", "501", "SASLAUTH"},
                    RejectedCase{"ResponseTooFew", "SASLRESP", "501", "SASLRESP"},
                    RejectedCase{"UnclosedDouble", "DEFINE wn \"ice cream", "501", "not closed"},
                    RejectedCase{"UnclosedSingle", "DEFINE wn it's", "501", "not closed"},
                    RejectedCase{"EscapedEndOfQuote", "DEFINE wn \"a\\\"", "501", "not closed"},
                    RejectedCase{"BackslashAtTheEnd", "DEFINE wn a\\", "501", "backslash"},
                    RejectedCase{"Nul", std::string("DEFINE wn a\0b", 13), "501", "control"},
                    RejectedCase{"QuotedNul", std::string("DEFINE wn \"a\0b\"", 15), "501", "control"},
                    RejectedCase{"EscapedNul", std::string("DEFINE wn \\\0", 12), "501", "control"},
                    RejectedCase{"Control", "DEFINE wn a\x01", "501", "control"},
                    RejectedCase{"Delete", "DEFINE wn a\x7f", "501", "control"},
                    RejectedCase{"BareCr", "DEFINE wn a\rb", "501", "control"},
                    RejectedCase{"InvalidUtf8", "DEFINE wn caf\xE9", "501", "UTF-8"},
                    RejectedCase{"OverlongUtf8", "DEFINE wn \xC0\xAF", "501", "UTF-8"},
                    RejectedCase{"Surrogate", "DEFINE wn \xED\xA0\x80", "501", "UTF-8"},
                    RejectedCase{"CutUtf8", "DEFINE wn \xE2\x82", "501", "UTF-8"},
                    RejectedCase{"BeyondUnicode", "DEFINE wn \xF4\x90\x80\x80", "501", "UTF-8"}),
    [](const auto& tested) { return tested.param.name; });

TEST(CommandTest, ForgetsTheCommandBefore) {
  Command command;
  ASSERT_TRUE(command.parse("MATCH wn exact apple"));
  ASSERT_TRUE(command.parse("SHOW INFO foldoc"));
  EXPECT_EQ(command.parameters(), 1U);
  EXPECT_EQ(command.parameter(0), "foldoc");
  ASSERT_TRUE(command.parse("QUIT"));
  EXPECT_EQ(command.parameters(), 0U);
}

TEST(UsageTest, TellsOfEachCommandButThoseThatCannotSucceed) {
  std::string all;
  for (const Usage& usage : usages()) {
    all += std::string(usage.command) + "\n";
    EXPECT_THAT(usage.description, testing::Not(IsEmpty()));
  }
  for (const char* command : {"DEFINE", "MATCH", "SHOW DB", "SHOW STRAT", "SHOW INFO", "SHOW SERVER", "OPTION MIME",
                              "CLIENT", "STATUS", "HELP", "QUIT", "SASLAUTH", "SASLRESP"}) {
    EXPECT_THAT(all, HasSubstr(command));
  }
}

}  // namespace
}  // namespace dictd::dict
