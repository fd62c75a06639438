#include "test/support/dictzip.h"
#include "test/unit/words_fixture.h"
#include "words/json_lines.h"
#include "words/pinyin.h"

namespace words {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TextFilesTest : public FormatTest {};

constexpr const char* kNotUtf8 = " (is it another encoding? --charset NAME)";

TEST_F(TextFilesTest, TsvHasTwoColumnsAndEscapes) {
  EXPECT_THAT(read_bytes("\xEF\xBB\xBF"
                         "apple\tn. 苹果\n"
                         "ice  cream\tone\\ntwo\\t\\\\n\tthree\r\n"
                         "\n"
                         "#1\tthe first\n"
                         "no tab\n"
                         "\tno headword\n"
                         "no meaning\t \n"
                         "last\twithout LF",
                         Format::kTsv),
              ElementsAre("apple=n. 苹果", "ice  cream=one\ntwo\t\\n\tthree", "#1=the first", "bad f:5: no tab",
                          "bad f:6: no headword", "bad f:7: no meaning", "last=without LF"));
}

TEST_F(TextFilesTest, CedictIsFoundByBothScriptsAndPinyin) {
  EXPECT_THAT(read_bytes("# CC-CEDICT\r\n"
                         "#! license=https://creativecommons.org/licenses/by-sa/4.0/\r\n"
                         "#! publisher=MDBG\r\n"
                         "中國 中国 [Zhong1 guo2] /China/CL:個|个[ge4]/\r\n"
                         "綠 绿 [lu:4] /green/\r\n"
                         "好 好 [hao3] /good/\r\n"),
              ElementsAre("licence: https://creativecommons.org/licenses/by-sa/4.0/", "source: MDBG",
                          "中國=中國 中国 [Zhong1 guo2]\nChina\nCL:個|个[ge4]", "中国->0", "Zhong1 guo2->0",
                          "Zhōng guó->0", "Zhong guo->0", "綠=綠 绿 [lu:4]\ngreen", "绿->1", "lu:4->1", "lǜ->1",
                          "lü->1", "好=好 好 [hao3]\ngood", "hao3->2", "hǎo->2", "hao->2"));
}

TEST_F(TextFilesTest, CedictTakesItsSecondVersion) {
  EXPECT_THAT(
      read_bytes("中國 中国 [[Zhong1guo2]] /China/\n"),
      ElementsAre("中國=中國 中国 [[Zhong1guo2]]\nChina", "中国->0", "Zhong1guo2->0", "Zhōngguó->0", "Zhongguo->0"));
}

TEST_F(TextFilesTest, CedictTellsOfBadLines) {
  EXPECT_THAT(read_bytes("中國 中国 [Zhong1 guo2] /China\n"
                         "中國 中国 Zhong1 guo2 /China/\n"
                         "中國\n"
                         "中國 中国 [Zhong1 guo2] //\n"
                         "中國 中国 [] /China/\n",
                         Format::kCedict),
              ElementsAre("bad f:1: the meaning does not stand between slashes",
                          "bad f:2: not `traditional simplified [pinyin] /meaning/`",
                          "bad f:3: not `traditional simplified [pinyin] /meaning/`", "bad f:4: no meaning",
                          "中國=中國 中国 []\nChina", "中国->0"));
}

TEST(Pinyin, PutsTheMarkOnTheLetterThatBearsIt) {
  const std::vector<std::vector<std::string>> table = {
      {"ma1 ma2 ma3 ma4 ma5", "mā má mǎ mà ma", "ma ma ma ma ma"},
      {"lu:4 nu:e4 Lu:3", "lǜ nüè Lǚ", "lü nüe Lü"},
      {"gou3 shui3 liu2 xiong2", "gǒu shuǐ liú xióng", "gou shui liu xiong"},
      {"Bei3 jing1", "Běi jīng", "Bei jing"},
      {"E2", "É", "E"},
      {"er2 r5", "ér r", "er r"},
      {"A A zhi4", "A A zhì", "A A zhi"},
      {"Zhong1guo2", "Zhōngguó", "Zhongguo"},
      {"A1 · B2", "Ā · B", "A · B"},
      {"3 C", "3 C", "3 C"},
      {"", "", ""},
  };
  for (const auto& row : table) {
    EXPECT_EQ(with_tone_marks(row[0]), row[1]) << row[0];
    EXPECT_EQ(without_tones(row[0]), row[2]) << row[0];
  }
}

constexpr const char* kEcdictHead =
    "word,phonetic,definition,translation,pos,collins,oxford,tag,bnc,frq,exchange,detail,audio\n";

TEST_F(TextFilesTest, EcdictHasPhoneticMeaningsAndForms) {
  EXPECT_THAT(read_bytes(std::string("\xEF\xBB\xBF") + kEcdictHead +
                         "perceive,pə'si:v,v. to become aware\\nv. see,\"vt. 察觉, 感觉\\nvt. 理解\",,,,,,,"
                         "d:perceived/p:perceived/3:perceives/i:perceiving/0:x/1:s,,\r\n"
                         "\n"
                         "\"a, \"\"b\"\"\",,,\"two\nlines\",,,,,,,,,\n"
                         "short,,only a definition\n"),
              ElementsAre("perceive=[pə'si:v]\nv. to become aware\nv. see\nvt. 察觉, 感觉\nvt. 理解", "perceived->0",
                          "perceives->0", "perceiving->0", "a, \"b\"=two\nlines", "short=only a definition"));
}

TEST_F(TextFilesTest, EcdictTellsOfBadRecordsByTheirFirstLine) {
  EXPECT_THAT(read_bytes(std::string(kEcdictHead) + "none,,,,,,,,,,,,\n"
                                                    "\"two\nlines\",,d,,,,,,,,,,,fourteen\n"
                                                    "\"text\" after,,d\n"
                                                    ",,d\n"
                                                    "last,,d"),
              ElementsAre("bad f:2: no meaning", "bad f:3: 14 fields, where the first record has 13",
                          "bad f:5: text after a quoted field", "bad f:6: no headword", "last=d"));
}

TEST_F(TextFilesTest, EcdictWithoutItsColumnsOrTheEndOfAQuoteIsRefused) {
  EXPECT_THAT(read_bytes("apple,n.\n", Format::kEcdict),
              ElementsAre("error cannot read f: its first record does not name the columns of ECDICT"));
  EXPECT_THAT(read_bytes(std::string(kEcdictHead) + "a,,d\n\"b,,d\nc,,d\n"),
              ElementsAre("a=d", "error cannot read f: the quote of line 3 is not closed"));
}

TEST_F(TextFilesTest, JsonLinesTellOfTheDictionaryAndItsEntries) {
  EXPECT_THAT(
      read_bytes(R"({"dictionary":"d","title":"T","properties":{"licence":"GPL","mine":"x"}})"
                 "\n"
                 R"({"headword":"a","meaning":"1\n\"2\""})"
                 "\n\n"
                 R"({"headword":"b","also":["b2","b","b2","b3"],"meaning":"é","more":[1]})"
                 "\n"
                 R"({"headword":"a2","same_as":1})"
                 "\n"),
      ElementsAre("title T", "licence: GPL", "mine: x", "name d", "a=1\n\"2\"", "b=é", "b2->1", "b3->1", "a2->0"));
}

