// A user's history on a terminal: the table, all of it in a pager.
#include "test/e2e/dictcli_fixture.h"

namespace e2e {
namespace {

using support::Terminal;
using testing::HasSubstr;
using testing::Not;

class HistoryTest : public Dictcli {
 protected:
  void SetUp() override {
    register_user(name_);
    remember_login(name_);
  }
  std::string name_ = user("小明");
};

TEST_F(HistoryTest, IsEmptyAtFirst) {
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for("No word was looked up yet.");
}

TEST_F(HistoryTest, AlignsNameWordAndTimeByTheirWidth) {
  look_up({"apple", "苹果", "ice cream"});
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for("apple");
  terminal.wait_for_prompt(kChoice);
  const int word_column = terminal.column_of("word").value();
  const int time_column = terminal.column_of("time").value();
  for (const char* word : {"apple", "苹果", "ice cream"}) EXPECT_EQ(terminal.column_of(word), word_column) << word;
  std::size_t rows = 0;
  for (const std::string& line : terminal.lines()) {
    if (line.rfind(name_, 0) != 0) continue;
    ++rows;
    const std::string time = line.substr(line.size() - 19);
    EXPECT_THAT(time, testing::MatchesRegex("20..-..-.. ..:..:.."));
    EXPECT_EQ(terminal.column_of(line.substr(line.size() - 19)), time_column) << line;
  }
  EXPECT_EQ(rows, 3U);
}

TEST_F(HistoryTest, ShowsTheLastTenNewestFirst) {
  for (int i = 1; i <= 12; ++i) look_up({"word" + std::to_string(i)});
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for_prompt("Show all? [y/N]");
  EXPECT_THAT(terminal.screen(), HasSubstr("word3 "));
  EXPECT_THAT(terminal.screen(), Not(HasSubstr("word2 ")));
  EXPECT_LT(terminal.screen().find("word12"), terminal.screen().find("word11"));
}

TEST_F(HistoryTest, ShowsAllAtOnceWhenTheyFitTheScreen) {
  for (int i = 1; i <= 12; ++i) look_up({"word" + std::to_string(i)});
  Terminal terminal(command(), 60);
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for_prompt("Show all? [y/N]");
  terminal.type("y\n");
  terminal.wait_for("word1 ");
  terminal.wait_for_prompt(kChoice);
}

TEST_F(HistoryTest, ShowsAllInAPagerWhenTheyDoNot) {
  std::vector<std::string> words;
  for (int i = 1; i <= 40; ++i) words.push_back("词" + std::to_string(i) + ".");
  look_up(words);
  Terminal terminal(command());
  terminal.wait_for_prompt(kChoice);
  terminal.type("2\n");
  terminal.wait_for_prompt("Show all? [y/N]");
  terminal.type("y\n");
  terminal.wait_for_prompt(":");  // less, at its first page
  EXPECT_THAT(terminal.screen(), HasSubstr("词40."));
  EXPECT_THAT(terminal.screen(), Not(HasSubstr("词1.")));
  terminal.type("G");
  terminal.wait_for("词1.");
  terminal.type("q");
  terminal.wait_for_prompt(kChoice);
}

TEST_F(HistoryTest, TakesAnotherPagerFromTheEnvironment) {
  std::vector<std::string> words(40, "apple");
  look_up(words);
  for (const char* pager : {"sed 's/^/paged: /'", "/nonexistent/pager"}) {
    auto with_pager = command();
    with_pager.environment["PAGER"] = pager;
    Terminal terminal(with_pager, 30);
    terminal.wait_for_prompt(kChoice);
    terminal.type("2\n");
    terminal.wait_for_prompt("Show all? [y/N]");
    terminal.type("y\n");
    terminal.wait_for("1) look up");
    terminal.wait_for_prompt(kChoice);
    const bool paged = terminal.screen().find("paged: " + name_) != std::string::npos;
    EXPECT_EQ(paged, pager[0] == 's');
    EXPECT_THAT(terminal.screen(), HasSubstr("apple")) << "without a pager it is printed";
  }
}

TEST_F(HistoryTest, FetchesMoreThanOnePage) {
  std::string words;
  for (int i = 1; i <= 1005; ++i) words += "w" + std::to_string(i) + "\n";
  ASSERT_EQ(run({"-"}, words).status, 1);
  const auto outcome = run({}, "2\ny\n");
  EXPECT_THAT(outcome.output, HasSubstr("  w1 "));
  EXPECT_THAT(outcome.output, HasSubstr("  w1005 "));
}

}  // namespace
}  // namespace e2e
