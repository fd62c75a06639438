#include "words/stardict.h"

#include "test/support/dictzip.h"
#include "test/unit/words_fixture.h"

namespace words {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string big_endian(std::uint64_t number, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i > 0; --i) text += static_cast<char>(number >> 8 * (i - 1) & 0xFF);
  return text;
}

// The files of a dictionary. `text` is what stands in .dict, with types or without.
class Dictionary {
 public:
  Dictionary& add(const std::string& headword, const std::string& text) {
    add_index(headword, data.size(), text.size());
    data += text;
    return *this;
  }
  Dictionary& add_index(const std::string& headword, std::uint64_t offset, std::uint64_t size) {
    index += headword + '\0' + big_endian(offset, wide ? 8 : 4) + big_endian(size, 4);
    ++words;
    return *this;
  }
  Dictionary& add_synonym(const std::string& headword, std::uint64_t number) {
    synonyms += headword + '\0' + big_endian(number, 4);
    ++synonym_words;
    return *this;
  }
  [[nodiscard]] std::string ifo() const {
    std::string text = "StarDict's dict ifo file\nversion=" + version + "\nbookname=Title\n" + more;
    text += "wordcount=" + std::to_string(words) + "\nidxfilesize=" + std::to_string(index.size()) + "\n";
    if (wide) text += "idxoffsetbits=64\n";
    if (synonym_words != 0) text += "synwordcount=" + std::to_string(synonym_words) + "\n";
    return text;
  }
  std::string index, data, synonyms, more, version = "3.0.0";
  bool wide = false;
  std::size_t words = 0;
  std::size_t synonym_words = 0;
};

class StardictTest : public FormatTest {
 protected:
  std::vector<std::string> read_dictionary(const Dictionary& dictionary, const std::string& charset = "") const {
    file("d.idx", dictionary.index);
    file("d.dict", dictionary.data);
    if (!dictionary.synonyms.empty()) file("d.syn", dictionary.synonyms);
    return read(file("d.ifo", dictionary.ifo()), std::nullopt, charset);
  }
  // The meaning of one text, or the error.
  static std::string meaning(const std::string& text, const std::string& same_types) {
    auto charset = Charset::open("");
    const auto read = read_stardict_text(text, same_types, *charset);
    return read ? *read : "error " + read.error();
  }
};

std::string field(char type, const std::string& text) { return type + text + '\0'; }
std::string sized(const std::string& bytes) { return big_endian(bytes.size(), 4) + bytes; }

TEST_F(StardictTest, ReadsWordsOfBothVersionsAndOffsets) {
  for (const bool wide : {false, true}) {
    Dictionary dictionary;
    dictionary.wide = wide;
    dictionary.version = wide ? "3.0.0" : "2.4.2";
    dictionary.more =
        "sametypesequence=m\r\nauthor=Ann\nemail=a@b\nwebsite=http://a/\ndescription=one<br>two\ndate=2003\n";
    dictionary.add("apple", "n. 苹果\n").add("pear", "n. 梨");
    EXPECT_THAT(read_dictionary(dictionary), ElementsAre("title Title", "info: one\ntwo\nAnn\na@b\n2003",
                                                         "url: http://a/", "apple=n. 苹果\n", "pear=n. 梨"));
  }
}

TEST_F(StardictTest, SynonymsAndWordsOfOneTextAreFurtherHeadwords) {
  Dictionary dictionary;
  dictionary.more = "sametypesequence=m\n";
  dictionary.add("apple", "n.").add_index("Apple", 0, 2).add("pear", "n. 梨");
  dictionary.add_synonym("apples", 0).add_synonym("pears", 2).add_synonym("pommes", 1);
  EXPECT_THAT(read_dictionary(dictionary),
              ElementsAre("title Title", "apple=n.", "Apple->0", "pear=n. 梨", "apples->0", "pears->1", "pommes->0"));
}

TEST_F(StardictTest, FieldsHaveTypesOrASequence) {
  const std::string wave("\x01\x00\x02", 3);
  const std::vector<std::vector<std::string>> table = {
      {field('m', "one"), "", "one"},
      {field('t', "ˈæpl") + field('m', "n."), "", "ˈæpl\nn."},
      {"ˈæpl" + std::string(1, '\0') + "n.", "tm", "ˈæpl\nn."},
      {"mno end", "", "no end"},
      {field('l', "a") + field('y', "b") + field('w', "'''c'''") + field('n', "d"), "", "a\nb\n'''c'''\nd"},
      {field('h', "<b>a</b><br>b") + field('g', "<i>c</i> &amp;") + field('x', "<k>d</k>") +
           field('k', "<p><![CDATA[e]]></p>"),
       "", "a\nb\nc &\nd\ne"},
      {field('m', "a") + "W" + sized(wave) + field('r', "img:a.png") + "P" + sized("png") + field('m', "b"), "",
       "a\nb"},
      {sized(wave) + "a", "Wm", "a"},
      {"a" + std::string(1, '\0') + wave, "mW", "a"},
      {wave, "W", ""},
      {field('r', "img:a.png"), "", ""},
      {"W" + big_endian(4, 4) + wave, "", "error a field is longer than its text"},
      {"W" + std::string(3, '\0'), "", "error a field is longer than its text"},
      {std::string(3, '\xFF'), "Wm", "error a field is longer than its text"},
  };
  for (const auto& row : table) EXPECT_EQ(meaning(row[0], row[1]), row[2]) << row[0] << " " << row[1];
}

