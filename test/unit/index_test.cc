// index.h, sentence by sentence.
#include <xxhash.h>

#include <algorithm>
#include <functional>

#include "test/unit/index_fixture.h"

namespace dictd::index_test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- the strategies

TEST(Strategies, AreNamedAsRfc2229ClientsAskForThem) {
  std::vector<std::string_view> names;
  for (const auto& strategy : strategies()) {
    names.push_back(strategy.name);
    EXPECT_FALSE(strategy.description.empty()) << strategy.name;
    const auto found = find_strategy(strategy.name);
    ASSERT_TRUE(found) << strategy.name;
    EXPECT_EQ(found->find, strategy.find) << strategy.name;
  }
  EXPECT_THAT(names, ElementsAre("exact", "prefix", "lev"));
}

TEST(Strategies, UnknownOnesAreNone) {
  for (const auto* name : {"", "..", "LEV", "soundex", "lev "}) {
    EXPECT_FALSE(find_strategy(name)) << name;
  }
}

// ---- look-up

TEST(EmptyIndex, FindsNothing) {
  const Index index;
  const auto built = IndexBuilder().build();
  for (const auto* empty : {&index, built.get()}) {
    EXPECT_EQ(empty->size(), 0U);
    EXPECT_THAT(empty->dictionaries(), IsEmpty());
    for (const auto* word : {"", "a", "苹果"}) {
      EXPECT_THAT(exact(*empty, word), IsEmpty());
      for (const auto& strategy : strategies()) EXPECT_THAT(match(*empty, strategy.name, word), IsEmpty());
    }
  }
}

TEST(IndexOfOneEntry, FindsItAndNothingElse) {
  const auto index = build({{"d", "Apple", "苹果"}});
  const Entry apple{"d", "Apple", "苹果"};
  EXPECT_EQ(index->size(), 1U);
  EXPECT_THAT(exact(*index, "apple"), ElementsAre(apple));
  for (const auto* other : {"appl", "apples", ""}) EXPECT_THAT(exact(*index, other), IsEmpty()) << other;
  EXPECT_THAT(match(*index, "prefix", "app"), ElementsAre(apple));
  for (const auto* other : {"b", "apples"}) EXPECT_THAT(match(*index, "prefix", other), IsEmpty()) << other;
  EXPECT_THAT(match(*index, "lev", "aple"), ElementsAre(apple));
  EXPECT_THAT(match(*index, "lev", "ape"), IsEmpty());
}

TEST(Exact, FindsWordsThatFoldAlikeAsTheyAreWritten) {
  const auto index = build(in_one_dictionary({"Polish", "polish", "straße", "café", "ice cream"}));
  EXPECT_THAT(headwords(exact(*index, "POLISH")), ElementsAre("Polish", "polish"));
  EXPECT_THAT(headwords(exact(*index, "STRASSE")), ElementsAre("straße"));
  EXPECT_THAT(headwords(exact(*index, "CAFE\u0301")), ElementsAre("café"));
  EXPECT_THAT(headwords(exact(*index, " Ice  Cream ")), ElementsAre("ice cream"));
  EXPECT_THAT(headwords(exact(*index, "cafe")), IsEmpty());
}

TEST(Exact, KeepsTheOrderOfDictionariesAndOfTheirEntries) {
  std::vector<Addition> additions;
  for (const auto* dictionary : {"z", "a", "m"}) {
    for (const auto* headword : {"bank", "Bank", "b", "bank"}) {
      additions.push_back({dictionary, headword, std::to_string(additions.size())});
    }
  }
  EXPECT_THAT(meanings(exact(*build(additions), "bank")), ElementsAre("0", "1", "3", "4", "5", "7", "8", "9", "11"));
}

TEST(Exact, LeavesOutWhiteSpaceAroundTheHeadword) {
  const auto index = build({{"d", " \u3000 Ice  cream\t", " as it is "}});
  EXPECT_THAT(exact(*index, "ice cream"), ElementsAre(Entry{"d", "Ice  cream", " as it is "}));
}

TEST(Exact, MeaningsMayBeEmptyOrLong) {
  const std::string long_meaning(1'000'000, 'm');
  const auto index = build({{"d", "a", ""}, {"d", "a", long_meaning}, {"d", "a", ""}});
  EXPECT_THAT(meanings(exact(*index, "a")), ElementsAre("", long_meaning, ""));
}

