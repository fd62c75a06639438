// strategy.h and its strategies, sentence by sentence.
#include <algorithm>
#include <span>

#include "dictd/distance.h"
#include "test/unit/index_fixture.h"

namespace dictd::index_test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- their names

TEST(Strategies, AreNamedAsRfc2229ClientsAskForThem) {
  std::vector<std::string_view> names;
  for (const auto& strategy : strategies()) {
    names.push_back(strategy.name);
    EXPECT_FALSE(strategy.description.empty()) << strategy.name;
    const auto found = find_strategy(strategy.name);
    ASSERT_TRUE(found) << strategy.name;
    EXPECT_EQ(found->find, strategy.find) << strategy.name;
  }
  EXPECT_THAT(names, ElementsAre("exact", "prefix", "nprefix", "suffix", "substring", "word", "first", "last", "re",
                                 "regexp", "soundex", "metaphone", "lev", "dlev"));
}

TEST(Strategies, AreFoundWithADistanceToo) {
  for (const auto* name : {"lev1", "lev2", "lev3", "lev4", "dlev1", "dlev2", "dlev3", "dlev4"}) {
    const auto found = find_strategy(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->distance, static_cast<unsigned>(found->name.back() - '0')) << name;
  }
}

TEST(Strategies, UnknownOnesAreNone) {
  for (const auto* name : {"", "..", "LEV", "lev0", "lev5", "lev ", "soundex4"}) {
    EXPECT_FALSE(find_strategy(name)) << name;
  }
}

TEST(Strategies, DotIsTheDefaultOfTheOnlyDictionaryOrLev) {
  const std::vector<Addition> additions = {
      {"plain", "cat", ""}, {"plain", "cats", ""}, {"plain", "catnip", ""}, {"own", "cat", ""}, {"own", "catnip", ""}};
  const auto index = build({{.name = "plain"},
                            {.name = "own", .default_strategy = "prefix"},
                            {.name = "wrong",
                             .default_strategy = "magic",
                             .members = {"plain"},
                             .default_rank = DictionarySettings::kNotInDefault},
                            {.name = "itself",
                             .default_strategy = ".",
                             .members = {"plain"},
                             .default_rank = DictionarySettings::kNotInDefault}},
                           additions);
  EXPECT_THAT(headwords(match(*index, ".", "cat", {.database = "plain"})), ElementsAre("cat", "cats"));
  EXPECT_THAT(headwords(match(*index, ".", "cat", {.database = "own"})), ElementsAre("cat", "catnip"));
  EXPECT_THAT(headwords(match(*index, ".", "cat", {.database = "*"})), ElementsAre("cat", "cats", "cat"));
  EXPECT_THAT(headwords(match(*index, ".", "cat", {.database = "wrong"})), ElementsAre("cat", "cats"));
  EXPECT_THAT(headwords(match(*index, ".", "cat", {.database = "itself"})), ElementsAre("cat", "cats"));
}

// ---- what each finds

struct Case {
  std::string_view strategy;
  std::string word;
  std::vector<std::string> expected;
};

class Finds : public testing::Test {
 protected:
  static void expect(const std::vector<std::string>& words, const std::vector<Case>& cases) {
    const auto index = build(in_one_dictionary(words));
    for (const auto& [strategy, word, expected] : cases) {
      EXPECT_EQ(headwords(match(*index, strategy, word)), expected) << strategy << " " << word;
    }
  }
};

using Exact = Finds;
TEST_F(Exact, WhatALookUpIsAnsweredWith) {
  expect({"Café", "cafe", "re-sume", "Résumé"}, {
                                                    {"exact", "CAFÉ", {"Café"}},
                                                    {"exact", "cafe", {"cafe"}},
                                                    {"exact", "resume", {"re-sume", "Résumé"}},
                                                    {"exact", "caf", {}},
                                                });
}

