// dictd's settings: flags, the file below them, and what is said of mistakes.
#include "dictd/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "dictd/exit_code.h"
#include "test/support/temp_dir.h"

namespace dictd {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

tl::expected<Config, ConfigExit> parse(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv{"dictd"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return parse_config(static_cast<int>(argv.size()), argv.data());
}

class ConfigTest : public testing::Test {
 protected:
  // "--config FILE" for a file of these lines.
  std::vector<std::string> file(const std::string& lines) {
    const std::string path = temp_.file("dictd.conf");
    std::ofstream(path) << lines;
    return {"--config", path};
  }
  static std::vector<std::string> join(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  support::TempDir temp_;
};

TEST_F(ConfigTest, WithNothingSaidHasTheDefaults) {
  const auto config = parse({});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->listen, ElementsAre("127.0.0.1:8888"));
  EXPECT_EQ(config->journal_max, 4294967296U);
  EXPECT_EQ(config->journal_sync, SyncMode::kInterval);
  EXPECT_EQ(config->largest_frame, 65536U);
  EXPECT_EQ(config->largest_anonymous_frame, 4096U);
  EXPECT_EQ(config->largest_answer, 16777216U);
  EXPECT_EQ(config->token_lifetime, 30 * 24h);
  EXPECT_EQ(config->password_cost, (PasswordCost{19456, 2}));
  EXPECT_FALSE(config->daemon);
  EXPECT_FALSE(config->anonymous);
}

// Each option: as it is written on the command line and in the file, and what shows that it arrived.
struct Option {
  std::string name, value;
  std::function<bool(const Config&)> arrived;
};

std::vector<Option> options() {
  return {
      {"listen", "[::1]:0", [](const Config& c) { return c.listen == std::vector<std::string>{"[::1]:0"}; }},
      {"pid-file", "/run/x.pid", [](const Config& c) { return c.pid_file == "/run/x.pid"; }},
      {"log-level", "debug", [](const Config& c) { return c.log_level == "debug"; }},
      {"daemon", "true", [](const Config& c) { return c.daemon; }},
      {"anonymous", "true", [](const Config& c) { return c.anonymous; }},
      {"dict-listen", "[::1]:2628",
       [](const Config& c) { return c.dict_listen == std::vector<std::string>{"[::1]:2628"}; }},
      {"dictionaries", "wn,foldoc",
       [](const Config& c) {
         return c.dictionaries == std::vector<std::string>{"wn", "foldoc"};
       }},
      {"dict-login-only", "true", [](const Config& c) { return c.dict_login_only; }},
      {"dict-plain-unencrypted", "true", [](const Config& c) { return c.dict_plain_unencrypted; }},
      {"most-matches", "77", [](const Config& c) { return c.most_matches == 77; }},
      {"match-timeout", "5", [](const Config& c) { return c.match_timeout == 5s; }},
      {"db-host", "db.example", [](const Config& c) { return c.database.host == "db.example"; }},
      {"db-port", "3307", [](const Config& c) { return c.database.port == 3307; }},
      {"db-socket", "/run/m.sock", [](const Config& c) { return c.database.socket == "/run/m.sock"; }},
      {"db-user", "me", [](const Config& c) { return c.database.user == "me"; }},
      {"db-name", "words", [](const Config& c) { return c.database.name == "words"; }},
      {"db-defaults-file", "/etc/x.cnf", [](const Config& c) { return c.database.defaults_file == "/etc/x.cnf"; }},
      {"db-timeout", "2", [](const Config& c) { return c.database.io_timeout == 2s; }},
      {"state-dir", "/var/x", [](const Config& c) { return c.state_dir == "/var/x"; }},
      {"journal-sync", "always", [](const Config& c) { return c.journal_sync == SyncMode::kAlways; }},
      {"journal-sync", "off", [](const Config& c) { return c.journal_sync == SyncMode::kOff; }},
      {"journal-max", "8G", [](const Config& c) { return c.journal_max == std::uint64_t{8} << 30; }},
      {"journal-max", "256K", [](const Config& c) { return c.journal_max == 262144; }},
      {"journal-max", "300000", [](const Config& c) { return c.journal_max == 300000; }},
      {"journal-segment", "1M", [](const Config& c) { return c.journal_segment == 1048576; }},
      {"pending-events", "5000", [](const Config& c) { return c.pending_events == 5000; }},
      {"max-connections", "7", [](const Config& c) { return c.max_connections == 7; }},
      {"max-connections-per-address", "6", [](const Config& c) { return c.max_connections_per_address == 6; }},
      {"largest-frame", "8K", [](const Config& c) { return c.largest_frame == 8192; }},
      {"largest-anonymous-frame", "1K", [](const Config& c) { return c.largest_anonymous_frame == 1024; }},
      {"largest-answer", "1M", [](const Config& c) { return c.largest_answer == 1048576; }},
      {"output-high-mark", "64k", [](const Config& c) { return c.output_high_mark == 65536; }},
      {"first-request-timeout", "1", [](const Config& c) { return c.first_request_timeout == 1s; }},
      {"frame-timeout", "2", [](const Config& c) { return c.frame_timeout == 2s; }},
      {"idle-timeout", "3", [](const Config& c) { return c.idle_timeout == 3s; }},
      {"slow-reader-timeout", "4", [](const Config& c) { return c.slow_reader_timeout == 4s; }},
      {"shutdown-timeout", "6", [](const Config& c) { return c.shutdown_timeout == 6s; }},
      {"db-workers", "9", [](const Config& c) { return c.db_workers == 9; }},
      {"db-queue", "1", [](const Config& c) { return c.db_queue == 1; }},
      {"cpu-workers", "3", [](const Config& c) { return c.cpu_workers == 3; }},
      {"cpu-queue", "2", [](const Config& c) { return c.cpu_queue == 2; }},
      {"password-memory", "8192", [](const Config& c) { return c.password_cost.memory_kib == 8192; }},
      {"password-passes", "3", [](const Config& c) { return c.password_cost.passes == 3; }},
      {"token-lifetime", "60", [](const Config& c) { return c.token_lifetime == 60s; }},
      {"login-failures", "4", [](const Config& c) { return c.login_failures == 4; }},
      {"login-failures-per-address", "40", [](const Config& c) { return c.login_failures_per_address == 40; }},
      {"login-window", "10", [](const Config& c) { return c.login_window == 10s; }},
  };
}

TEST_F(ConfigTest, EveryOptionIsAFlag) {
  for (const Option& option : options()) {
    const auto config = parse({"--" + option.name + "=" + option.value});
    ASSERT_TRUE(config) << option.name << ": " << config.error().text;
    EXPECT_TRUE(option.arrived(*config)) << option.name << " " << option.value;
    EXPECT_FALSE(option.arrived(Config{})) << option.name << ": the test shows nothing";
  }
}

TEST_F(ConfigTest, EveryOptionIsAKeyOfTheFile) {
  for (const Option& option : options()) {
    for (const char* const quote : {"", "\""}) {
      if (*quote == '\0' && option.value.starts_with('[')) continue;  // that is a list
      const auto config = parse(file(option.name + " = " + quote + option.value + quote + "\n"));
      ASSERT_TRUE(config) << option.name << ": " << config.error().text;
      EXPECT_TRUE(option.arrived(*config)) << option.name << " " << option.value;
    }
  }
}

TEST_F(ConfigTest, EveryOptionIsInTheHelp) {
  const auto help = parse({"--help"});
  ASSERT_FALSE(help);
  EXPECT_EQ(help.error().exit_code, kExitOk);
  for (const Option& option : options()) EXPECT_THAT(help.error().text, HasSubstr("--" + option.name + " "));
  EXPECT_THAT(help.error().text, AllOf(HasSubstr("DICTD_DB_PASSWORD"), HasSubstr("Exit codes")));
}

TEST_F(ConfigTest, TheVersionIsNoError) {
  const auto version = parse({"--version"});
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().exit_code, kExitOk);
  EXPECT_THAT(version.error().text, HasSubstr("dictd 1.0"));
}

TEST_F(ConfigTest, AFlagWinsOverTheFile) {
  const auto lines = file("# a comment\n\ndb-port = 3307\nlargest-frame = 8K\nlisten = \"127.0.0.1:1\"\n");
  const auto config = parse(join(lines, {"--db-port", "3308", "--listen", "127.0.0.1:2"}));
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->database.port, 3308);
  EXPECT_EQ(config->largest_frame, 8192U);
  EXPECT_THAT(config->listen, ElementsAre("127.0.0.1:2"));
}