// Of 300,000 words some agree in the half of the hash that is kept as a tag, and in the bit of the other half
// that chooses one of the two slots of an index of one word.
TEST(Exact, TellsWordsApartWhoseHashesAgree) {
  std::map<std::size_t, std::string> words;
  int pairs = 0;
  for (int n = 0; n < 300'000; ++n) {
    const auto word = "word" + std::to_string(n);
    const auto hash = static_cast<std::size_t>(XXH3_64bits(word.data(), word.size()));
    const auto [other, is_new] = words.emplace(hash & 0x80000000ffffffffU, word);
    if (is_new) continue;
    ++pairs;
    EXPECT_THAT(exact(*build(in_one_dictionary({word})), other->second), IsEmpty());
  }
  EXPECT_GT(pairs, 0);
}

TEST(FindAll, FindsWhatFindDoes) {
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "d"}));
  for (int n = 0; n < 300; ++n) ASSERT_TRUE(builder.add("word" + std::to_string(n), "meaning"));
  const auto index = std::move(builder).build();
  for (std::size_t count = 0; count <= Index::kMostAtOnce; ++count) {
    std::vector<std::string> keys;
    std::vector<Index::Place> expected;
    for (std::size_t n = 0; n < count; ++n) {
      keys.push_back("word" + std::to_string(n * 25));  // the last are not there
      expected.push_back(index->find(keys.back()));
    }
    std::vector<Index::Place> places(count);
    index->find_all(keys, places);
    EXPECT_EQ(places, expected);
    Index().find_all(keys, places);
    EXPECT_THAT(places, testing::Each(Index::kNowhere));
  }
}

TEST(Dictionaries, AreListedWithTheirEntriesInTheOrderOfAddition) {
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "z", .title = "Last letter"}));
  ASSERT_TRUE(builder.add("one", "1"));
  ASSERT_TRUE(builder.add("one", "1"));
  ASSERT_TRUE(builder.add_dictionary({.name = "empty"}));
  ASSERT_TRUE(builder.add_dictionary({.name = "a", .title = "First letter"}));
  ASSERT_TRUE(builder.add("two", "2"));
  const auto index = std::move(builder).build();
  ASSERT_EQ(index->dictionaries().size(), 3U);
  EXPECT_EQ(index->dictionaries()[0].name, "z");
  EXPECT_EQ(index->dictionaries()[0].title, "Last letter");
  EXPECT_EQ(index->dictionaries()[0].entries, 2U);
  EXPECT_EQ(index->dictionaries()[1].entries, 0U);
  EXPECT_EQ(index->dictionaries()[2].name, "a");
  EXPECT_EQ(index->dictionaries()[2].entries, 1U);
  EXPECT_EQ(index->size(), 3U);
}

// ---- matching

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

TEST(Prefix, IsInTheOrderOfKeys) {
  const auto index = build(in_one_dictionary({"apply", "Apple", "app", "ape", "apple pie", "banana", "äpple"}));
  EXPECT_THAT(headwords(match(*index, "prefix", "APP")), ElementsAre("app", "Apple", "apple pie", "apply"));
}

TEST(Prefix, OfEverythingIsEmpty) {
  const auto index = build(in_one_dictionary({"b", "苹果", "a", "é"}));
  EXPECT_THAT(headwords(match(*index, "prefix", "")), ElementsAre("a", "b", "é", "苹果"));
}

TEST(Lev, FindsEveryKindOfSlip) {
  const auto index = build(in_one_dictionary({"their"}));
  for (const auto* slip : {"heir", "ther", "thei", "atheir", "theeir", "theirs", "cheir", "thair", "theit", "hteir",
                           "thier", "theri", "THEIR"}) {
    EXPECT_THAT(headwords(match(*index, "lev", slip)), ElementsAre("their")) << slip;
  }
  for (const auto* other : {"", "t", "the", "hetir", "htier", "thiier", "theirxx", "ehtir", "rieht", "eirth"}) {
    EXPECT_THAT(match(*index, "lev", other), IsEmpty()) << other;
  }
}

TEST(Lev, CountsCharactersAndNotBytes) {
  const auto index = build(in_one_dictionary({"苹果", "苹", "果苹", "平果", "苹果树", "果树", "café", "cafe", "caf"}));
  EXPECT_THAT(headwords(match(*index, "lev", "苹果")), ElementsAre("苹果", "平果", "果苹", "苹", "苹果树"));
  EXPECT_THAT(headwords(match(*index, "lev", "café")), ElementsAre("café", "caf", "cafe"));
}

