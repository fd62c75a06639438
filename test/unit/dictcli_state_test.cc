// What dictcli keeps between runs: logins and words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "dictcli/session_file.h"
#include "dictcli/state_directory.h"
#include "dictcli/word_history.h"
#include "test/support/temp_dir.h"

namespace dictcli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kServer = "127.0.0.1:8888";

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

class DictcliState : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(directory_.file(""))) {
      names.push_back(file.path().filename());
    }
    return names;
  }

  support::TempDir temp_;
  StateDirectory directory_{temp_.path() / "state" / "dictcli"};
};

using StateDirectoryTest = DictcliState;
using SessionFileTest = DictcliState;
using WordHistoryTest = DictcliState;

TEST(StateDirectoryOf, FollowsXdgElseHome) {
  EXPECT_EQ(StateDirectory::of("/x", "/h").file("f"), "/x/dictcli/f");
  EXPECT_EQ(StateDirectory::of(nullptr, "/h").file("f"), "/h/.local/state/dictcli/f");
  EXPECT_EQ(StateDirectory::of("", "/h").file("f"), "/h/.local/state/dictcli/f");
  EXPECT_EQ(StateDirectory::of("relative", "/h").file("f"), "/h/.local/state/dictcli/f");
}

TEST(StateDirectoryOf, WithoutAHomeNothingIsKept) {
  const StateDirectory directory = StateDirectory::of(nullptr, nullptr);
  EXPECT_THAT(directory.read("words"), IsEmpty());
  EXPECT_FALSE(directory.update("words", [](auto&) {}));
}

TEST_F(StateDirectoryTest, MakesPrivateDirectoriesAndFiles) {
  const mode_t before = ::umask(0);
  const auto written = directory_.update("f", [](auto& lines) { lines = {"a", "b"}; });
  ::umask(before);
  ASSERT_TRUE(written);
  EXPECT_EQ(mode_of(temp_.path() / "state"), 0700U);
  EXPECT_EQ(mode_of(directory_.file("")), 0700U);
  EXPECT_EQ(mode_of(directory_.file("f")), 0600U);
  EXPECT_THAT(directory_.read("f"), ElementsAre("a", "b"));
  EXPECT_THAT(files(), ElementsAre("f"));
}

TEST_F(StateDirectoryTest, AFileOfOthersHandsBecomesPrivate) {
  ASSERT_TRUE(directory_.update("f", [](auto&) {}));
  std::filesystem::permissions(directory_.file("f"), std::filesystem::perms(0666));
  ASSERT_TRUE(directory_.update("f", [](auto&) {}));
  EXPECT_EQ(mode_of(directory_.file("f")), 0600U);
}

TEST_F(StateDirectoryTest, AFailureLeavesTheFileAsItWasAndNothingBeside) {
  std::filesystem::create_directories(directory_.file("f"));  // a directory in the file's place
  EXPECT_FALSE(directory_.update("f", [](auto& lines) { lines = {"a"}; }));
  EXPECT_TRUE(std::filesystem::is_directory(directory_.file("f")));
  EXPECT_THAT(files(), ElementsAre("f"));
}

TEST_F(StateDirectoryTest, AReaderSeesTheOldFileOrTheNew) {
  const std::string old_line(100'000, 'o');
  const std::string new_line(200'000, 'n');
  ASSERT_TRUE(directory_.update("f", [&](auto& lines) { lines = {old_line}; }));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(directory_.update("f", [&](auto& lines) { lines = {i % 2 == 0 ? new_line : old_line}; }));
    }
    done = true;
  });
  while (!done) EXPECT_THAT(directory_.read("f"), testing::AnyOf(ElementsAre(old_line), ElementsAre(new_line)));
  writer.join();
}

TEST_F(StateDirectoryTest, TwoWritersLoseNothingOfEachOthers) {
  const auto append = [this](const std::string& line) {
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(directory_.update("f", [&](auto& lines) { lines.push_back(line); }));
  };
  std::thread other([&] { append("a"); });
  append("b");
  other.join();
  EXPECT_EQ(directory_.read("f").size(), 100U);
}

