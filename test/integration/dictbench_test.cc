// dictbench as a program against a real dictd: what it counts, and that it is not easily pleased.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "reactor/address.h"
#include "test/integration/dictd_fixture.h"
#include "test/support/dictd.h"
#include "test/support/peer.h"
#include "test/support/process.h"
#include "test/support/temp_dir.h"

namespace integration {
namespace {

using testing::HasSubstr;

constexpr const char* kWords = "ale  a drink\nbeer  another\ncider  of apples\n";

class DictbenchTest : public DictdTest {
 protected:
  void SetUp() override {
    support::load_words(database_, "drinks", kWords);
    start();
  }

  support::Outcome bench(std::vector<std::string> more, const std::string& words = kWords) {
    more.insert(more.end(), {"--users", "2"});
    return run(dictd_->port(), std::move(more), words);
  }
  // At the DICT port, for which dictd has to be started anew.
  support::Outcome bench_dict(std::vector<std::string> more) {
    start({"--dict-listen", "127.0.0.1:0"});
    more.insert(more.end(), {"--protocol", "dict"});
    dict_port_ = dictd_->logged_port("listening for DICT on 127.0.0.1:");
    return run(dict_port_, std::move(more), kWords);
  }
  support::Outcome run(std::uint16_t port, std::vector<std::string> more, const std::string& words) {
    std::ofstream(dir_.file("words.txt")) << words;
    std::vector<std::string> arguments = {support::build_dir() / "dictbench",
                                          "--words",
                                          dir_.file("words.txt"),
                                          "--port",
                                          std::to_string(port),
                                          "--json",
                                          "-",
                                          "--quiet",
                                          "--connections",
                                          "4",
                                          "--warmup",
                                          "0.1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return support::run({arguments});
  }

  // A number of the result; fails the test when it is not there.
  static double number(const std::string& json, const std::string& name) {
    std::smatch match;
    const bool is_there = std::regex_search(json, match, std::regex("\"" + name + "\": ?([0-9.]+)"));
    EXPECT_TRUE(is_there) << name << " in " << json;
    return is_there ? std::stod(match[1]) : -1;
  }

  std::uint16_t dict_port_ = 0;
  support::TempDir dir_;
};

TEST_F(DictbenchTest, EveryAnswerIsRight) {
  const auto outcome = bench({"--seconds", "1", "--pipeline", "4", "--misses", "0.2"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_GT(number(outcome.output, "requests"), 0);
  EXPECT_EQ(number(outcome.output, "wrong"), 0);
  EXPECT_GT(number(outcome.output, "p99"), 0);
  EXPECT_NEAR(number(outcome.output, "misses") / number(outcome.output, "requests"), 0.2, 0.05);
  EXPECT_GT(number(outcome.output, "generator_cpu_seconds"), 0);
  EXPECT_LE(number(outcome.output, "generator_cpu_seconds"), number(outcome.output, "seconds"));
}

TEST_F(DictbenchTest, WordbookThatDiffersIsNoticed) {
  const auto outcome = bench({"--seconds", "0.3"}, "ale  a drink\nbeer  anothes\ncider  of apples\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_GT(number(outcome.output, "wrong"), 0);
  EXPECT_LT(number(outcome.output, "wrong"), number(outcome.output, "requests"));
}

TEST_F(DictbenchTest, OpenLoopKeepsItsRate) {
  const auto outcome = bench({"--seconds", "1", "--rate", "500"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_NEAR(number(outcome.output, "requests"), 500, 100);
}

TEST_F(DictbenchTest, EveryKindOfRequestIsAnswered) {
  const auto outcome =
      bench({"--seconds", "0.5", "--mix", "query=50,match-exact=10,match-prefix=10,match-lev=10,ping=10,history=10"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
}

TEST_F(DictbenchTest, EveryAnswerOfDictIsRight) {
  const auto outcome = bench_dict({"--seconds", "0.5", "--pipeline", "4", "--misses", "0.2", "--quick-ack"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_GT(number(outcome.output, "misses"), 0);
}

TEST_F(DictbenchTest, EveryMatchOfDictIsAnswered) {
  const auto outcome =
      bench_dict({"--seconds", "0.5", "--mix", "query=20,match-prefix=20,match-lev=20,match-re=20,match-soundex=20"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
}

// The message id of the banner begins with the number of the connection.
TEST_F(DictbenchTest, ReconnectingHasAConnectionForEachRequest) {
  const auto outcome = bench_dict({"--seconds", "0.5", "--reconnect"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  auto peer = support::Peer::connect(*reactor::parse_listen_address("127.0.0.1:" + std::to_string(dict_port_)));
  peer.send("QUIT\r\n");
  const std::string banner = peer.receive_all();
  std::smatch match;
  ASSERT_TRUE(std::regex_search(banner, match, std::regex(" <([0-9]+)[.]"))) << banner;
  EXPECT_GT(std::stod(match[1]), number(outcome.output, "requests"));
  EXPECT_GT(number(outcome.output, "requests"), 4);
}

TEST_F(DictbenchTest, SavedTokensLetTheUsersReturn) {
  EXPECT_EQ(bench({"--seconds", "0.1", "--save-tokens", dir_.file("tokens")}).status, 0);
  const auto outcome = bench({"--return", "--tokens", dir_.file("tokens")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_GT(number(outcome.output, "return_seconds"), 0);
}

TEST_F(DictbenchTest, ServerThatIsNotThereIsSaid) {
  dictd_->stop();
  const auto outcome = bench({"--seconds", "0.1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.errors, HasSubstr("dictbench"));
}

TEST_F(DictbenchTest, WrongUsageIsSaid) {
  EXPECT_EQ(bench({"--mix", "query=x"}).status, 2);
  EXPECT_EQ(bench({"--reconnect"}).status, 2);
  EXPECT_EQ(bench_dict({"--mix", "history=100"}).status, 2);
}

}  // namespace
}  // namespace integration