TEST(Lev, PutsTheWordItselfFirst) {
  const auto index = build(in_one_dictionary({"bat", "cart", "cat", "at", "cats"}));
  EXPECT_THAT(headwords(match(*index, "lev", "cat")), ElementsAre("cat", "at", "bat", "cart", "cats"));
  EXPECT_THAT(headwords(match(*index, "lev", "cat", 1)), ElementsAre("cat"));
}

TEST(Match, TakesTheLongestWords) {
  for (const auto* letter : {"a", "ΐ", "果", "😀"}) {
    std::string longest;
    for (std::size_t n = 0; n < kMaxWordCharacters; ++n) longest += letter;
    const auto shorter = longest.substr(std::string(letter).size());
    const auto index = build(in_one_dictionary({longest, shorter, "other"}));
    EXPECT_THAT(headwords(exact(*index, longest)), ElementsAre(longest));
    EXPECT_THAT(headwords(match(*index, "prefix", shorter)), ElementsAre(shorter, longest));
    EXPECT_THAT(headwords(match(*index, "lev", longest)), ElementsAre(longest, shorter));
    EXPECT_THAT(headwords(match(*index, "lev", "x" + shorter)), ElementsAre(shorter, longest));
    EXPECT_THAT(headwords(match(*index, "lev", shorter + "x")), ElementsAre(shorter, longest));
    for (const auto& strategy : strategies()) {
      EXPECT_THAT(match(*index, strategy.name, longest + longest), IsEmpty()) << strategy.name;
    }
  }
}

// ---- limits and refusals

TEST(IndexBuilder, RefusesWhatIsNoWordAndGoesOn) {
  std::string too_long;
  for (std::size_t n = 0; n <= kMaxWordCharacters; ++n) too_long += "果";
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "d"}));
  for (const auto& headword : {""s, " \u3000"s, "\xff"s, "caf\xc3"s, too_long}) {
    const auto added = builder.add(headword, "meaning");
    ASSERT_FALSE(added) << testing::PrintToString(headword);
    EXPECT_EQ(added.error().code, ErrorCode::kBadRequest);
    EXPECT_FALSE(added.error().message.empty());
  }
  ASSERT_TRUE(builder.add("good", "meaning"));
  const auto index = std::move(builder).build();
  EXPECT_EQ(index->size(), 1U);
  EXPECT_EQ(index->dictionaries()[0].entries, 1U);
  EXPECT_THAT(headwords(match(*index, "prefix", "")), ElementsAre("good"));
}

TEST(IndexBuilder, RefusesMoreTextThanItCanCountAndKeepsTheRest) {
  constexpr std::size_t kRoom = 100;
  const auto entries_that_fit = [](const std::string& headword, const std::string& meaning) {
    IndexBuilder builder(kRoom);
    EXPECT_TRUE(builder.add_dictionary({.name = "d"}));
    std::size_t fit = 0;
    for (; fit < 1000; ++fit) {
      if (const auto added = builder.add(headword, meaning); !added) {
        EXPECT_EQ(added.error().code, ErrorCode::kOverloaded);
        break;
      }
    }
    EXPECT_EQ(exact(*std::move(builder).build(), headword).size(), fit);
    return fit;
  };
  EXPECT_EQ(entries_that_fit("twenty letters here!", ""), 2U);                    // 20 more for each entry
  EXPECT_EQ(entries_that_fit("Thirty-nine letters, and as many again", ""), 1U);  // key and headword differ
  EXPECT_EQ(entries_that_fit(std::string(81, 'a'), ""), 0U);
  EXPECT_EQ(entries_that_fit(std::string(80, 'a'), ""), 1U);
  EXPECT_EQ(entries_that_fit("a", std::string(50, 'm')), 2U);
  EXPECT_EQ(entries_that_fit("a", std::string(51, 'm')), 1U);
  EXPECT_EQ(entries_that_fit("a", std::string(101, 'm')), 0U);
}

TEST(IndexBuilder, RefusesMoreDictionariesThanItCanCount) {
  IndexBuilder builder;
  for (std::size_t n = 0; n < IndexBuilder::kMaxDictionaries; ++n) {
    ASSERT_TRUE(builder.add_dictionary({.name = "d"}));
  }
  const auto refused = builder.add_dictionary({.name = "one more"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
  ASSERT_TRUE(builder.add("word", "of the last one"));
  const auto index = std::move(builder).build();
  EXPECT_EQ(index->dictionaries().size(), IndexBuilder::kMaxDictionaries);
  EXPECT_THAT(exact(*index, "word"), ElementsAre(Entry{"d", "word", "of the last one"}));
}

}  // namespace
}  // namespace dictd::index_test