TEST_F(SessionFileTest, RemembersATokenForEachUserAndServer) {
  const SessionFile here(directory_, kServer);
  const SessionFile there(directory_, "[::1]:9999");
  EXPECT_FALSE(here.find("lee"));
  ASSERT_TRUE(here.remember({"lee", "token-of-lee-here"}));
  ASSERT_TRUE(there.remember({"lee", "token-of-lee-there"}));
  ASSERT_TRUE(here.remember({"小明", "token-of-ming"}));
  EXPECT_EQ(here.find("lee")->token, "token-of-lee-here");
  EXPECT_EQ(there.find("lee")->token, "token-of-lee-there");
  EXPECT_EQ(here.find("小明")->token, "token-of-ming");
  EXPECT_FALSE(here.find("Lee")) << "names are case-sensitive";
  EXPECT_FALSE(there.find("小明"));
}

TEST_F(SessionFileTest, WithoutANameItIsTheOneRememberedLast) {
  const SessionFile sessions(directory_, kServer);
  ASSERT_TRUE(sessions.remember({"a", "token-a"}));
  ASSERT_TRUE(sessions.remember({"b", "token-b"}));
  EXPECT_EQ(sessions.find(std::nullopt)->user, "b");
  ASSERT_TRUE(sessions.remember({"a", "token-a2"}));
  EXPECT_EQ(sessions.find(std::nullopt)->user, "a");
  EXPECT_EQ(sessions.find("a")->token, "token-a2");
  EXPECT_EQ(directory_.read("sessions").size(), 2U);
}

TEST_F(SessionFileTest, ForgetsOneUserAlone) {
  const SessionFile sessions(directory_, kServer);
  ASSERT_TRUE(sessions.remember({"a", "token-a"}));
  ASSERT_TRUE(sessions.remember({"b", "token-b"}));
  ASSERT_TRUE(sessions.forget("b"));
  ASSERT_TRUE(sessions.forget("nobody"));
  EXPECT_FALSE(sessions.find("b"));
  EXPECT_EQ(sessions.find(std::nullopt)->user, "a");
}

TEST_F(SessionFileTest, ForgettingNothingWritesNothing) {
  EXPECT_TRUE(SessionFile(directory_, kServer).forget("lee"));
  EXPECT_FALSE(std::filesystem::exists(directory_.file("sessions")));
}

TEST_F(SessionFileTest, LinesThatAreNoLoginsAreIgnored) {
  ASSERT_TRUE(directory_.update("sessions", [](auto& lines) {
    lines = {"", "garbage", std::string(kServer) + "\tlee", std::string(kServer) + "\tlee\ttoken"};
  }));
  EXPECT_EQ(SessionFile(directory_, kServer).find(std::nullopt)->token, "token");
}

TEST_F(WordHistoryTest, KeepsWordsBetweenRunsOldestFirst) {
  WordHistory(directory_).add("apple");
  WordHistory second(directory_);
  second.add("ice cream");
  EXPECT_THAT(second.words(), ElementsAre("apple", "ice cream"));
  EXPECT_THAT(WordHistory(directory_).words(), ElementsAre("apple", "ice cream"));
}

TEST_F(WordHistoryTest, KeepsARepetitionOnce) {
  WordHistory words(directory_);
  for (const char* word : {"apple", "apple", "cat", "apple"}) words.add(word);
  EXPECT_THAT(words.words(), ElementsAre("apple", "cat", "apple"));
  EXPECT_THAT(directory_.read("words"), ElementsAre("apple", "cat", "apple"));
}

TEST_F(WordHistoryTest, KeepsTheLastThousand) {
  ASSERT_TRUE(directory_.update("words", [](auto& lines) {
    for (std::size_t i = 1; i <= kMostRememberedWords; ++i) lines.push_back("word" + std::to_string(i));
  }));
  WordHistory words(directory_);
  words.add("newest");
  EXPECT_EQ(words.words().size(), kMostRememberedWords);
  EXPECT_EQ(words.words().front(), "word2");
  EXPECT_EQ(directory_.read("words"), words.words());
}

TEST_F(WordHistoryTest, GoesOnWhenItCannotBeWritten) {
  const StateDirectory nowhere{"/proc/dictcli"};
  WordHistory words(nowhere);
  words.add("apple");
  EXPECT_THAT(words.words(), ElementsAre("apple"));
}

}  // namespace
}  // namespace dictcli