using Prefix = Finds;
TEST_F(Prefix, IsInTheOrderOfKeys) {
  expect({"apply", "Apple", "app", "ape", "apple pie", "banana", "äpple"},
         {{"prefix", "APP", {"app", "Apple", "apple pie", "apply"}}, {"prefix", "appz", {}}});
}

TEST_F(Prefix, OfEverythingIsEmpty) { expect({"b", "苹果", "a", "é"}, {{"prefix", "", {"a", "b", "é", "苹果"}}}); }

using PageOfPrefix = Finds;
TEST_F(PageOfPrefix, SkipsAndCounts) {
  expect({"aa", "ab", "ac", "ad", "b", "1#x"}, {
                                                   {"nprefix", "0#2#a", {"aa", "ab"}},
                                                   {"nprefix", "2#3#a", {"ac", "ad"}},
                                                   {"nprefix", "3#1#A", {"ad"}},
                                                   {"nprefix", "4#1#a", {}},
                                                   {"nprefix", "0#0#a", {}},
                                                   {"nprefix", "1#2#", {"aa", "ab"}},
                                                   {"nprefix", "1#2# a", {"ab", "ac"}},
                                                   {"nprefix", "4000000000#4000000000#a", {}},
                                               });
}

TEST_F(PageOfPrefix, OfAnyOtherWordIsAsPrefix) {
  expect({"aa", "1#x", "-1#2#a", "1#99999999999#b"}, {
                                                         {"nprefix", "a", {"aa"}},
                                                         {"nprefix", "1#", {"1#99999999999#b", "1#x"}},
                                                         {"nprefix", "-1#2#", {"-1#2#a"}},
                                                         {"nprefix", "1#99999999999#", {"1#99999999999#b"}},
                                                     });
}

TEST_F(PageOfPrefix, CountsTheHeadwordsOfAllDictionariesAndLeavesTheRestUnmentioned) {
  const auto index = build({{"one", "aa", ""}, {"two", "aa", ""}, {"one", "ab", ""}, {"two", "ac", ""}});
  std::vector<Entry> results;
  const auto page = [&](const std::string& word, std::size_t limit) {
    const auto matched = try_match(*index, "nprefix", word, {.limit = limit}, results);
    EXPECT_TRUE(matched);
    return matched->more;
  };
  EXPECT_FALSE(page("1#2#a", 10));
  EXPECT_THAT(headwords(results), ElementsAre("ab", "aa"));
  EXPECT_FALSE(page("1#2#a", 2));
  EXPECT_TRUE(page("1#3#a", 2));
  EXPECT_THAT(headwords(results), ElementsAre("ab", "aa"));
}

using Suffix = Finds;
TEST_F(Suffix, IsInTheOrderOfKeys) {
  expect({"pear", "Bear", "bare", "ear", "year", "é", "caf\u00e9"},
         {
             {"suffix", "EAR", {"Bear", "ear", "pear", "year"}},
             {"suffix", "é", {"caf\u00e9", "é"}},
             {"suffix", "years", {}},
             {"suffix", "", {"bare", "Bear", "caf\u00e9", "ear", "pear", "year", "é"}},
         });
}

using Substring = Finds;
TEST_F(Substring, IsFoundOnceInAKey) {
  expect({"banana", "an", "nab", "苹果树", "果"}, {
                                                      {"substring", "AN", {"an", "banana"}},
                                                      {"substring", "na", {"banana", "nab"}},
                                                      {"substring", "果", {"果", "苹果树"}},
                                                      {"substring", "ann", {}},
                                                      {"substring", "", {"an", "banana", "nab", "果", "苹果树"}},
                                                  });
}

using Words = Finds;
TEST_F(Words, AreRunsOfLettersAndDigits) {
  expect({"cream", "ice cream", "ice-cream soda", "cream's", "creams", "'cream", "x2 cream2", "crème", "icecream"},
         {
             {"word", "cream", {"'cream", "cream", "cream's", "ice cream", "ice-cream soda"}},
             {"first", "cream", {"cream", "cream's"}},
             {"last", "cream", {"'cream", "cream", "ice cream"}},
             {"word", "ice cream", {"ice cream"}},
             {"first", "ice", {"ice cream", "ice-cream soda"}},
             {"last", "soda", {"ice-cream soda"}},
             {"word", "cr", {}},
             {"word", "", {}},
             {"first", "", {}},
             {"last", "", {}},
         });
}

