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

// ---- look-up

TEST(EmptyIndex, FindsNothing) {
  const Index index;
  const auto built = IndexBuilder().build();
  for (const auto* empty : {&index, built.get()}) {
    EXPECT_EQ(empty->size(), 0U);
    EXPECT_THAT(empty->dictionaries(), IsEmpty());
    for (const auto* word : {"", "a", "苹果"}) {
      EXPECT_THAT(look_up(*empty, word), IsEmpty());
    }
  }
}

TEST(IndexOfOneEntry, FindsItAndNothingElse) {
  const auto index = build({{"d", "Apple", "苹果"}});
  const Entry apple{"d", "Apple", "苹果"};
  EXPECT_EQ(index->size(), 1U);
  EXPECT_THAT(look_up(*index, "apple"), ElementsAre(apple));
  for (const auto* other : {"appl", "apples", ""}) EXPECT_THAT(look_up(*index, other), IsEmpty()) << other;
}

TEST(LookUp, FindsWordsThatFoldAlikeAsTheyAreWritten) {
  const auto index = build(in_one_dictionary({"Polish", "polish", "straße", "café", "ice cream"}));
  EXPECT_THAT(headwords(look_up(*index, "POLISH")), ElementsAre("Polish", "polish"));
  EXPECT_THAT(headwords(look_up(*index, "STRASSE")), ElementsAre("straße"));
  EXPECT_THAT(headwords(look_up(*index, "CAFE\u0301")), ElementsAre("café"));
  EXPECT_THAT(headwords(look_up(*index, " Ice  Cream ")), ElementsAre("ice cream"));
}

TEST(LookUp, KeepsTheOrderOfDictionariesAndOfTheirEntries) {
  std::vector<Addition> additions;
  for (const auto* dictionary : {"z", "a", "m"}) {
    for (const auto* headword : {"bank", "Bank", "b", "bank"}) {
      additions.push_back({dictionary, headword, std::to_string(additions.size())});
    }
  }
  EXPECT_THAT(meanings(look_up(*build(additions), "bank")), ElementsAre("0", "1", "3", "4", "5", "7", "8", "9", "11"));
}

TEST(LookUp, LeavesOutWhiteSpaceAroundTheHeadword) {
  const auto index = build({{"d", " \u3000 Ice  cream\t", " as it is "}});
  EXPECT_THAT(look_up(*index, "ice cream"), ElementsAre(Entry{"d", "Ice  cream", " as it is "}));
}

TEST(LookUp, MeaningsMayBeEmptyOrLong) {
  const std::string long_meaning(1'000'000, 'm');
  const auto index = build({{"d", "a", ""}, {"d", "a", long_meaning}, {"d", "a", ""}});
  EXPECT_THAT(meanings(look_up(*index, "a")), ElementsAre("", long_meaning, ""));
}

