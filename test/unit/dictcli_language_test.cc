// The table of all that dictcli says, in both languages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dictcli/failure.h"
#include "dictcli/language.h"

namespace dictcli {
namespace {

// The longest pieces of the text made of such bytes only.
std::set<std::string> runs_of(const std::string& text, bool (*belongs)(char)) {
  std::set<std::string> runs;
  for (auto end = text.begin(); end != text.end();) {
    const auto begin = std::find_if(end, text.end(), belongs);
    end = std::find_if_not(begin, text.end(), belongs);
    if (begin != end) runs.emplace(begin, end);
  }
  return runs;
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Options such as --host, and names of variables such as LC_ALL.
std::set<std::string> names_in(const std::string& text) {
  auto names = runs_of(text, [](char c) { return is_letter(c) || c == '-' || c == '_'; });
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("--") && name.find('_') == name.npos; });
  return names;
}

// {0}, {1} …: whatever three bytes a brace begins.
std::set<std::string> places_in(const std::string& text) {
  std::set<std::string> places;
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    places.insert(text.substr(at, 3));
  }
  return places;
}

struct Row {
  std::string chinese, english;
};

std::vector<Row> whole_table() {
  std::vector<Row> rows;
  for (int i = 0; i < static_cast<int>(Text::kCount); ++i) {
    rows.push_back({std::string(text(Language::kChinese, static_cast<Text>(i))),
                    std::string(text(Language::kEnglish, static_cast<Text>(i)))});
  }
  return rows;
}

TEST(LanguageTable, StandsInBothLanguages) {
  for (const auto& [chinese, english] : whole_table()) {
    SCOPED_TRACE(english);
    EXPECT_FALSE(chinese.empty());
    EXPECT_FALSE(english.empty());
    EXPECT_NE(chinese, english);
  }
}

TEST(LanguageTable, HasTheSamePlacesInBothLanguages) {
  for (const auto& [chinese, english] : whole_table()) {
    SCOPED_TRACE(english);
    EXPECT_EQ(places_in(chinese), places_in(english));
    for (const std::string& place : places_in(english)) EXPECT_THAT(place, testing::AnyOf("{0}", "{1}"));
  }
}

TEST(LanguageTable, HasTheSameOptionsAndVariablesInBothLanguages) {
  for (const auto& [chinese, english] : whole_table()) {
    SCOPED_TRACE(english);
    EXPECT_EQ(names_in(chinese), names_in(english));
  }
}

TEST(LanguageTable, IsChineseInChineseButForNamesOfThings) {
  for (const auto& [chinese, english] : whole_table()) {
    SCOPED_TRACE(english);
    const std::set<std::string> names{
        "dictd", "dictcli", "host",   "port",   "user",      "lang", "json",     "help",    "zh",       "en",
        "JSON",  "UTF",     "Ctrl",   "LC",     "ALL",       "LANG", "MESSAGES", "DICTCLI", "PASSWORD", "y",
        "n",     "N",       "Y",      "D",      "C",         "TLS",  "tls",      "ca",      "PEM",      "dictionary",
        "match", "list",    "prefix", "suffix", "substring", "re",   "soundex"};
    for (const std::string& word : runs_of(chinese, is_letter)) EXPECT_TRUE(names.contains(word)) << word;
  }
}

TEST(LanguageTable, HasNoChineseInEnglish) {
  for (const auto& [chinese, english] : whole_table()) {
    const bool has_chinese =
        std::any_of(english.begin(), english.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe3; });
    EXPECT_FALSE(has_chinese) << english;
  }
}

TEST(Fill, PutsValuesIntoTheirPlaces) {
  EXPECT_EQ(fill(Language::kEnglish, Text::kCannotConnect, {"h:1", "{0}"}), "Cannot reach h:1 (system error {0}).");
  EXPECT_EQ(fill(Language::kChinese, Text::kWelcomeBack, {"小明"}), "欢迎回来，小明！");
}

