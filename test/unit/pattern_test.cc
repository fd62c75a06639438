// pattern.h, sentence by sentence.
#include "dictd/pattern.h"

#include <re2/re2.h>

#include "dictd/key_lines.h"
#include "test/unit/index_fixture.h"

namespace dictd::index_test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Case {
  std::string pattern;
  std::vector<std::string> expected;
};

const std::vector<std::string> kWords = {"Apple", "apply", "ape",       "maple", "a.p", "a|b",
                                         "果",    "苹果",  "ice cream", "naïve", "a+"};

TEST(Extended, MatchesAnywhereUnlessAnchoredAndWithoutRegardToCase) {
  const auto index = build(in_one_dictionary(kWords));
  const std::vector<Case> cases = {
      {"pl", {"Apple", "apply", "maple"}},
      {"^APP", {"Apple", "apply"}},
      {"ple$", {"Apple", "maple"}},
      {"^ap?e$", {"ape"}},
      {"^ap*le", {"Apple"}},
      {"^ap{2}l", {"Apple", "apply"}},
      {"^ape?", {"ape", "Apple", "apply"}},
      {"^(ape|maple)$", {"ape", "maple"}},
      {"^ape|maple$", {"ape", "maple"}},
      {"^[a-m]p", {"ape", "Apple", "apply"}},
      {"[[:space:]]", {"ice cream"}},
      {"\\bcream", {"ice cream"}},
      {" cream", {"ice cream"}},
      {"a\\.p", {"a.p"}},
      {"a[+|]", {"a+", "a|b"}},
      {"[^a-z ]", {"a+", "a.p", "a|b", "naïve", "果", "苹果"}},
      {"^.$", {"果"}},
      {"^..$", {"a+", "苹果"}},
      {"^na.ve", {"naïve"}},
      {"Ï", {"naïve"}},
      {"^$", {}},
      {"\\n", {}},
      {"zebra", {}},
      {"", {"a+", "a.p", "ape", "Apple", "apply", "a|b", "ice cream", "maple", "naïve", "果", "苹果"}},
  };
  for (const auto& [pattern, expected] : cases) {
    EXPECT_EQ(headwords(match(*index, "re", pattern)), expected) << pattern;
  }
}

TEST(Basic, IsRewrittenAsExtended) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"abc", "abc"},
      {"a\\(b\\|c\\)d", "a(b|c)d"},
      {"a\\{2,3\\}", "a{2,3}"},
      {"a\\+b\\?", "a+b?"},
      {"a+b?(c)|d{1}", "a\\+b\\?\\(c\\)\\|d\\{1\\}"},
      {"*a", "\\*a"},
      {"^*a", "^\\*a"},
      {"\\(*a\\)", "(\\*a)"},
      {"\\(^a$\\)", "(^a$)"},
      {"a\\|^b$\\|*c", "a|^b$|\\*c"},
      {"a*b**", "a*b**"},
      {"a^b$c", "a\\^b\\$c"},
      {"^a$", "^a$"},
      {"a\\.b\\*", "a\\.b\\*"},
      {"\\<ice\\>", "\\bice\\b"},
      {"[a-z]*", "[a-z]*"},
      {"[]a]", "[\\]a]"},
      {"[^]a]", "[^\\]a]"},
      {"[a\\]b", "[a\\\\]b"},
      {"[a[b^]", "[a\\[b\\^]"},
      {"[[:alpha:]_]", "[[:alpha:]_]"},
      {"a\\", "a\\"},
      {"é\\(果\\)", "é(果)"},
  };
  for (const auto& [basic, extended] : cases) {
    const auto rewritten = extended_from_basic(basic);
    ASSERT_TRUE(rewritten) << basic;
    EXPECT_EQ(*rewritten, extended) << basic;
  }
}

TEST(Basic, RefusesBackReferencesAndBracketsThatDoNotEnd) {
  for (const auto* pattern :
       {"\\(a\\)\\1", "\\9", "[", "[a", "[^", "[]", "[[:alpha]", "[[.a.]]", "[[=a=]]", "a[\\]x["}) {
    const auto rewritten = extended_from_basic(pattern);
    ASSERT_FALSE(rewritten) << pattern;
    EXPECT_EQ(rewritten.error().code, ErrorCode::kBadRequest) << pattern;
  }
}