TEST_F(TextFilesTest, JsonLinesCountBadEntriesToo) {
  EXPECT_THAT(read_bytes(R"({"headword":"","meaning":"1"})"
                         "\n"
                         R"({"headword":"b","meaning":"2"})"
                         "\n"
                         R"({"headword":"c","same_as":2})"
                         "\n"
                         R"({"headword":"d","same_as":1})"
                         "\n"),
              ElementsAre("bad f:1: no headword", "b=2", "c->0", "bad f:4: the same as an entry that was bad"));
}

TEST_F(TextFilesTest, JsonLinesThatAreNotOfTheFormAreRefused) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"headword":"a")", "not JSON, at byte 16"},
      {R"([])", "not an object"},
      {R"({"meaning":"a"})", "no headword"},
      {R"({"headword":"a"})", "neither a meaning nor same_as, or both"},
      {R"({"headword":"a","meaning":"1","same_as":1})", "neither a meaning nor same_as, or both"},
      {R"({"headword":1,"meaning":"1"})", "a value is not of its type"},
      {R"({"headword":"a","also":"b","meaning":"1"})", "a value is not of its type"},
      {R"({"headword":"a","same_as":0})", "same_as is not a number from 1"},
      {R"({"headword":"a","same_as":-1})", "same_as is not a number from 1"},
      {R"({"headword":"a","same_as":2})", "same_as names a line that has not come yet"},
      {"{\"headword\":\"\xFF\",\"meaning\":\"1\"}", "not UTF-8"},
      {R"({"dictionary":"d"})", "only the first line tells of the dictionary"},
  };
  for (const auto& [line, reason] : table) {
    EXPECT_THAT(read_bytes("{\"headword\":\"x\",\"meaning\":\"y\"}\n" + line + "\n", Format::kJson),
                ElementsAre("x=y", "error cannot read f: line 2: " + reason))
        << line;
  }
}