TEST_F(StardictTest, EntryWithoutTextIsToldByItsByte) {
  Dictionary dictionary;
  dictionary.add("a", field('m', "1")).add("pic", field('r', "img:a.png")).add("b", field('m', "2"));
  dictionary.add_synonym("picture", 1).add_synonym("bb", 2);
  EXPECT_THAT(read_dictionary(dictionary),
              ElementsAre("title Title", "a=1", "bad d.idx: byte 10: no meaning", "b=2",
                          "bad d.syn: byte 0: a synonym of an entry that was bad", "bb->1"));
}

TEST_F(StardictTest, CharsetIsOfTheFieldsAndNotOfTheirSizes) {
  Dictionary dictionary;
  dictionary.add("caf\xE9", "W" + sized("\xE9\xE9") + field('h', "<b>th\xE9</b>"));
  EXPECT_THAT(read_dictionary(dictionary, "ISO-8859-1"), ElementsAre("title Title", "café=thé"));
}

TEST_F(StardictTest, PackedFilesAreRead) {
  Dictionary dictionary;
  dictionary.more = "sametypesequence=m\n";
  dictionary.add("apple", "n.").add_synonym("apples", 0);
  file("d.ifo", dictionary.ifo());
  file("d.idx.gz", support::gzip(dictionary.index));
  file("d.syn", dictionary.synonyms);
  file("d.dict.dz", support::dictzip(dictionary.data));
  for (const std::string name : {"d.ifo", "d.idx.gz", "d.syn", "d.dict.dz"}) {
    EXPECT_THAT(read(dir_.file(name)), ElementsAre("title Title", "apple=n.", "apples->0")) << name;
  }
}

TEST_F(StardictTest, LongIndexIsReadInPieces) {
  Dictionary dictionary;
  dictionary.more = "sametypesequence=m\n";
  for (int i = 0; i < 20'000; ++i) dictionary.add("word" + std::to_string(i), std::to_string(i));
  const auto lines = read_dictionary(dictionary);
  ASSERT_EQ(lines.size(), 20'001U);
  EXPECT_EQ(lines.back(), "word19999=19999");
}

TEST_F(StardictTest, DamageRefusesTheWholeDictionary) {
  Dictionary good;
  good.more = "sametypesequence=m\n";
  good.add("apple", "n.").add_synonym("apples", 0);
  struct Row {
    const char* what;
    void (*damage)(Dictionary&);
    std::string reason;
  };
  const std::vector<Row> table = {
      {"index cut off, and the .ifo agrees", [](Dictionary& d) { d.index.resize(d.index.size() - 1); },
       "d.idx: it is cut off (byte 0)"},
      {"a word missing", [](Dictionary& d) { ++d.words; },
       "d.idx: it has 1 words in 14 bytes, and its .ifo says 2 in 14"},
      {"text beyond the end", [](Dictionary& d) { d.add_index("b", 1, 2); },
       "d.dict: a text of 2 bytes should begin at byte 1, and it has 2 in all"},
      {"headword without end", [](Dictionary& d) { d.index += std::string(5000, 'x'); },
       "d.idx: a headword does not end (byte 14)"},
      {"synonym of no word", [](Dictionary& d) { d.add_synonym("b", 1); },
       "d.syn: a synonym is of word 1, which is not there (byte 11)"},
      {"a synonym missing", [](Dictionary& d) { ++d.synonym_words; }, "d.syn: it has 1 words, and its .ifo says 2"},
      {"synonyms cut off", [](Dictionary& d) { d.synonyms.resize(5); }, "d.syn: it is cut off (byte 0)"},
      {"unknown version", [](Dictionary& d) { d.version = "9"; }, "d.ifo: it says version=9"},
      {"no number", [](Dictionary& d) { d.more += "wordcount=many\n"; }, "d.ifo: it says wordcount=many"},
      {"odd offsets", [](Dictionary& d) { d.more += "idxoffsetbits=16\n"; }, "d.ifo: it says idxoffsetbits=16"},
      {"field longer than its text", [](Dictionary& d) { d.more = "sametypesequence=Wm\n"; },
       "d.idx: a field is longer than its text (of the word at byte 0)"},
  };
  for (const Row& row : table) {
    Dictionary dictionary = good;
    row.damage(dictionary);
    EXPECT_EQ(read_dictionary(dictionary).back(), "error cannot read " + row.reason) << row.what;
  }
}

TEST_F(StardictTest, MissingFileIsNamed) {
  Dictionary dictionary;
  dictionary.add("a", "m1").add_synonym("b", 0);
  const std::string ifo = file("d.ifo", dictionary.ifo());
  EXPECT_THAT(read(ifo).back(), HasSubstr("error cannot read d.dict.dz: No such file"));
  file("d.dict", dictionary.data);
  EXPECT_THAT(read(ifo).back(), HasSubstr("error cannot read d.idx: No such file"));
  file("d.idx", dictionary.index);
  EXPECT_THAT(read(ifo).back(), HasSubstr("error cannot read d.syn: it is not there"));
  EXPECT_THAT(read(file("e.ifo", "version=3.0.0\n")), ElementsAre(HasSubstr("it does not begin like the .ifo")));
}

}  // namespace
}  // namespace words