TEST(Basic, MatchesAsTheExtendedOne) {
  const auto index = build(in_one_dictionary(kWords));
  const std::vector<Case> cases = {{"^a\\(pe\\|p*le\\)$", {"ape", "Apple"}},
                                   {"a+", {"a+"}},
                                   {"[\\.]", {"a.p"}},
                                   {"^ap\\{2\\}", {"Apple", "apply"}},
                                   {"果$", {"果", "苹果"}}};
  for (const auto& [pattern, expected] : cases) {
    EXPECT_EQ(headwords(match(*index, "regexp", pattern)), expected) << pattern;
  }
}

std::string many(std::string_view text, int times) {
  std::string repeated;
  for (int n = 0; n < times; ++n) repeated += text;
  return repeated;
}

TEST(Pattern, ThatIsNoneIsRefusedInPlainWords) {
  const auto index = build(in_one_dictionary({"a"}));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"(a", "parenthesis"},
      {"a)", "parenthesis"},
      {"[a", "without its ]"},
      {"[z-a]", "range"},
      {"[[:letter:]]", "[:letter:]"},
      {"a\\", "backslash"},
      {"\\y", "\\y"},
      {"*a", "repeats what is not there"},
      {"a{2000}", "more often than 1,000 times"},
      {"(((a{1,99}){1,99}){1,99})x", "more often than 1,000 times"},
      {many(".{1000}", 100), "too large"},
      {std::string(kMaxPatternBytes + 1, 'a'), "longer than 1024 bytes"},
  };
  for (const auto& [pattern, words] : cases) {
    std::vector<Entry> results;
    const auto matched = try_match(*index, "re", pattern, {}, results);
    ASSERT_FALSE(matched) << pattern;
    EXPECT_EQ(matched.error().code, ErrorCode::kBadRequest) << pattern;
    EXPECT_THAT(matched.error().message, HasSubstr(words));
  }
  EXPECT_THAT(match(*index, "re", std::string(kMaxPatternBytes, 'a')), IsEmpty());
}

// Whatever way a pattern takes through the keys, over many blocks of them.
TEST(Pattern, FindsWhatItMatchesKeyByKey) {
  std::vector<std::string> words;
  std::string text;
  for (const auto* beginning : {"un", "In", "com", "é", "苹果", ""}) {
    for (const auto* middle : {"foo", "Bar", "a", "er", "e st", "", "-"}) {
      for (int n = 0; n < 200; ++n)
        words.push_back(beginning + std::string(middle) + std::to_string(n * 7) + (n % 3 == 0 ? "able" : "tion"));
    }
  }
  for (const auto& word : words) text += word;
  ASSERT_GT(text.size(), KeyLines::kBlockBytes);
  const auto index = build(in_one_dictionary(words));
  for (const auto* pattern : {"foo",           "(foo|bar)1", "^com.*tion$", "^(un|in).*able$",
                              "er.*st",        "[aeiou]{2}", "^un",         "^uN?b",
                              "^un{2}",        "^un*f",      "^com|able$",  "^(com|un)f",
                              "^com(foo|bar)", "^é",         "果",          "果.*(foo|er)",
                              "^[^a-z]",       "7{2}",       ".",           "foo.*bar|0able",
                              "\\b14",         "^$",         "^u\\w*foo",   "a(b|c|d|e|f|g|h|i|j|k)l",
                              "^Foo",          "1|2",        "x*",          "tion$",
                              "^.{9}$"}) {
    RE2::Options options;
    options.set_case_sensitive(false);
    const RE2 expression(pattern, options);
    ASSERT_TRUE(expression.ok()) << pattern;
    std::vector<std::string> expected;
    for (const auto place : index->by_front()) {
      if (RE2::PartialMatch(index->key(place), expression)) expected.emplace_back(index->entry(place).headword);
    }
    EXPECT_EQ(headwords(match(*index, "re", pattern)), expected) << pattern;
  }
}

TEST(Pattern, ThatCouldTakeLongKeepsItsDeadline) {
  std::vector<std::string> words;
  for (int n = 0; n < 3000; ++n) words.push_back(std::string(200, static_cast<char>('a' + n % 26)) + std::to_string(n));
  const auto index = build(in_one_dictionary(words));
  constexpr auto kTime = std::chrono::milliseconds(20);
  for (const auto* pattern : {"(.?){200}[^a]{200}(.?){100}x", "(x+x+)+y", ".*.*.*.*.*.*=", "[a-q][^u-z]{500}x"}) {
    std::vector<Entry> results;
    const auto begin = std::chrono::steady_clock::now();
    (void)try_match(*index, "re", pattern, {.deadline = begin + kTime}, results);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << pattern;
  }
}

}  // namespace
}  // namespace dictd::index_test