TEST_F(Words, AreTriedWhereverTheyStand) {
  expect({"theme the", "the", "हिन्दी", "हिन्द", "苹果 树"}, {
                                                               {"word", "the", {"the", "theme the"}},
                                                               {"first", "the", {"the"}},
                                                               {"last", "the", {"the", "theme the"}},
                                                               {"word", "हिन्द", {"हिन्द"}},  // a vowel sign goes on
                                                               {"word", "树", {"苹果 树"}},
                                                           });
}

using Lev = Finds;
TEST_F(Lev, FindsEveryKindOfSlip) {
  const auto index = build(in_one_dictionary({"their"}));
  for (const auto* strategy : {"lev", "dlev", "dlev1"}) {
    for (const auto* slip : {"heir", "ther", "thei", "atheir", "theeir", "theirs", "cheir", "thair", "theit", "hteir",
                             "thier", "theri", "THEIR"}) {
      EXPECT_THAT(headwords(match(*index, strategy, slip)), ElementsAre("their")) << strategy << slip;
    }
    for (const auto* other : {"", "t", "the", "hetir", "htier", "thiier", "theirxx", "ehtir", "rieht", "eirth"}) {
      EXPECT_THAT(match(*index, strategy, other), IsEmpty()) << strategy << other;
    }
  }
}

TEST_F(Lev, CountsCharactersAndNotBytes) {
  expect({"苹果", "苹", "果苹", "平果", "苹果树", "果树", "café", "cafe", "caf"},
         {
             {"lev", "苹果", {"苹果", "平果", "果苹", "苹", "苹果树"}},
             {"lev1", "苹果", {"苹果", "平果", "苹", "苹果树"}},
             {"lev2", "苹果", {"苹果", "平果", "苹", "苹果树", "果树", "果苹"}},
             {"lev", "café", {"café", "caf", "cafe"}},
         });
}

TEST_F(Lev, PutsTheNearestFirst) {
  expect({"bat", "cart", "cat", "at", "cats", "chart", "dog", "act"},
         {
             {"lev", "cat", {"cat", "act", "at", "bat", "cart", "cats"}},
             {"lev1", "cat", {"cat", "at", "bat", "cart", "cats"}},
             {"lev2", "cat", {"cat", "at", "bat", "cart", "cats", "act", "chart"}},
             {"dlev2", "cat", {"cat", "act", "at", "bat", "cart", "cats", "chart"}},
             {"lev3", "cat", {"cat", "at", "bat", "cart", "cats", "act", "chart", "dog"}},
         });
}

TEST_F(Lev, ChangesNoCharacterTwice) {
  expect({"abc"}, {{"dlev2", "ca", {}}, {"dlev3", "ca", {"abc"}}, {"dlev1", "bac", {"abc"}}, {"lev1", "bac", {}}});
}

// ---- scopes and limits

TEST(Match, NamesAHeadwordOfADictionaryOnce) {
  const auto index = build({{"one", "Bank", "1"}, {"one", "bank", "2"}, {"one", "Bank", "3"}, {"two", "Bank", "4"}});
  for (const auto& strategy : strategies()) {
    EXPECT_THAT(meanings(match(*index, strategy.name, "bank")), ElementsAre("1", "2", "4")) << strategy.name;
  }
}

TEST(Match, OfDictionariesWithTheSameNameKeepsBoth) {
  IndexBuilder builder;
  for (const auto* meaning : {"1", "2"}) {
    ASSERT_TRUE(builder.add_dictionary({.name = "same"}));
    ASSERT_TRUE(builder.add("bank", meaning));
  }
  EXPECT_THAT(meanings(match(*std::move(builder).build(), "exact", "bank")), ElementsAre("1", "2"));
}

