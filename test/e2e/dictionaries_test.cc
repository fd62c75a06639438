// dictcli at a server of several dictionaries: which one an entry is from, --dictionary, --match and --list.
#include <memory>
#include <utility>

#include "test/e2e/dictcli_fixture.h"
#include "test/support/mariadb.h"

namespace e2e {
namespace {

using support::Terminal;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Two are listed, `words` and `wn`; `slang` is hidden, and steers the terminal of whoever prints what it says; `both` is
// a virtual one of the last two.
dictd::DatabaseOptions several_dictionaries() {
  std::string wn =
      R"({"dictionary":"wn","title":"WordNet (r) 3.0"}
{"headword":"apple","meaning":"apple\n    n 1: fruit with red or yellow skin\n"}
{"headword":"Applecart","meaning":"Applecart\n    n 1: a cart\n"}
{"headword":"long","meaning":"long)";
  for (int i = 1; i <= 30; ++i) wn += "\\n    " + std::to_string(i) + ": line";
  wn += "\"}\n";

  auto database = support::shared_database();
  support::load_words(database, "words", "apple\tn. 苹果\ncat\tn. 猫\nlong\tadj. 长的\n", "English–Chinese");
  support::load_words(database, "wn", wn);
  support::load_words(database, "slang", "apple\tred\n");
  support::run_sql(database, R"(
      UPDATE words SET meaning = REPLACE('~[31mred~[0m\r\n\ttab\n\n', '~', CHAR(27 USING utf8mb4)) WHERE meaning = 'red';
      INSERT INTO dictionary SELECT MAX(id) + 1, 'both', 'Both', 0, 0, 0 FROM dictionary;
      INSERT INTO property SELECT id, 'members', 'wn,slang' FROM dictionary WHERE name = 'both';
      INSERT INTO property SELECT id, 'hidden', 'yes' FROM dictionary WHERE name IN ('slang', 'both'))");
  return database;
}

class DictionariesTest : public Dictcli {
 protected:
  DictionariesTest() { port_ = std::to_string(several().port()); }
  void SetUp() override {
    register_user(name_);
    remember_login(name_);
  }

  // The server that these tests share; and one that answers everybody.
  static support::Dictd& several() {
    static support::Dictd server(several_dictionaries());
    return server;
  }
  static support::Dictd& anonymous() {
    static support::Dictd server(several_dictionaries(), {"--anonymous"});
    return server;
  }
  // Without a terminal to ask, even when the tests have one.
  [[nodiscard]] support::Outcome run_alone(std::vector<std::string> arguments) const {
    auto alone = command(std::move(arguments));
    alone.arguments.insert(alone.arguments.begin(), {"setsid", "-w"});
    return support::run(alone);
  }

  std::string name_ = user("lee");
};

constexpr const char* kFromWords = "---- English–Chinese [words] ----\n";
constexpr const char* kFromWordNet = "---- WordNet (r) 3.0 [wn] ----\n";

TEST_F(DictionariesTest, EachEntryStandsBelowTheNameOfItsDictionary) {
  const auto outcome = run({"apple", "cat", "dog"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, std::string(kFromWords) + "apple\n  n. 苹果\n\n" + kFromWordNet +
                                "apple\n  n 1: fruit with red or yellow skin\n\n" + kFromWords +
                                "cat\n  n. 猫\n\n“dog” was not found.\n");
}

TEST_F(DictionariesTest, LooksUpOnlyInTheOneThatWasNamed) {
  const std::string slang = "---- [slang] ----\napple\n  \ufffd[31mred\ufffd[0m\n          tab\n";
  const std::string wn = std::string(kFromWordNet) + "apple\n  n 1: fruit with red or yellow skin\n";
  const std::string words = std::string(kFromWords) + "apple\n  n. 苹果\n";
  struct Case {
    const char* dictionary;
    std::string output;
  };
  const std::vector<Case> cases{{"wn", wn},
                                {"slang", slang},  // hidden
                                {"both", wn + '\n' + slang},
                                {"!", words},
                                {"*", words + '\n' + wn}};
  for (const auto& [dictionary, output] : cases) {
    const auto outcome = run({"--dictionary", dictionary, "apple"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.output, output) << dictionary;
  }
  EXPECT_EQ(run({"--dictionary", "wn", "cat", "aple"}).output,
            "“cat” was not found.\n\n“aple” was not found.\nNear words: apple\n")
      << "near words as well";
}

TEST_F(DictionariesTest, ALookUpInOneIsRecordedAsAnyOther) {
  ASSERT_EQ(run({"--dictionary", "slang", "apple"}).status, 0);
  EXPECT_THAT(run({}, "2\n").output, HasSubstr("\n" + name_ + "  apple  20"));
}

TEST_F(DictionariesTest, JsonNamesTheDictionaryOfEachEntry) {
  EXPECT_EQ(run({"--json", "--dictionary", "both", "apple"}).output,
            R"({"word":"apple","found":true,"entries":[{"dictionary":"wn","headword":"apple",)"
            R"("meaning":"apple\n    n 1: fruit with red or yellow skin\n"},{"dictionary":"slang","headword":"apple",)"
            R"("meaning":"\u001b[31mred\u001b[0m\u000d\n\ttab\n\n"}]})"
            "\n");
}

TEST_F(DictionariesTest, OneThatIsNotThereIsToldOnce) {
  for (const auto& [language, sentence] :
       {std::pair("en", "dictcli: There is no dictionary named “none”; dictcli --list shows which there are.\n"),
        std::pair("zh", "dictcli: 没有名为“none”的词典，可用 dictcli --list 查看有哪些词典。\n")}) {
    const auto outcome = run({"--lang", language, "--dictionary", "none", "apple", "cat"});
    EXPECT_EQ(outcome.status, 5);
    EXPECT_THAT(outcome.output, IsEmpty());
    EXPECT_EQ(outcome.errors, sentence);
    EXPECT_EQ(run({"--lang", language, "--dictionary", "none", "--match", "none", "apple"}).errors, sentence);
  }
}

TEST_F(DictionariesTest, MatchPrintsHeadwordsWithTheirDictionaryUnlessOneWasNamed) {
  struct Case {
    std::vector<std::string> arguments;
    std::string output;
  };
  const std::vector<Case> cases{
      {{"--match", "prefix", "app"}, "words\tapple\nwn\tapple\nwn\tApplecart\n"},
      {{"--match", "prefix", "app", "ca"}, "words\tapple\nwn\tapple\nwn\tApplecart\nwords\tcat\n"},
      {{"--match", "prefix", "--dictionary", "*", "app"}, "words\tapple\nwn\tapple\nwn\tApplecart\n"},
      {{"--match", "prefix", "--dictionary", "!", "app"}, "words\tapple\n"},
      {{"--match", "prefix", "--dictionary", "wn", "app"}, "apple\nApplecart\n"},
      {{"--match", "exact", "--dictionary", "both", "apple"}, "apple\n"},  // each once
      {{"--match", ".", "--dictionary", "words", "aple"}, "apple\n"},
      {{"--match", "prefix", "--json", "app"},
       R"({"word":"app","found":true,"matches":[{"dictionary":"words","headword":"apple"},)"
       R"({"dictionary":"wn","headword":"apple"},{"dictionary":"wn","headword":"Applecart"}]})"
       "\n"}};
  for (const auto& [arguments, output] : cases) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.output, output);
    EXPECT_THAT(outcome.errors, IsEmpty());
  }
}

TEST_F(DictionariesTest, MatchReadsWordsFromAPipeAndTellsAMissWithItsStatus) {
  const auto outcome = run({"--match", "prefix", "-"}, "ca\nqq\n\nlo\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.output, "words\tcat\nwords\tlong\nwn\tlong\n");
  EXPECT_EQ(outcome.errors, "dictcli: Nothing matches “qq”.\n");
  EXPECT_EQ(run({"--match", "prefix", "--json", "qq"}).output, "{\"word\":\"qq\",\"found\":false,\"matches\":[]}\n");
}

TEST_F(DictionariesTest, MatchRecordsNothing) {
  ASSERT_EQ(run({"--match", "exact", "apple"}).status, 0);
  EXPECT_THAT(run({}, "2\n").output, HasSubstr("No word was looked up yet."));
}

TEST_F(DictionariesTest, AStrategyThatIsNotThereIsToldOnceWithThoseThereAre) {
  const auto outcome = run({"--match", "none", "apple", "cat"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.output, IsEmpty());
  EXPECT_THAT(outcome.errors, testing::MatchesRegex("dictcli: [^\n]*there is no such strategy[^\n]* prefix [^\n]*\n"));
}

TEST_F(DictionariesTest, ListAlignsNamesCountsAndTitles) {
  EXPECT_EQ(run({"--list"}).output,
            "name   headwords  title\n"
            "words          3  English–Chinese\n"
            "wn             3  WordNet (r) 3.0\n");
  EXPECT_EQ(run({"--list", "--json"}).output,
            "{\"name\":\"words\",\"title\":\"English–Chinese\",\"headwords\":3}\n"
            "{\"name\":\"wn\",\"title\":\"WordNet (r) 3.0\",\"headwords\":3}\n");
  EXPECT_THAT(run({"--list", "--lang", "zh"}).output, testing::StartsWith("名称   词条数  标题\n"));
}

TEST_F(DictionariesTest, MatchAndListNeedALoginUnlessTheServerAnswersEverybody) {
  std::filesystem::remove(state_file("sessions"));
  const std::vector<std::vector<std::string>> asked{{"--list"}, {"--match", "exact", "cat"}};
  for (const auto& arguments : asked) {
    const auto refused = run_alone(arguments);
    EXPECT_EQ(refused.status, 4);
    EXPECT_THAT(refused.output, IsEmpty());
    EXPECT_THAT(refused.errors, HasSubstr("Not logged in: run dictcli and let it remember the login"));
  }
  port_ = std::to_string(anonymous().port());
  for (const auto& arguments : asked) EXPECT_EQ(run_alone(arguments).status, 0);
  EXPECT_EQ(run_alone({"cat"}).status, 4) << "a look-up is somebody's";
  port_ = "1";
  for (const auto& arguments : asked) EXPECT_EQ(run_alone(arguments).status, 3) << "not a matter of a login";
}

TEST_F(DictionariesTest, ListTakesAPasswordWhereItIsNeeded) {
  std::filesystem::remove(state_file("sessions"));
  auto given = command({"--list", "--user", name_});
  given.environment["DICTCLI_PASSWORD"] = kPassword;
  EXPECT_THAT(support::run(given).output, HasSubstr("WordNet"));
}

TEST_F(DictionariesTest, TheMenusNameTheDictionariesToo) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("apple\n");
  terminal.wait_for(std::string("\n") + kFromWords + "apple\n  n. 苹果\n\n" + kFromWordNet +
                    "apple\n  n 1: fruit with red or yellow skin\nWord (## ends):");
}

TEST_F(DictionariesTest, TheMenusKeepToTheDictionaryThatWasNamed) {
  Terminal terminal(command({"--dictionary", "words"}));
  begin_look_up(terminal);
  terminal.type("appl\t");
  terminal.wait_for_prompt("Word (## ends): apple");
  terminal.type("\n");
  terminal.wait_for(std::string("\n") + kFromWords + "apple\n  n. 苹果\nWord (## ends):");
  terminal.type("applecar\n");
  terminal.wait_for("“applecar” was not found.\nWord (## ends):");
}

TEST_F(DictionariesTest, TheMenusTellOneThatIsNotThereAndGoBack) {
  Terminal terminal(command({"--dictionary", "none"}));
  begin_look_up(terminal);
  terminal.type("apple\n");
  terminal.wait_for("There is no dictionary named “none”; dictcli --list shows which there are.");
  terminal.wait_for_prompt(kChoice);
}

TEST_F(DictionariesTest, TabCompletesWhateverTheCaseOfAHeadword) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("ap\t");
  terminal.wait_for_prompt("Word (## ends): apple");
  terminal.type("c\t");
  terminal.wait_for_prompt("Word (## ends): Applecart");
}

TEST_F(DictionariesTest, ALongEntryIsShownInThePager) {
  Terminal terminal(command());
  begin_look_up(terminal);
  terminal.type("long\n");
  terminal.wait_for_prompt(":");  // less, at its first page
  EXPECT_THAT(terminal.screen(), testing::StartsWith(kFromWords));
  EXPECT_THAT(terminal.screen(), Not(HasSubstr("30: line")));
  terminal.type("G");
  terminal.wait_for("\n  30: line\n");
  terminal.type("q");
  terminal.wait_for_prompt(kWord);
}

TEST_F(DictionariesTest, ALongEntryIsPrintedWhereItFits) {
  Terminal terminal(command(), 60);
  begin_look_up(terminal);
  terminal.type("long\n");
  terminal.wait_for("\n  30: line\nWord (## ends):");
}

// A pager that its keys' signals end or stop at any moment, as less is not while it draws; and how to come to it, and
// what is there after it.
constexpr const char* kPager = "cat; echo READ; read -r key </dev/tty";
struct WayToPager {
  std::vector<std::string> arguments;
  std::string keys, after;
};
const std::vector<WayToPager> kWaysToPager{{{"long"}, "", "$"}, {{}, "1\nlong\n", kWord}};

class PagerTest : public DictionariesTest {
 protected:
  // In a shell, where jobs can be stopped.
  std::unique_ptr<Terminal> go(const WayToPager& way) const {
    auto shell = command(way.arguments);
    std::string line;
    for (const std::string& argument : std::exchange(shell.arguments, {"sh", "-i"})) line += argument + ' ';
    shell.environment["PAGER"] = kPager;
    shell.environment["PS1"] = "$ ";
    shell.environment["ENV"] = std::nullopt;
    auto terminal = std::make_unique<Terminal>(shell, 24, 200);
    terminal->wait_for_prompt("$");
    terminal->type(line + "\n" + way.keys);
    terminal->wait_for("  30: line\nREAD\n");
    return terminal;
  }
};

TEST_F(PagerTest, CtrlCIsForThePagerAlone) {
  for (const WayToPager& way : kWaysToPager) {
    const auto terminal = go(way);
    terminal->type("\x03");
    terminal->wait_for_prompt("^C" + way.after);
    if (way.arguments.empty()) continue;
    terminal->type("echo status $?\n");
    terminal->wait_for("\nstatus 0\n");
  }
}

TEST_F(PagerTest, CtrlZStopsDictcliWithThePager) {
  for (const WayToPager& way : kWaysToPager) {
    const auto terminal = go(way);
    terminal->type("\x1a");
    terminal->wait_for_prompt("$");
    terminal->type("fg\n\n");
    terminal->wait_for_prompt(way.after);
    EXPECT_THAT(terminal->screen(), HasSubstr("Stopped"));
  }
}

}  // namespace
}  // namespace e2e
