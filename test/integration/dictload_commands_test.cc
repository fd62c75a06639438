#include "test/integration/dictload_fixture.h"
#include "test/support/dictzip.h"

namespace words {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class DictloadCommandsTest : public DictloadTest {
 protected:
  std::string sql(const std::string& text) const { return support::run_sql(database_, text); }
  // Of one dictionary, everything that its export is to bring back.
  std::string rows_of(const std::string& name) const {
    const std::string of =
        " ON dictionary_id = id AND w.edition = d.edition WHERE name = '" + name + "' ORDER BY position";
    return sql("SELECT position, headword, HEX(meaning) FROM dictionary d JOIN words w" + of) +
           sql("SELECT position, headword, entry FROM dictionary d JOIN alias w" + of) +
           sql("SELECT title, entries FROM dictionary WHERE name = '" + name + "'") +
           sql("SELECT p.name, HEX(value) FROM dictionary d JOIN property p ON dictionary_id = id WHERE d.name = '" +
               name + "' ORDER BY p.name");
  }
  std::string names() const { return sql("SELECT name FROM dictionary ORDER BY id"); }
  // A dictionary of dictd with two entries and three headwords.
  std::string dictd_file(const std::string& name, const std::string& data_name, const std::string& data) const {
    file(data_name, data);
    return file(name + ".index", "00-database-short\tR\tG\napple\tA\tJ\nApfel\tA\tJ\npear\tJ\tI\n");
  }
  const std::string dictd_data_ = "apple n.\npear n.\nFruit\n";
};

TEST_F(DictloadCommandsTest, EachFileIsADictionaryOfItsOwnFormat) {
  const Ended ended = run({file("a.txt", "apple  n.\n"), dictd_file("b", "b.dict.dz", support::dictzip(dictd_data_, 5)),
                           file("c.tsv", "pear\tn.\\nv.\n")});
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out,
            "a: 1 entries loaded, 0 bad lines\n"
            "b: 2 entries and 1 further headwords loaded, 0 bad lines\n"
            "c: 1 entries loaded, 0 bad lines\n");
  EXPECT_EQ(sql("SELECT name, title, entries FROM dictionary ORDER BY id"), "a\ta\t1\nb\tFruit\t3\nc\tc\t1\n");
}

TEST_F(DictloadCommandsTest, AllFilesOfADictionaryGivenAreOneDictionary) {
  const std::string index = dictd_file("b", "b.dict", dictd_data_);
  EXPECT_EQ(run({index, dir_.file("b.dict")}).out, "b: 2 entries and 1 further headwords loaded, 0 bad lines\n");
}

TEST_F(DictloadCommandsTest, FilesOfAllFormatsBecomeOneDictionaryIfItIsNamed) {
  const Ended ended = run({"--dictionary", "all", file("a.txt", "plum  n.\n"), dictd_file("b", "b.dict", dictd_data_),
                           file("c.jsonl", R"({"dictionary":"c","title":"C"})"
                                           "\n"
                                           R"({"headword":"fig","also":["figs"],"meaning":"n."})"
                                           "\n")});
  EXPECT_EQ(ended.out, "all: 4 entries and 2 further headwords loaded, 0 bad lines\n");
  EXPECT_EQ(names(), "all\n");
  EXPECT_EQ(sql("SELECT position, headword FROM words ORDER BY position"), "0\tplum\n1\tapple\n3\tpear\n4\tfig\n");
  EXPECT_EQ(sql("SELECT position, headword, entry FROM alias ORDER BY position"), "2\tApfel\t1\n5\tfigs\t4\n");
  EXPECT_EQ(sql("SELECT title FROM dictionary"), "C\n");
}

TEST_F(DictloadCommandsTest, DictionaryThatCannotBeReadHoldsUpNoOther) {
  const Ended ended = run({dir_.file("none.txt"), file("a.txt", "apple  n.\nbad\n"), file("empty.txt", "")});
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(names(), "a\n");
}