TEST(Match, GivesDictionaryAfterDictionaryAndSaysIfThereIsMore) {
  const auto index =
      build({{.name = "one"},
             {.name = "two"},
             {.name = "turned", .members = {"two", "one"}, .default_rank = DictionarySettings::kNotInDefault}},
            {{"one", "bark", "1"}, {"one", "barn", "2"}, {"two", "bar", "3"}, {"two", "bars", "4"}});
  struct Page {
    std::string_view database;
    std::size_t limit;
    std::vector<std::string> expected;
    bool more;
  };
  const std::vector<Page> cases = {
      {"*", 4, {"1", "2", "3", "4"}, false},
      {"*", 3, {"1", "2", "3"}, true},
      {"*", 2, {"1", "2"}, true},
      {"*", 1, {"1"}, true},
      {"*", 0, {}, true},
      {"!", 4, {"1", "2"}, false},
      {"!", 1, {"1"}, true},
      {"two", 2, {"3", "4"}, false},
      {"turned", 3, {"3", "4", "1"}, true},
      {"turned", 9, {"3", "4", "1", "2"}, false},
  };
  for (const auto& [database, limit, expected, more] : cases) {
    std::vector<Entry> results;
    const auto matched = try_match(*index, "prefix", "bar", {.database = database, .limit = limit}, results);
    ASSERT_TRUE(matched);
    EXPECT_EQ(meanings(results), expected) << database << limit;
    EXPECT_EQ(matched->more, more) << database << limit;
  }
}

TEST(Match, OfTheFirstIsOfTheFirstThatHasSomething) {
  const auto index = build({{"one", "cat", "1"}, {"two", "bar", "2"}, {"two", "barn", "3"}, {"three", "bar", "4"}});
  EXPECT_THAT(meanings(match(*index, "prefix", "bar", {.database = "!"})), ElementsAre("2", "3"));
  EXPECT_THAT(meanings(match(*index, "exact", "ba-r", {.database = "!"})), ElementsAre("2"));
  EXPECT_THAT(match(*index, "prefix", "dog", {.database = "!"}), IsEmpty());
}

TEST(Match, OfAnEmptyIndexIsEmpty) {
  const Index index;
  const auto built = IndexBuilder().build();
  for (const auto* empty : {&index, built.get()}) {
    for (const auto* word : {"", "a", "苹果"}) {
      for (const auto& strategy : strategies())
        EXPECT_THAT(match(*empty, strategy.name, word), IsEmpty()) << strategy.name;
    }
  }
}

TEST(Match, TakesTheLongestWords) {
  for (const auto* letter : {"a", "ΐ", "果", "😀"}) {
    std::string longest;
    for (std::size_t n = 0; n < kMaxWordCharacters; ++n) longest += letter;
    const auto shorter = longest.substr(std::string(letter).size());
    const auto index = build(in_one_dictionary({longest, shorter, "other"}));
    const std::vector<Case> cases = {
        {"prefix", shorter, {shorter, longest}},    {"suffix", shorter, {shorter, longest}},
        {"substring", shorter, {shorter, longest}}, {"word", longest, {longest}},
        {"lev", longest, {longest, shorter}},       {"lev", "x" + shorter, {shorter, longest}},
        {"lev", shorter + "x", {shorter, longest}}, {"lev2", shorter + "xx", {shorter, longest}},
        {"dlev4", shorter, {shorter, longest}},
    };
    for (const auto& [strategy, word, expected] : cases) {
      if (strategy == "word" && letter == "😀"s) continue;  // no letter
      EXPECT_EQ(headwords(match(*index, strategy, word)), expected) << strategy << letter;
    }
    for (const auto& strategy : strategies()) {
      if (strategy.name == "soundex" || strategy.name == "metaphone" || strategy.name == "re" ||
          strategy.name == "regexp")
        continue;
      EXPECT_THAT(match(*index, strategy.name, longest + longest), IsEmpty()) << strategy.name;
    }
  }
}