TEST(LanguageOfLocale, IsTheFirstThatIsSetOfThree) {
  struct Case {
    const char *lc_all, *lc_messages, *lang;
    Language language;
  };
  const std::vector<Case> cases{
      {nullptr, nullptr, nullptr, Language::kEnglish},   {nullptr, nullptr, "zh_CN.UTF-8", Language::kChinese},
      {nullptr, "", "zh_TW", Language::kChinese},        {nullptr, "zh_CN", "en_US", Language::kChinese},
      {"C.UTF-8", "zh_CN", "zh_CN", Language::kEnglish}, {"zh", "en_US", "en_US", Language::kChinese},
      {"de_DE", nullptr, nullptr, Language::kEnglish}};
  for (const auto& [lc_all, lc_messages, lang, language] : cases) {
    EXPECT_EQ(language_of_locale(lc_all, lc_messages, lang), language);
  }
}

TEST(ParseLanguage, KnowsTwo) {
  EXPECT_EQ(parse_language("zh"), Language::kChinese);
  EXPECT_EQ(parse_language("en"), Language::kEnglish);
  EXPECT_EQ(parse_language("fr"), std::nullopt);
}

TEST(Describe, HasASentenceOfItsOwnForEachCodeOfTheProtocol) {
  for (const Language language : {Language::kChinese, Language::kEnglish}) {
    std::set<std::string> sentences;
    for (std::uint16_t code = 1; code <= 16; ++code) {
      sentences.insert(
          describe({.kind = Failure::Kind::kRefused, .code = static_cast<dictd::ErrorCode>(code)}, language));
    }
    EXPECT_EQ(sentences.size(), 16U);
  }
  EXPECT_EQ(describe({.kind = Failure::Kind::kRefused, .code = static_cast<dictd::ErrorCode>(99)}, Language::kEnglish),
            "The server refused (code 99).");
}

TEST(Describe, AddsWhatOnlyTheServerKnowsOfABadRequest) {
  const Failure bad{.kind = Failure::Kind::kRefused, .code = dictd::ErrorCode::kBadRequest, .detail = "missing )"};
  EXPECT_EQ(describe(bad, Language::kEnglish), "The server does not accept this: missing )");
  EXPECT_EQ(describe(bad, Language::kChinese), "服务器不接受这个请求：missing )");
}

TEST(ExitStatusOf, FollowsTheDocumentedList) {
  using Kind = Failure::Kind;
  using dictd::ErrorCode;
  struct Case {
    Failure failure;
    ExitStatus status;
  };
  const std::vector<Case> cases{{{.kind = Kind::kUnknownHost}, kNoServer},
                                {{.kind = Kind::kCannotConnect}, kNoServer},
                                {{.kind = Kind::kNoTls}, kNoServer},
                                {{.kind = Kind::kUntrustedCertificate}, kNoServer},
                                {{.kind = Kind::kWrongHost}, kNoServer},
                                {{.kind = Kind::kCertificateOutOfDate}, kNoServer},
                                {{.kind = Kind::kUnusableCa}, kWrongUsage},
                                {{.kind = Kind::kLost}, kNoServer},
                                {{.kind = Kind::kAnswerTimedOut}, kNoServer},
                                {{.kind = Kind::kNonsense}, kNoServer},
                                {{.kind = Kind::kAnswerTooLarge}, kNoServer},
                                {{.kind = Kind::kInterrupted}, kStopped},
                                {{.kind = Kind::kSessionEnded}, kNoLogin},
                                {{.kind = Kind::kNoDictionary}, kServerRefused},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kNotLoggedIn}, kNoLogin},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kBadCredentials}, kNoLogin},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kUnavailable}, kServerRefused},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kBadRequest}, kServerRefused},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kShuttingDown}, kNoServer},
                                {{.kind = Kind::kRefused, .code = ErrorCode::kIdle}, kNoServer}};
  for (const auto& [failure, status] : cases) EXPECT_EQ(exit_status(failure), status);
}

}  // namespace
}  // namespace dictcli