TEST(JsonLines, WhatIsWrittenIsReadAgain) {
  const JsonHeader header{"d", "A “title”", {{"info", "two\nlines"}, {"url", "http://a/"}}};
  EXPECT_EQ(std::get<JsonHeader>(read_json_line(to_json_line(header))), header);
  const Record record{"ice cream", {"gelato", "冰"}, "n.\t\"x\"\\\n\u2028\uFFFD"};
  EXPECT_EQ(std::get<Record>(read_json_line(to_json_line(record))), record);
  const JsonAlias alias{"a", 12345678901234567U};
  EXPECT_EQ(std::get<JsonAlias>(read_json_line(to_json_line(alias))), alias);
}

TEST_F(TextFilesTest, FormatIsFoundByNameAndThenByContent) {
  const std::vector<std::vector<std::string>> table = {
      {"a.txt", "a  1\n", "text"},
      {"a", "apple {\"x\"}  1\n", "text"},
      {"a.tsv", "a\t1\n", "tsv"},
      {"a.tab", "a\t1\n", "tsv"},
      {"a.csv", "word,definition\na,1\n", "ecdict"},
      {"a.txt", "word,phonetic,translation\na,,1\n", "ecdict"},
      {"a.txt", "word, what is said  1\n", "text"},
      {"a.u8", "# CC-CEDICT\n", "cedict"},
      {"cedict_ts.txt", "# CC-CEDICT\n#! version=1\n好 好 [hao3] /good/\n", "cedict"},
      {"a.jsonl", "{\"headword\":\"a\",\"meaning\":\"1\"}\n", "json"},
      {"a", "{\"headword\":\"a\",\"meaning\":\"1\"}\n", "json"},
      {"a.dict", "a  1\n", "text"},
  };
  for (const auto& row : table) {
    RecordingSink sink;
    const auto format = read_source({file(row[0], row[1]), {}, {}}, sink);
    ASSERT_TRUE(format) << row[0] << format.error().message;
    EXPECT_EQ(name_of(*format), row[2]) << row[0] << row[1];
  }
}

TEST(Format, DictionaryIsNamedAfterItsFile) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"/usr/share/dictd/wn.index", "wn"},
      {"wn.dict.dz", "wn"},
      {"foldoc-1.2.jsonl.gz", "foldoc-1.2"},
      {"words.txt", "words"},
      {"words", "words"},
      {"eng.deu.ifo", "eng.deu"},
  };
  for (const auto& [path, name] : table) EXPECT_EQ(dictionary_name(path), name);
}