TEST_F(DictloadCommandsTest, DamagedDictionaryLeavesTheOldWords) {
  const std::string index = dictd_file("b", "b.dict.dz", support::dictzip(dictd_data_, 5));
  EXPECT_EQ(run({index}).status, 0);
  const std::string before = rows_of("b");
  const std::string whole = support::dictzip(dictd_data_, 5);
  std::string wrong_crc = whole;
  wrong_crc[whole.size() - 8] ^= 1;
  support::DictzipParts lying(dictd_data_, 5);
  lying.chunk_bytes = 4;
  // The last one is whole, but shorter than the index says: that is seen after the first entry is on its way.
  for (const std::string& bytes :
       {whole.substr(0, whole.size() - 9), wrong_crc, lying.bytes(), support::gzip("apple n.\n")}) {
    file("b.dict.dz", bytes);
    const Ended ended = run({index});
    EXPECT_EQ(ended.status, 3);
    EXPECT_THAT(ended.err, HasSubstr("cannot read " + dir_.file("b.dict.dz")));
    EXPECT_EQ(rows_of("b"), before);
  }
  file("b.jsonl", "{\"headword\":\"a\",\"meaning\":\"1\"}\n{\"headword\":");
  EXPECT_EQ(run({dir_.file("b.jsonl")}).status, 3);
  EXPECT_EQ(rows_of("b"), before);
}

TEST_F(DictloadCommandsTest, ReloadReplacesWhatTheFileSaysAndKeepsWhatWasSet) {
  const std::string index = dictd_file("b", "b.dict", dictd_data_);
  EXPECT_EQ(run({"--set", "licence=GPL", "--set", "hidden=yes", index}).status, 0);
  EXPECT_EQ(sql("SELECT name, value FROM property ORDER BY name"), "hidden\tyes\nlicence\tGPL\nmatch\tloose\n");
  EXPECT_EQ(run({index, "--set", "match=exact", "--set", "hidden="}).status, 0);
  EXPECT_EQ(sql("SELECT name, value FROM property ORDER BY name"), "licence\tGPL\nmatch\texact\n");
}

TEST_F(DictloadCommandsTest, CheckSaysWhatWouldBeLoadedWithoutADatabase) {
  database_.socket = dir_.file("no.sock");
  const Ended ended = run({"--check", dictd_file("b", "b.dict", dictd_data_), file("a.tsv", "plum\tn.\nbad\n")});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out,
            "b: dictd, “Fruit”: 2 entries and 1 further headwords, 0 bad lines\n  match: loose\n"
            "a: tsv, “a”: 1 entries, 1 bad lines\n");
  EXPECT_EQ(ended.err, dir_.file("a.tsv") + ":2: no tab\n");
  EXPECT_EQ(run({"--check", dir_.file("none")}).status, 3);
}