// ---- what takes long

std::shared_ptr<const Index> many_words(std::size_t count) {
  IndexBuilder builder;
  EXPECT_TRUE(builder.add_dictionary({.name = "d"}));
  for (std::size_t n = 0; n < count; ++n) EXPECT_TRUE(builder.add("w" + std::to_string(n), ""));
  return std::move(builder).build();
}

TEST(Deadline, IsKeptByEveryStrategyThatGoesThroughAllKeys) {
  const auto index = many_words(100);
  for (const auto* strategy : {"substring", "word", "re", "regexp", "soundex", "metaphone", "lev1", "lev2", "dlev4"}) {
    std::vector<Entry> results;
    const auto matched = try_match(*index, strategy, "wa", {.deadline = std::chrono::steady_clock::now()}, results);
    ASSERT_FALSE(matched) << strategy;
    EXPECT_EQ(matched.error().code, ErrorCode::kOverloaded) << strategy;
    EXPECT_THAT(results, IsEmpty()) << strategy;
  }
}

TEST(Quick, IsWhatLooksAtFewKeys) {
  const auto few = many_words(kQuickKeys);
  const auto many = many_words(kQuickKeys + 1);
  const auto is_quick = [](const Index& index, std::string_view strategy, std::string_view word, std::size_t limit) {
    return dictd::is_quick(index, *find_strategy(strategy), {word, word}, *index.scope("*"), limit);
  };
  for (const auto& strategy : strategies()) {
    const bool is_pattern = strategy.name == "re" || strategy.name == "regexp";
    EXPECT_EQ(is_quick(*few, strategy.name, "w", kNoLimit), !is_pattern) << strategy.name;
  }
  struct Search {
    std::string_view strategy;
    std::string_view word;
    std::size_t limit;
    bool quick;
  };
  const std::vector<Search> cases = {
      {"exact", "w", kNoLimit, true},  {"prefix", "w", kNoLimit, false},
      {"prefix", "w", 20, true},       {"prefix", "w1", kNoLimit, true},
      {"prefix", "x", kNoLimit, true}, {"nprefix", "0#5#w", 20, false},
      {"nprefix", "0#5#w1", 20, true}, {"suffix", "", 20, false},
      {"suffix", "1", 20, true},       {"substring", "w1", 20, false},
      {"word", "w1", 20, false},       {"first", "w", 20, false},
      {"first", "w1", 20, true},       {"last", "1", 20, true},
      {"re", "w1", 20, false},         {"regexp", "w1", 20, false},
      {"soundex", "w", 20, false},     {"soundex", "b", 20, true},
      {"soundex", "果", 20, true},     {"metaphone", "w", 20, false},
      {"lev", "w1", 20, true},         {"lev", "w", 20, false},
      {"lev", "果", 20, false},        {"dlev", "w1", 20, true},
      {"lev1", "w1", 20, false},       {"lev2", "w1", 20, false},
      {"dlev2", "w1", 20, false},      {".", "w1", 20, true},
  };
  for (const auto& [strategy, word, limit, quick] : cases) {
    EXPECT_EQ(is_quick(*many, strategy, word, limit), quick) << strategy << " " << word << " " << limit;
  }
}

TEST(Quick, IsNoPrefixOfWhichOneDictionaryMayHaveLittle) {
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "little"}));
  ASSERT_TRUE(builder.add_dictionary({.name = "much"}));
  for (std::size_t n = 0; n <= kQuickKeys; ++n) ASSERT_TRUE(builder.add("w" + std::to_string(n), ""));
  const auto index = std::move(builder).build();
  EXPECT_FALSE(is_quick(*index, *find_strategy("prefix"), {"w", "w"}, *index->scope("little"), 20));
}

}  // namespace
}  // namespace dictd::index_test