// Of 300,000 words some agree in the half of the hash that is kept as a tag, and in the bit of the other half
// that chooses one of the two slots of an index of one word.
TEST(LookUp, TellsWordsApartWhoseHashesAgree) {
  std::map<std::size_t, std::string> words;
  int pairs = 0;
  for (int n = 0; n < 300'000; ++n) {
    const auto word = "word" + std::to_string(n);
    const auto hash = static_cast<std::size_t>(XXH3_64bits(word.data(), word.size()));
    const auto [other, is_new] = words.emplace(hash & 0x80000000ffffffffU, word);
    if (is_new) continue;
    ++pairs;
    EXPECT_THAT(look_up(*build(in_one_dictionary({word})), other->second), IsEmpty());
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

// ---- without accents and punctuation

TEST(Fallback, AnswersWhereADictionaryDoesNotHaveTheWord) {
  const auto index = build({{"one", "résumé", "1"}, {"one", "re-sume", "2"}, {"two", "resume", "3"}});
  EXPECT_THAT(meanings(look_up(*index, "résumé")), ElementsAre("1", "3"));
  EXPECT_THAT(meanings(look_up(*index, "resume")), ElementsAre("1", "2", "3"));
  EXPECT_THAT(meanings(look_up(*index, "RESUMÉ")), ElementsAre("1", "2", "3"));
  EXPECT_THAT(meanings(look_up(*index, "re.su.me")), ElementsAre("1", "2", "3"));
  EXPECT_THAT(look_up(*index, "resum"), IsEmpty());
}

TEST(Matching, IsASettingOfADictionary) {
  struct Case {
    Matching matching;
    std::string word;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {Matching::kExact, "co-op", {"1", "4"}},
      {Matching::kExact, "coop", {"2"}},
      {Matching::kExact, "co.op", {}},
      {Matching::kFallback, "co-op", {"1", "4"}},
      {Matching::kFallback, "coop", {"2"}},
      {Matching::kFallback, "co.op", {"1", "2", "3", "4"}},
      {Matching::kLoose, "co-op", {"1", "2", "3", "4"}},
      {Matching::kLoose, "coop", {"1", "2", "3", "4"}},
      {Matching::kLoose, "co.op", {"1", "2", "3", "4"}},
      {Matching::kLoose, "hen", {"5"}},
  };
  for (const auto& [matching, word, expected] : cases) {
    const auto index =
        build({{.name = "d", .matching = matching}},
              {{"d", "Co-op", "1"}, {"d", "coop", "2"}, {"d", "coöp", "3"}, {"d", "co-op", "4"}, {"d", "hen", "5"}});
    EXPECT_EQ(meanings(look_up(*index, word)), expected) << static_cast<int>(matching) << " " << word;
  }
}

TEST(Fallback, OfPunctuationAloneFindsNothing) {
  const auto index = build(in_one_dictionary({"...", "!", "a"}));
  EXPECT_THAT(headwords(look_up(*index, "...")), ElementsAre("..."));
  EXPECT_THAT(look_up(*index, "?"), IsEmpty());
}

TEST(CaseSensitive, DictionariesMindTheCaseOfTheWord) {
  const std::vector<Addition> additions = {{"s", "Polish", "1"},
                                           {"s", "polish", "2"},
                                           {"s", "Polish!", "3"},
                                           {"i", "Polish", "4"},
                                           {"s", "Cafe\u0301  bar", "5"}};
  const auto index = build({{.name = "s", .case_sensitive = true}, {.name = "i"}}, additions);
  EXPECT_THAT(meanings(look_up(*index, "polish")), ElementsAre("2", "4"));
  EXPECT_THAT(meanings(look_up(*index, "Polish")), ElementsAre("1", "4"));
  EXPECT_THAT(meanings(look_up(*index, " Polish.")), ElementsAre("1", "3", "4"));
  EXPECT_THAT(meanings(look_up(*index, "POLISH")), ElementsAre("4"));
  EXPECT_THAT(meanings(look_up(*index, "Café bar ")), ElementsAre("5"));
  EXPECT_THAT(meanings(look_up(*index, "café bar")), IsEmpty());
}

// ---- scopes

class Scopes : public testing::Test {
 protected:
  static std::vector<std::string> asked(const Index& index, std::string_view database) {
    return meanings(look_up(index, "word", database));
  }
  const std::shared_ptr<const Index> index_ = build(
      {
          {.name = "a"},
          {.name = "secret", .hidden = true},
          {.name = "b"},
          {.name = "rare", .default_rank = DictionarySettings::kNotInDefault},
          {.name = "ba", .members = {"b", "a"}, .default_rank = DictionarySettings::kNotInDefault},
          {.name = "outer", .members = {"rare", "ba", "nobody", "b", "outer"}, .hidden = true},
          {.name = "nothing", .members = {"nobody"}, .default_rank = DictionarySettings::kNotInDefault},
      },
      {{"a", "word", "of a"},
       {"secret", "word", "of secret"},
       {"b", "word", "of b"},
       {"rare", "word", "of rare"},
       {"b", "only b", "1"}});
};

TEST_F(Scopes, AreTheDefaultSetADictionaryOrAVirtualOne) {
  EXPECT_THAT(asked(*index_, "*"), ElementsAre("of a", "of b"));
  EXPECT_THAT(asked(*index_, "!"), ElementsAre("of a"));
  EXPECT_THAT(asked(*index_, "b"), ElementsAre("of b"));
  EXPECT_THAT(asked(*index_, "secret"), ElementsAre("of secret"));
  EXPECT_THAT(asked(*index_, "rare"), ElementsAre("of rare"));
  EXPECT_THAT(asked(*index_, "ba"), ElementsAre("of b", "of a"));
  EXPECT_THAT(asked(*index_, "outer"), ElementsAre("of rare", "of b", "of a"));
  EXPECT_THAT(asked(*index_, "nothing"), IsEmpty());
  for (const auto* none : {"", "nobody", "A", "**", "a "}) EXPECT_FALSE(index_->scope(none)) << none;
}

TEST_F(Scopes, OfTheFirstAreOfTheFirstThatHasSomething) {
  EXPECT_THAT(meanings(look_up(*index_, "only b", "!")), ElementsAre("1"));
  EXPECT_THAT(meanings(look_up(*index_, "on-ly b", "!")), ElementsAre("1"));
  EXPECT_THAT(look_up(*index_, "none", "!"), IsEmpty());
}

TEST_F(Scopes, ChooseNothingIfAllAreAskedAsTheyWereAdded) {
  EXPECT_FALSE(index_->scope("*")->everything);
  struct Case {
    std::vector<DictionarySettings> dictionaries;
    bool everything;
  };
  const std::vector<Case> cases = {
      {{{.name = "a"}, {.name = "b"}, {.name = "ab", .members = {"a", "b"}}}, true},
      {{{.name = "ba", .members = {"b", "a"}}, {.name = "a"}, {.name = "b"}}, false},
      {{{.name = "a"}, {.name = "b", .hidden = true}}, false},
      {{{.name = "a", .case_sensitive = true}}, false},
  };
  for (const auto& [dictionaries, everything] : cases) {
    const auto index = build(dictionaries, {});
    EXPECT_EQ(index->scope("*")->everything, everything) << dictionaries.front().name;
    EXPECT_FALSE(index->scope("!")->everything);
  }
}

TEST_F(Scopes, KnowTheDefaultStrategyOfTheOnlyDictionary) {
  const auto index = build({{.name = "a", .default_strategy = "prefix"},
                            {.name = "v", .default_strategy = "suffix", .members = {"a"}, .hidden = true}},
                           {});
  EXPECT_EQ(index->scope("a")->default_strategy, "prefix");
  EXPECT_EQ(index->scope("v")->default_strategy, "suffix");
  EXPECT_EQ(index->scope("*")->default_strategy, "prefix");
  EXPECT_EQ(index_->scope("*")->default_strategy, "");
}

TEST_F(Scopes, MembersThatAreNoDictionaryAreToldOf) {
  std::vector<std::pair<std::string, std::string>> missing;
  for (const auto& [dictionary, member] : index_->missing_members()) missing.emplace_back(dictionary, member);
  EXPECT_THAT(missing, ElementsAre(testing::Pair("outer", "nobody"), testing::Pair("nothing", "nobody")));
}

TEST_F(Scopes, VirtualDictionariesHaveTheEntriesOfTheirMembersAndNoneOfTheirOwn) {
  EXPECT_EQ(index_->dictionary("outer")->entries, 4U);
  EXPECT_EQ(index_->dictionary("nothing")->entries, 0U);
  EXPECT_EQ(index_->size(), 5U);
  EXPECT_EQ(index_->dictionary("nobody"), nullptr);
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "v", .members = {"a"}}));
  const auto added = builder.add("word", "meaning");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kBadRequest);
}