TEST_F(ConfigTest, SeveralAddressesMayBeGiven) {
  const std::vector<std::string> two{"127.0.0.1:1", "[::1]:2"};
  EXPECT_EQ(parse({"--listen", two[0], "--listen", two[1]})->listen, two);
  EXPECT_EQ(parse(file("listen = [\"127.0.0.1:1\", \"[::1]:2\"]\n"))->listen, two);
}

TEST_F(ConfigTest, MistakesOnTheCommandLineAreUsageErrorsThatNameTheOption) {
  const struct {
    std::vector<std::string> arguments;
    std::string named;
  } cases[] = {
      {{"--nonsense"}, "--nonsense"},
      {{"word"}, "word"},
      {{"--db-port"}, "--db-port"},
      {{"--db-port", "x"}, "--db-port"},
      {{"--db-port", "70000"}, "--db-port"},
      {{"--db-port", "-1"}, "--db-port"},
      {{"--db-timeout", "0"}, "--db-timeout"},
      {{"--journal-max", "4X"}, "--journal-max"},
      {{"--journal-max", "1K"}, "--journal-max"},
      {{"--journal-max", "-1"}, "--journal-max"},
      {{"--journal-max", ""}, "--journal-max"},
      {{"--journal-sync", "sometimes"}, "--journal-sync"},
      {{"--log-level", "loud"}, "--log-level"},
      {{"--max-connections", "0"}, "--max-connections"},
      {{"--max-connections", "99999999999999999999999"}, "--max-connections"},
      {{"--largest-frame", "1G"}, "--largest-frame"},
      {{"--largest-answer", "17M"}, "--largest-answer"},
      {{"--idle-timeout", "0"}, "--idle-timeout"},
      {{"--idle-timeout", "1.5"}, "--idle-timeout"},
      {{"--password-memory", "7"}, "--password-memory"},
      {{"--db-workers", "0"}, "--db-workers"},
      {{"--config", "/nowhere/dictd.conf"}, "/nowhere/dictd.conf"},
  };
  for (const auto& [arguments, named] : cases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const auto config = parse(arguments);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().exit_code, kExitUsage);
    EXPECT_THAT(config.error().text, HasSubstr(named));
    EXPECT_TRUE(config.error().text.ends_with('\n'));
  }
}

