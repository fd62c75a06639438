#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/integration/store_fixture.h"

namespace dictd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class WordsTest : public StoreTest {
 protected:
  static void load(Store& store, const std::string& name, const std::vector<std::string>& headwords) {
    auto words = store.begin_word_load(name, "Title of " + name);
    ASSERT_OK(words);
    for (const std::string& headword : headwords) ASSERT_OK(words->add(headword, "meaning"));
    ASSERT_OK(words->commit(kNow));
  }
  // All that load_words visits: "name/title:" and "headword=meaning".
  static std::vector<std::string> visited(Store& store) {
    std::vector<std::string> seen;
    const auto loaded = store.load_words(
        {.dictionary = [&](auto name,
                           auto title) { seen.push_back(std::string(name) + "/" + std::string(title) + ":"); },
         .word = [&](auto headword,
                     auto meaning) { seen.push_back(std::string(headword) + "=" + std::string(meaning)); }});
    EXPECT_EQ(shown(loaded), "ok");
    return seen;
  }
};

TEST_F(WordsTest, VisitsDictionariesInOrderAndTheirWordsInOrder) {
  EXPECT_THAT(visited(store_), IsEmpty());
  load(store_, "z", {"b", "a", "b"});
  load(store_, "a", {"c"});
  EXPECT_THAT(visited(store_),
              ElementsAre("z/Title of z:", "b=meaning", "a=meaning", "b=meaning", "a/Title of a:", "c=meaning"));
}

TEST_F(WordsTest, LoadReplacesOneDictionaryAndLeavesNoOldRows) {
  load(store_, "one", {"old", "older"});
  load(store_, "two", {"two"});
  load(store_, "one", {"new"});
  EXPECT_THAT(visited(store_), ElementsAre("one/Title of one:", "new=meaning", "two/Title of two:", "two=meaning"));
  EXPECT_EQ(sql("SELECT COUNT(*) FROM words"), "2\n");
  EXPECT_EQ(sql("SELECT name, entries, loaded FROM dictionary ORDER BY id"),
            "one\t1\t" + std::to_string(kNow) + "\ntwo\t1\t" + std::to_string(kNow) + "\n");
}

TEST_F(WordsTest, LoadTakesManyWordsAndLongOnes) {
  auto words = store_.begin_word_load("big", "Big");
  ASSERT_OK(words);
  for (int i = 0; i < 50'001; ++i) ASSERT_OK(words->add("word" + std::to_string(i), "m"));
  const std::string meaning(1 << 20, 'm');
  ASSERT_OK(words->add("long", meaning));
  ASSERT_OK(words->add("short", "m"));
  ASSERT_OK(words->commit(kNow));
  const auto seen = visited(store_);
  ASSERT_THAT(seen, SizeIs(50'004));
  EXPECT_EQ(seen[50'001], "word50000=m");
  EXPECT_EQ(seen[50'002], "long=" + meaning);
  EXPECT_EQ(seen[50'003], "short=m");
  load(store_, "big", {"one"});
  EXPECT_EQ(sql("SELECT COUNT(*) FROM words"), "1\n");
}

TEST_F(WordsTest, LoadWithoutCommitLeavesTheOldWords) {
  load(store_, "one", {"old"});
  {
    auto words = store_.begin_word_load("one", "New");
    ASSERT_OK(words);
    for (int i = 0; i < 5000; ++i) ASSERT_OK(words->add("new", "m"));
    EXPECT_THAT(sql("SELECT title FROM dictionary"), HasSubstr("Title of one"));
  }
  EXPECT_THAT(visited(store_), ElementsAre("one/Title of one:", "old=meaning"));
  { ASSERT_OK(store_.begin_word_load("another", "Another")); }
  EXPECT_EQ(sql("SELECT COUNT(*) FROM dictionary"), "1\n");
}

TEST_F(WordsTest, LoadThatLosesItsConnectionIsOver) {
  load(store_, "one", {"old"});
  auto words = store_.begin_word_load("one", "New");
  ASSERT_OK(words);
  ASSERT_OK(words->add("new", "m"));
  cut_connection();
  EXPECT_THAT(shown(words->commit(kNow)), HasSubstr("unavailable"));
  EXPECT_THAT(shown(words->commit(kNow)), HasSubstr("the load is over"));
  EXPECT_THAT(visited(store_), ElementsAre("one/Title of one:", "old=meaning"));
}

TEST_F(WordsTest, WordThatDoesNotFitEndsTheLoad) {
  auto words = store_.begin_word_load("one", "One");
  ASSERT_OK(words);
  ASSERT_OK(words->add(std::string(256, 'x'), "m"));
  EXPECT_THAT(shown(words->commit(kNow)), HasSubstr("rejected"));
  EXPECT_EQ(sql("SELECT COUNT(*) FROM dictionary"), "0\n");
}

TEST_F(WordsTest, OneLoadOfADictionaryAtATime) {
  load(store_, "one", {"old"});
  Store other(database_);
  auto words = store_.begin_word_load("one", "One");
  ASSERT_OK(words);
  EXPECT_THAT(shown(other.begin_word_load("one", "Other")), HasSubstr("unavailable"));
  ASSERT_OK(words->add("new", "m"));
  ASSERT_OK(words->commit(kNow));
  load(other, "one", {"newer"});
}

TEST_F(WordsTest, VisitsAllWordsAsTheyAreAtOneMoment) {
  load(store_, "one", {"old"});
  load(store_, "two", {"old"});
  Store other(database_);
  std::vector<std::string> seen;
  ASSERT_OK(store_.load_words({.dictionary =
                                   [&](auto name, auto) {
                                     if (name == "one") load(other, "two", {"new"});
                                   },
                               .word = [&](auto headword, auto) { seen.emplace_back(headword); }}));
  EXPECT_THAT(seen, ElementsAre("old", "old"));
}

}  // namespace
}  // namespace dictd