TEST_F(TextFilesTest, PackedTextIsUnpackedUnderItsOwnFormat) {
  EXPECT_THAT(read(file("a.tsv.gz", support::gzip("a\\\t1\\n2\n"))), ElementsAre("a\\=1\n2"));
  EXPECT_THAT(read(file("a.txt", support::gzip("a  1\n"))), ElementsAre("a=1"));
}

TEST_F(TextFilesTest, DamagedPackedTextIsAnError) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "word" + std::to_string(i * 7919) + "  meaning\n";
  const std::string whole = support::gzip(text);
  std::string wrong_crc = whole;
  wrong_crc[whole.size() - 8] ^= 1;
  std::string wrong_size = whole;
  wrong_size[whole.size() - 1] ^= 1;
  EXPECT_EQ(read_bytes(whole).size(), 5000U);
  EXPECT_THAT(read_bytes(whole.substr(0, whole.size() / 2)).back(),
              HasSubstr("error cannot read f: the packed file is cut off"));
  EXPECT_THAT(read_bytes(whole.substr(0, whole.size() - 1)).back(),
              HasSubstr("error cannot read f: the packed file is cut off"));
  EXPECT_THAT(read_bytes(wrong_crc).back(), HasSubstr("error cannot read f: the packed file is damaged"));
  EXPECT_THAT(read_bytes(wrong_size).back(), HasSubstr("error cannot read f: the packed file is damaged"));
}

TEST_F(TextFilesTest, OtherEncodingsAreTurnedIntoUtf8) {
  EXPECT_THAT(read_bytes("caf\xE9  n.\n", Format::kText, "ISO-8859-1"), ElementsAre("café=n."));
  EXPECT_THAT(read_bytes("\xC6\xBB\xB9\xFB  n.\n", Format::kText, "GB18030"), ElementsAre("苹果=n."));
  EXPECT_THAT(read_bytes(std::string("\xFF\xFE"
                                     "a\0\t\0\x7C\x54\n\0",
                                     10),
                         Format::kTsv, "UTF-16"),
              ElementsAre("a=呼"));
}

TEST_F(TextFilesTest, CharacterMayLieAcrossReads) {
  std::string text = "#";
  while (text.size() < (1 << 16) - 1) text += 'x';
  EXPECT_THAT(read_bytes(text + "\xC6\xBB\n\xC6\xBB\xB9\xFB  n.\n", Format::kText, "GB18030"), ElementsAre("苹果=n."));
}

TEST_F(TextFilesTest, WrongEncodingIsSaidWithWhatToDo) {
  EXPECT_THAT(read_bytes("caf\xE9  n.\n"), ElementsAre(std::string("bad f:1: not UTF-8") + kNotUtf8));
  EXPECT_THAT(read_bytes("cafe\tn\xE9.\n", Format::kTsv),
              ElementsAre(std::string("bad f:1: not UTF-8, in the meaning of “cafe”: replaced by U+FFFD") + kNotUtf8,
                          "cafe=n\uFFFD."));
  // Bytes that mean nothing in the encoding that is named.
  EXPECT_THAT(read_bytes("a\x81  n.\nb  n.\n", Format::kText, "ASCII"),
              ElementsAre(std::string("bad f:1: not UTF-8") + kNotUtf8, "b=n."));
  EXPECT_THAT(read_bytes("a  n.\n\xC6", Format::kText, "GB18030"),
              ElementsAre("a=n.", std::string("bad f:2: not UTF-8") + kNotUtf8));
  EXPECT_THAT(read_bytes("a  n.\n", Format::kText, "NO-SUCH"),
              ElementsAre("error there is no encoding NO-SUCH; iconv --list has their names"));
}

TEST_F(TextFilesTest, LongLineIsOneBadLine) {
  const std::string long_line(std::size_t{3} << 20, 'x');
  EXPECT_THAT(read_bytes("a\t1\n" + long_line + "\nb\t2\n", Format::kTsv),
              ElementsAre("a=1", HasSubstr("bad f:2: line of more than"), "b=2"));
}

}  // namespace
}  // namespace words