// ---- aliases

TEST(Alias, FindsTheEntryUnderAnotherHeadword) {
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "d"}));
  ASSERT_TRUE(builder.add("before", "0"));
  const auto entry = builder.add("繁體", "traditional");
  ASSERT_TRUE(entry);
  ASSERT_TRUE(builder.add("after", "1"));
  ASSERT_TRUE(builder.add_alias("简体", *entry));
  EXPECT_FALSE(builder.add_alias(" ", *entry));
  const auto index = std::move(builder).build();
  EXPECT_THAT(look_up(*index, "简体"), ElementsAre(Entry{"d", "简体", "traditional"}));
  EXPECT_THAT(look_up(*index, "繁體"), ElementsAre(Entry{"d", "繁體", "traditional"}));
  EXPECT_EQ(look_up(*index, "简体").front().meaning.data(), look_up(*index, "繁體").front().meaning.data());
  EXPECT_EQ(index->dictionaries()[0].entries, 4U);
}

TEST(Alias, ThatDiffersByCaseOrPunctuationGivesTheMeaningOnce) {
  IndexBuilder builder;
  ASSERT_TRUE(builder.add_dictionary({.name = "d", .matching = Matching::kLoose}));
  const auto entry = builder.add("knock-out", "a blow");
  ASSERT_TRUE(entry);
  ASSERT_TRUE(builder.add_alias("Knock-out", *entry));
  ASSERT_TRUE(builder.add_alias("knockout", *entry));
  ASSERT_TRUE(builder.add("Knock-Out", "a sport's end"));
  const auto index = std::move(builder).build();
  EXPECT_THAT(look_up(*index, "knock-out"),
              ElementsAre(Entry{"d", "knock-out", "a blow"}, Entry{"d", "Knock-Out", "a sport's end"}));
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
  EXPECT_THAT(headwords(look_up(*index, "good")), ElementsAre("good"));
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
    EXPECT_EQ(look_up(*std::move(builder).build(), headword).size(), fit);
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
  EXPECT_THAT(look_up(*index, "word"), ElementsAre(Entry{"d", "word", "of the last one"}));
}

}  // namespace
}  // namespace dictd::index_test