TEST_F(ConfigTest, MistakesInTheFileAreUsageErrorsThatNameTheKey) {
  const struct {
    std::string line, named;
  } cases[] = {{"nonsense = 1", "nonsense"},        {"db-port = x", "db-port"},
               {"journal-max = 4X", "journal-max"}, {"journal-sync = sometimes", "journal-sync"},
               {"daemon = perhaps", "daemon"},      {"[section]\ndb-port = 1", "section"}};
  for (const auto& [line, named] : cases) {
    SCOPED_TRACE(line);
    const auto config = parse(file(line + "\n"));
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().exit_code, kExitUsage);
    EXPECT_THAT(config.error().text, HasSubstr(named));
  }
}

// The test's own process has one thread.
TEST_F(ConfigTest, ThePasswordComesFromTheEnvironmentOnly) {
  ASSERT_EQ(setenv("DICTD_DB_PASSWORD", "from the environment", 1), 0);
  const auto config = parse({});
  ASSERT_EQ(unsetenv("DICTD_DB_PASSWORD"), 0);
  EXPECT_EQ(config->database.password, "from the environment");
  EXPECT_EQ(parse({})->database.password, "");
  EXPECT_EQ(parse({"--db-password", "x"}).error().exit_code, kExitUsage);
  EXPECT_EQ(parse(file("db-password = x\n")).error().exit_code, kExitUsage);
}

}  // namespace
}  // namespace dictd
