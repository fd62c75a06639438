#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
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
  // What a visit sees: "name/title:", "headword=meaning" and "headword->headword of the entry".
  struct Seen {
    std::vector<std::string> lines;
    std::map<std::uint64_t, std::string> headwords;
    WordVisitor visitor() {
      return {
          .dictionary =
              [this](const DictionaryRow& row) {
                lines.push_back(row.name + "/" + row.title + ":");
                headwords.clear();
              },
          .word =
              [this](std::uint64_t position, std::string_view headword, std::string_view meaning) {
                lines.push_back(std::string(headword) + "=" + std::string(meaning));
                headwords[position] = headword;
              },
          .alias = [this](std::string_view headword,
                          std::uint64_t entry) { lines.push_back(std::string(headword) + "->" + headwords[entry]); }};
    }
  };
  static std::vector<std::string> visited(Store& store) {
    Seen seen;
    EXPECT_EQ(shown(store.load_words(seen.visitor())), "ok");
    return seen.lines;
  }
  // "name/entries name=value …" of each dictionary.
  static std::vector<std::string> listed(Store& store) {
    std::vector<std::string> lines;
    const auto rows = store.dictionaries();
    EXPECT_EQ(shown(rows), "ok");
    for (const DictionaryRow& row : *rows) {
      lines.push_back(row.name + "/" + std::to_string(row.entries));
      for (const auto& [name, value] : row.properties) lines.back() += " " + name + "=" + value;
    }
    return lines;
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
  Seen seen;
  WordVisitor visitor = seen.visitor();
  visitor.dictionary = [&](const DictionaryRow& row) {
    if (row.name == "one") load(other, "two", {"new"});
  };
  ASSERT_OK(store_.load_words(visitor));
  EXPECT_THAT(seen.lines, ElementsAre("old=meaning", "old=meaning"));
}

TEST_F(WordsTest, VisitsAliasesAmongTheWordsInTheOrderTheyWereAdded) {
  auto words = store_.begin_word_load("one", "One");
  ASSERT_OK(words);
  const auto a = words->add("a", "1");
  ASSERT_OK(words->add_alias("a2", *a));
  const auto b = words->add("b", "2");
  ASSERT_OK(words->add_alias("a3", *a));
  ASSERT_OK(words->add_alias("b2", *b));
  ASSERT_OK(words->commit(kNow));
  load(store_, "two", {"c"});
  EXPECT_THAT(visited(store_),
              ElementsAre("one/One:", "a=1", "a2->a", "b=2", "a3->a", "b2->b", "two/Title of two:", "c=meaning"));
  EXPECT_THAT(listed(store_), ElementsAre("one/5", "two/1"));
}

TEST_F(WordsTest, LoadTakesManyAliasesAndLeavesNoOldOnes) {
  auto words = store_.begin_word_load("big", "Big");
  ASSERT_OK(words);
  const auto entry = words->add("entry", "m");
  for (int i = 0; i < 5000; ++i) ASSERT_OK(words->add_alias("alias" + std::to_string(i), *entry));
  ASSERT_OK(words->commit(kNow));
  const auto seen = visited(store_);
  ASSERT_THAT(seen, SizeIs(5002));
  EXPECT_EQ(seen.back(), "alias4999->entry");
  load(store_, "big", {"one"});
  EXPECT_EQ(sql("SELECT COUNT(*) FROM alias"), "0\n");
}

TEST_F(WordsTest, LoadSetsPropertiesAndKeepsTheOthers) {
  const std::vector<std::pair<std::map<std::string, std::string>, std::string>> table = {
      {{{"info", "about"}, {"url", "http://a/"}}, "one/0 info=about url=http://a/"},
      {{}, "one/0 info=about url=http://a/"},
      {{{"info", ""}, {"licence", "GPL"}}, "one/0 licence=GPL url=http://a/"},
      {{{"url", "http://b/"}, {"no-such", ""}}, "one/0 licence=GPL url=http://b/"},
  };
  for (const auto& [properties, expected] : table) {
    auto words = store_.begin_word_load("one", "One");
    ASSERT_OK(words);
    for (const auto& [name, value] : properties) words->set(name, value);
    ASSERT_OK(words->commit(kNow));
    EXPECT_THAT(listed(store_), ElementsAre(expected));
  }
  {
    auto words = store_.begin_word_load("one", "One");
    ASSERT_OK(words);
    words->set("info", "never committed");
  }
  EXPECT_THAT(listed(store_), ElementsAre(table.back().second));
}

TEST_F(WordsTest, PropertiesAreSetWithoutALoad) {
  load(store_, "one", {"a"});
  load(store_, "two", {"b"});
  EXPECT_EQ(store_.set_properties("two", {{"hidden", "yes"}, {"url", "u"}}), true);
  EXPECT_EQ(store_.set_properties("two", {{"url", ""}}), true);
  EXPECT_EQ(store_.set_properties("three", {{"url", "u"}}), false);
  EXPECT_THAT(listed(store_), ElementsAre("one/1", "two/1 hidden=yes"));
  EXPECT_THAT(visited(store_), SizeIs(4));
}

TEST_F(WordsTest, RemovedDictionaryLeavesNothing) {
  load(store_, "one", std::vector<std::string>(25'000, "a"));
  load(store_, "two", {"b"});
  auto words = store_.begin_word_load("three", "Three");
  ASSERT_OK(words);
  const auto entry = words->add("c", "m");
  ASSERT_OK(words->add_alias("d", *entry));
  words->set("url", "u");
  ASSERT_OK(words->commit(kNow));
  EXPECT_EQ(store_.remove_dictionary("one"), true);
  EXPECT_EQ(store_.remove_dictionary("three"), true);
  EXPECT_EQ(store_.remove_dictionary("three"), false);
  EXPECT_THAT(visited(store_), ElementsAre("two/Title of two:", "b=meaning"));
  EXPECT_EQ(sql("SELECT COUNT(*) FROM words"), "1\n");
  EXPECT_EQ(sql("SELECT (SELECT COUNT(*) FROM alias) + (SELECT COUNT(*) FROM property)"), "0\n");
}

TEST_F(WordsTest, VisitsOneDictionaryByItsName) {
  load(store_, "one", {"a"});
  load(store_, "two", {"b"});
  Seen seen;
  EXPECT_EQ(store_.visit_dictionary("two", seen.visitor()), true);
  EXPECT_THAT(seen.lines, ElementsAre("two/Title of two:", "b=meaning"));
  EXPECT_EQ(store_.visit_dictionary("TWO", seen.visitor()), false);
}

TEST_F(WordsTest, DictionaryUnderALoadIsNeitherChangedNorRemoved) {
  load(store_, "one", {"old"});
  Store other(database_);
  auto words = store_.begin_word_load("one", "One");
  ASSERT_OK(words);
  EXPECT_THAT(shown(other.remove_dictionary("one")), HasSubstr("unavailable"));
  EXPECT_THAT(shown(other.set_properties("one", {{"url", "u"}})), HasSubstr("unavailable"));
  ASSERT_OK(words->commit(kNow));
  EXPECT_THAT(listed(store_), ElementsAre("one/0"));
}

}  // namespace
}  // namespace dictd
