#include "test/support/dictzip.h"
#include "test/unit/words_fixture.h"
#include "words/dictd_index.h"
#include "words/loader.h"

namespace words {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string base64(std::uint64_t number) {
  const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  do {
    text.insert(text.begin(), digits[number % 64]);
    number /= 64;
  } while (number != 0);
  return text;
}

// An index and its texts, line by line.
class Dictionary {
 public:
  Dictionary& add(const std::string& headwords, const std::string& text) {
    const std::string numbers = "\t" + base64(data.size()) + "\t" + base64(text.size());
    data += text;
    std::string rest = headwords;  // with | between them; with > before the one to show
    while (!rest.empty()) {
      const std::string word = rest.substr(0, rest.find('|'));
      rest.erase(0, word.size() + 1);
      const std::size_t shown = word.find('>');
      index += word.substr(0, shown) + numbers;
      if (shown != std::string::npos) index += "\t" + word.substr(shown + 1);
      index += "\n";
    }
    return *this;
  }
  std::string index, data;
};

class DictdFilesTest : public FormatTest {
 protected:
  std::vector<std::string> read_dictionary(const Dictionary& dictionary, const std::string& charset = "") const {
    file("d.dict", dictionary.data);
    return read(file("d.index", dictionary.index), std::nullopt, charset);
  }
};

// What follows every entry when no header says otherwise.
constexpr const char* kLoose = "match: loose";
constexpr const char* kFolded = "case-sensitive: ";

TEST(DictdIndex, ReadsALine) {
  const auto shown = [](std::string_view text) -> std::string {
    const auto line = read_index_line(text);
    if (!line) return line.error();
    return std::string(line->headword) + "@" + std::to_string(line->definition.offset) + "+" +
           std::to_string(line->definition.size);
  };
  const std::string no_number = "a number is not one in base 64";
  const std::string no_columns = "not headword, offset and size with tabs between";
  const std::vector<std::pair<std::string, std::string>> table = {
      {"apple\tA\tB", "apple@0+1"},
      {"apple\tBA\t/", "apple@64+63"},
      {"ice cream\t+/\tz9\r", "ice cream@4031+3325"},
      {"ae\tA\tB\tæ", "æ@0+1"},
      {"ae\tA\tB\t", "ae@0+1"},
      {"ae\tA\tB\tæ\tmore", "æ\tmore@0+1"},
      {"a\tP//////////\tA", "a@18446744073709551615+0"},
      {"a\tQAAAAAAAAAA\tA", no_number},
      {"a\tA-\tB", no_number},
      {"a\t\tB", no_number},
      {"a\tA", no_columns},
      {"a", no_columns},
      {"", no_columns},
  };
  for (const auto& [line, expected] : table) EXPECT_EQ(shown(line), expected) << line;
}

TEST_F(DictdFilesTest, TextsStayAsTheyAreByteForByte) {
  EXPECT_THAT(read_dictionary(Dictionary().add("apple", "apple\n   n. \t a fruit  \n\n").add("Pear>pear", "pear ")),
              ElementsAre("apple=apple\n   n. \t a fruit  \n\n", "pear=pear ", kLoose, kFolded));
}

TEST_F(DictdFilesTest, LinesOfOneTextAreOneEntryInTheOrderOfTheIndex) {
  Dictionary dictionary;
  dictionary.add("b", "second\n").add("a", "first\n");
  dictionary.index = "a\tH\tG\na\tA\tH\nab\tH\tG\nb\tA\tH\nb\tA\tH\nB\tH\tG\nb \tA\tH\n";
  EXPECT_THAT(read_dictionary(dictionary),
              ElementsAre("a=first\n", "a=second\n", "ab->0", "b->1", "B->0", kLoose, kFolded));
}

TEST_F(DictdFilesTest, HeadersTellOfTheDictionary) {
  for (const std::string prefix : {"00-database-", "00database"}) {
    const auto name = [&](const std::string& header) { return prefix + header; };
    Dictionary dictionary;
    dictionary.add(name("allchars"), "\n")
        .add(name("alphabet"), " abc\n")
        .add(name("case-sensitive"), "\n")
        .add(name("default-strategy"), "prefix\n")
        .add(name("dictfmt-1.13.0"), "00-database-dictfmt-1.13.0\n")
        .add(name("info"), "00-database-info\n\n   Made by\n     hand.\n\n")
        .add(name("long"), "00databaselong\n   Words,\n   many.\n")
        .add(name("mime-header"), "Content-type: text/html\nContent-transfer-encoding: 8bit\n")
        .add(name("short"), "00-database-short\n     Hand (made)\n")
        .add(name("url"), "00-database-url\nhttp://a/\n")
        .add(name("utf8"), "\n")
        .add("apple", "n.\n");
    EXPECT_THAT(read_dictionary(dictionary),
                ElementsAre("apple=n.\n", "title Hand (made)", "match: ", "case-sensitive: yes",
                            "info:    Words,\n   many.\n\n   Made by\n     hand.", "url: http://a/",
                            "mime-header: Content-type: text/html\nContent-transfer-encoding: 8bit", "alphabet:  abc",
                            "default-strategy: prefix"))
        << prefix;
  }
}

TEST_F(DictdFilesTest, OtherWordsThatBeginLikeHeadersAreWords) {
  EXPECT_THAT(read_dictionary(Dictionary().add("00 gauge", "a\n").add("00-gcide-long", "b\n")),
              ElementsAre("00 gauge=a\n", "00-gcide-long=b\n", kLoose, kFolded));
}

TEST_F(DictdFilesTest, VirtualDictionaryHasMembers) {
  EXPECT_THAT(read_dictionary(Dictionary().add("00-database-virtual", "00-database-virtual\nwn\ngcide,foldoc\n")),
              ElementsAre(kLoose, kFolded, "members: wn,gcide,foldoc"));
}

TEST_F(DictdFilesTest, EightBitTextNeedsTheNameOfItsEncoding) {
  Dictionary dictionary;
  dictionary.add("00-database-8bit-new", "\n").add("00-database-short", "Caf\xE9\n").add("caf\xE9", "th\xE9\n");
  EXPECT_THAT(read_dictionary(dictionary),
              ElementsAre("error cannot read d.index: its text is not UTF-8, and it does not say what it is: "
                          "--charset NAME does"));
  EXPECT_THAT(read_dictionary(dictionary, "ISO-8859-1"), ElementsAre("café=thé\n", "title Café", kLoose, kFolded));
}

TEST_F(DictdFilesTest, EntryThatCannotBeTakenIsToldByItsLine) {
  Dictionary dictionary;
  dictionary.add("bad\x01", "n.\n")
      .add("blank", " \n")
      .add("caf\xC3\xA9", "th\xE9\n")
      .add(std::string(256, 'x'), "n.\n");
  EXPECT_THAT(read_dictionary(dictionary),
              ElementsAre("bad d.index:1: control character in the headword", "bad d.index:2: no meaning",
                          "bad d.index:3: not UTF-8, in the meaning of “café”: replaced by U+FFFD (is it another "
                          "encoding? --charset NAME)",
                          "café=th\uFFFD\n", "bad d.index:4: headword of more than 255 characters", kLoose, kFolded));
}

TEST_F(DictdFilesTest, DamageRefusesTheWholeDictionary) {
  const Dictionary good = Dictionary().add("apple", "n.\n");
  const std::vector<std::pair<std::string, std::string>> table = {
      {"pear\tA\n", "d.index: line 2: not headword, offset and size with tabs between"},
      {"pear\tA\t?\n", "d.index: line 2: a number is not one in base 64"},
      {"pear\tA\tE\n", "d.dict: a text of 4 bytes should begin at byte 0, and it has 3 in all"},
      {"pear\tE\tA\n", "d.dict: a text of 0 bytes should begin at byte 4, and it has 3 in all"},
      {std::string(20'000, 'x'), "d.index: line 2: it is too long"},
  };
  for (const auto& [line, reason] : table) {
    Dictionary dictionary = good;
    dictionary.index += line;
    EXPECT_THAT(read_dictionary(dictionary), ElementsAre("apple=n.\n", "error cannot read " + reason)) << line;
  }
}

TEST_F(DictdFilesTest, AnyOfItsFilesIsTheDictionary) {
  const Dictionary dictionary = Dictionary().add("apple", "n.\n");
  file("a.index", dictionary.index);
  file("a.dict", dictionary.data);
  file("b.index", dictionary.index);
  file("b.dict.dz", support::dictzip(dictionary.data));
  for (const std::string name : {"a.index", "a.dict", "b.index", "b.dict.dz"}) {
    EXPECT_THAT(read(dir_.file(name)), ElementsAre("apple=n.\n", kLoose, kFolded)) << name;
  }
}

TEST_F(DictdFilesTest, MissingFileIsNamed) {
  file("a.index", "apple\tA\tD\n");
  file("b.dict.dz", support::dictzip("n.\n"));
  EXPECT_THAT(read(dir_.file("a.index")), ElementsAre(HasSubstr("error cannot read a.dict: No such file")));
  EXPECT_THAT(read(dir_.file("b.dict.dz")), ElementsAre(HasSubstr("error cannot read b.index: No such file")));
}

// Debian's packages: how many headwords they have, and what their headers say.
TEST(DebianDictionaries, AreReadWhole) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"foldoc", "12014+3233, 0 bad: The Free On-line Dictionary of Computing (19 January 2023)"},
      {"wn", "147306+0, 0 bad: WordNet (r) 3.0 (2006)"},
      {"gcide", "126240+76499, 3 bad: The Collaborative International Dictionary of English v.0.48"},
      {"freedict-eng-deu", "460313+3857, 21 bad: English - German Ding/FreeDict dictionary ver. 1.9-fd1"},
  };
  const LoadObserver silent{.bad_line = [](const auto&, const auto&) {}, .progress = [](const auto&) {}};
  for (const auto& [name, expected] : table) {
    LoadJob job;
    job.sources = {{"/usr/share/dictd/" + name + ".index", {}, {}}};
    const auto read = check(job, silent);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->dictionary, name);
    EXPECT_EQ(std::to_string(read->counts.entries) + "+" + std::to_string(read->counts.aliases) + ", " +
                  std::to_string(read->counts.bad_lines) + " bad: " + read->title,
              expected);
  }
}

}  // namespace
}  // namespace words