TEST_F(DictloadCommandsTest, ListShowsAllDictionaries) {
  EXPECT_EQ(run({"--list"}).out, "");
  EXPECT_EQ(run({"--dictionary", "long-name", "--title", "A title", "-"}, "a  1\n").status, 0);
  EXPECT_EQ(run({dictd_file("b", "b.dict", dictd_data_), "--set", "info=A text that is too long for a line"}).status,
            0);
  const Ended ended = run({"--list"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, MatchesRegex("long-name +1  20[0-9-]+ [0-9:]+  A title\n"
                                      "b          +3  20[0-9-]+ [0-9:]+  Fruit  \\(info, match=loose\\)\n"));
}

TEST_F(DictloadCommandsTest, RemoveTakesOneDictionaryAway) {
  EXPECT_EQ(run({"--dictionary", "one", "-"}, "a  1\n").status, 0);
  EXPECT_EQ(run({"--dictionary", "two", "-"}, "a  1\n").status, 0);
  EXPECT_EQ(run({"--remove", "one"}).status, 0);
  EXPECT_EQ(names(), "two\n");
  const Ended ended = run({"--remove", "one"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(ended.err, "dictload: there is no dictionary one\n");
}

TEST_F(DictloadCommandsTest, ExportIsLoadedAgainToTheSameRows) {
  const std::string data = "apple n.\npear n.\nFruit\n\t\"quoted\" \\ 果\n";
  file("b.dict", data);
  const std::string index =
      file("b.index",
           "00-database-info\tA\tX\n00-database-short\tR\tG\nApfel\tA\tJ\napple\tA\tJ\nbirne\tJ\tI\n"
           "obst\tX\tQ\npear\tJ\tI\npomme\tA\tJ\n");
  ASSERT_EQ(run({index, "--set", "licence=two\nlines"}).status, 0);
  const std::string before = rows_of("b");
  const Ended exported = run({"--export", "b"});
  EXPECT_EQ(exported.status, 0);
  EXPECT_THAT(exported.out, AllOf(StartsWith(R"({"dictionary":"b","title":"Fruit","properties":{"info":"apple n.)"),
                                  HasSubstr("\n"
                                            R"({"headword":"Apfel","also":["apple"],"meaning":"apple n.\n"})"
                                            "\n"),
                                  HasSubstr("\n"
                                            R"({"headword":"pomme","same_as":1})"
                                            "\n")));
  ASSERT_EQ(run({"--remove", "b"}).status, 0);
  EXPECT_EQ(run({"-"}, exported.out).out, "b: 3 entries and 3 further headwords loaded, 0 bad lines\n");
  EXPECT_EQ(rows_of("b"), before);
  EXPECT_EQ(run({"--export", "b"}).out, exported.out);
  EXPECT_EQ(run({"--export", "c"}).status, 3);
}

TEST_F(DictloadCommandsTest, ExportThatCannotBeWrittenIsSaid) {
  ASSERT_EQ(run({"--dictionary", "d", "-"}, "a  1\n").status, 0);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  EXPECT_EQ(end_of(start({"--export", "d"}, -1, full, -1)), 4);
  close(full);
}

TEST_F(DictloadCommandsTest, PropertyIsSetWithoutALoad) {
  ASSERT_EQ(run({"--dictionary", "d", "-"}, "a  1\n").status, 0);
  EXPECT_EQ(run({"--dictionary", "d", "--set", "url=http://a/?b=c", "--set", "match=exact"}).status, 0);
  EXPECT_EQ(sql("SELECT name, value FROM property ORDER BY name"), "match\texact\nurl\thttp://a/?b=c\n");
  EXPECT_EQ(run({"--dictionary", "d", "--set", "url="}).status, 0);
  EXPECT_EQ(sql("SELECT name, value FROM property ORDER BY name"), "match\texact\n");
  EXPECT_EQ(loaded(), "d\td\ta\t1\n");
  EXPECT_EQ(run({"--dictionary", "none", "--set", "url=x"}).status, 3);
}

TEST_F(DictloadCommandsTest, VirtualDictionaryIsOfOthersInTheirOrder) {
  ASSERT_EQ(run({file("a.txt", "a  1\n"), file("b.txt", "b  1\n")}).status, 0);
  EXPECT_EQ(run({"--virtual", "v", "--members", "b,a", "--title", "Both", "--set", "info=of two"}).status, 0);
  EXPECT_EQ(sql("SELECT title, entries FROM dictionary WHERE name = 'v'"), "Both\t0\n");
  EXPECT_EQ(sql("SELECT name, value FROM property ORDER BY name"), "info\tof two\nmembers\tb,a\n");
  EXPECT_EQ(run({"--virtual", "v", "--members", "a"}).status, 0);
  EXPECT_EQ(sql("SELECT value FROM property WHERE name = 'members'"), "a\n");
  // What a virtual dictionary is not made of, and not made from.
  EXPECT_EQ(run({"--virtual", "w", "--members", "a,none"}).status, 3);
  EXPECT_EQ(run({"--virtual", "w", "--members", "a,v"}).status, 2);
  EXPECT_EQ(run({"--virtual", "a", "--members", "b"}).status, 2);
  EXPECT_EQ(names(), "a\nb\nv\n");
  // Words make a dictionary of it.
  EXPECT_EQ(run({"--dictionary", "v", "-"}, "c  1\n").status, 0);
  EXPECT_EQ(sql("SELECT COUNT(*) FROM property WHERE name = 'members'"), "0\n");
}

TEST_F(DictloadCommandsTest, EncodingIsNamedOrSaidToBeMissing) {
  const std::string path = file("a.txt", "caf\xE9  n.\n");
  EXPECT_THAT(run({path}).err, HasSubstr("--charset"));
  EXPECT_EQ(run({path, "--charset", "ISO-8859-1"}).status, 0);
  EXPECT_EQ(loaded(), "a\ta\tcafé\tn.\n");
  EXPECT_EQ(run({path, "--charset", "NO-SUCH"}).status, 2);
}

TEST_F(DictloadCommandsTest, WrongUsageIsSaid) {
  const std::string path = file("a.txt", "a  1\n");
  const std::vector<std::vector<std::string>> table = {
      {path, "--format", "no-such"},
      {path, "--list"},
      {"--list", "--remove", "a"},
      {"--dictionary", "a"},
      {"--check"},
      {"--set", "url=x"},
      {path, "--set", "url"},
      {path, "--set", "no-such=x"},
      {path, "--set", "members=a"},
      {path, "--set", "match=sometimes"},
      {path, "--set", "hidden=no"},
      {path, "--set", "info=\xFF"},
      {"--virtual", "v"},
      {"--members", "a"},
      {path, path + "2", "--title", "T"},
      {path, "--virtual", "v", "--members", "a"},
  };
  for (const auto& arguments : table) {
    const Ended ended = run(arguments);
    EXPECT_EQ(ended.status, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(ended.err, Not(IsEmpty()));
  }
  EXPECT_EQ(names(), "");
}

}  // namespace
}  // namespace words
