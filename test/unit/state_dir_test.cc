// What a server remembers of itself, and that only one uses it.
#include "dictd/state_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "test/support/temp_dir.h"

namespace dictd {
namespace {

using Kind = StateDirError::Kind;
using testing::HasSubstr;
using testing::MatchesRegex;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

void write_text(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

TEST(StateDir, IsMadeForItsOwnerOnly) {
  const support::TempDir temp;
  const auto state = StateDir::open(temp.path() / "a" / "state");
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(mode_of(state->path()), 0700U);
  EXPECT_EQ(mode_of(state->path() / "instance"), 0600U);
  EXPECT_EQ(mode_of(state->path() / "lock"), 0600U);
  EXPECT_EQ(state->journal_path(), temp.path() / "a" / "state" / "journal");
}

TEST(StateDir, MayBeNamedWithATrailingSlash) {
  const support::TempDir temp;
  ASSERT_TRUE(StateDir::open(temp.file("state/")));
  EXPECT_EQ(mode_of(temp.path() / "state"), 0700U);
}

TEST(StateDir, KeepsItsIdentity) {
  const support::TempDir temp;
  std::string first;
  {
    const auto state = StateDir::open(temp.path() / "state");
    ASSERT_TRUE(state);
    first = state->instance();
  }
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{32}"));
  const auto again = StateDir::open(temp.path() / "state");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->instance(), first);
}

TEST(StateDir, TwoOfThemAreTwoServers) {
  const support::TempDir temp;
  const auto one = StateDir::open(temp.path() / "one");
  const auto two = StateDir::open(temp.path() / "two");
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->instance(), two->instance());
}

TEST(StateDir, RefusesWhatAnotherUses) {
  const support::TempDir temp;
  const auto state = StateDir::open(temp.path() / "state");
  ASSERT_TRUE(state);
  const auto second = StateDir::open(temp.path() / "state");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Kind::kInUse);
  EXPECT_THAT(second.error().message, HasSubstr(temp.file("state")));
  EXPECT_THAT(second.error().message, HasSubstr("(process " + std::to_string(::getpid()) + ")"));
  EXPECT_THAT(second.error().message, HasSubstr("--state-dir"));
}

TEST(StateDir, RefusesAFileInItsPlace) {
  const support::TempDir temp;
  write_text(temp.file("state"), "");
  const auto state = StateDir::open(temp.path() / "state");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().kind, Kind::kUnusable);
  EXPECT_THAT(state.error().message, HasSubstr("Not a directory"));
  EXPECT_THAT(state.error().message, HasSubstr("--state-dir"));
}

// Root may write anywhere by its capabilities. They are a thread's own: this one lives no longer than the
// test.
void lose_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
}

TEST(StateDir, RefusesWhatItMayNotWriteTo) {
  const support::TempDir temp;
  ASSERT_EQ(::mkdir(temp.file("state").c_str(), 0500), 0);
  std::thread([&] {
    lose_capabilities();
    const auto state = StateDir::open(temp.path() / "state");
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().kind, Kind::kUnusable);
    EXPECT_THAT(state.error().message, HasSubstr("Permission denied"));
    EXPECT_THAT(state.error().message, HasSubstr("--state-dir"));
  }).join();
}

TEST(StateDir, RefusesADamagedIdentityAndSaysWhatToDo) {
  const support::TempDir temp;
  ASSERT_TRUE(StateDir::open(temp.path() / "state"));
  for (const char* text : {"", "abc\n", "0123456789ABCDEF0123456789ABCDEF\n", "0123456789abcdef0123456789abcdef0\n"}) {
    write_text(temp.path() / "state" / "instance", text);
    const auto state = StateDir::open(temp.path() / "state");
    ASSERT_FALSE(state) << text;
    EXPECT_EQ(state.error().kind, Kind::kUnusable);
    EXPECT_THAT(state.error().message, HasSubstr("remove it"));
  }
}

}  // namespace
}  // namespace dictd
