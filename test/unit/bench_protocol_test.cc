#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "dictd/wire.h"
#include "test/bench/dictbench/protocol.h"
#include "test/support/temp_dir.h"

namespace {

using dictbench::Answer;
using dictbench::Item;
using dictbench::Kind;
using dictbench::Options;
using dictbench::Protocol;
using dictbench::Workload;
namespace wire = dictd::wire;

constexpr std::uint32_t kId = 7;
constexpr Item kApple{Kind::kQuery, 0};

template <typename Message>
std::string frame_of(const Message& message, std::uint32_t id = kId) {
  reactor::Buffer buffer;
  wire::encode(buffer, id, message);
  return std::string(buffer.view());
}

std::string found(const std::string& headword, const std::string& meaning) {
  wire::QueryAnswer answer;
  answer.entries.push_back({"fruit", headword, meaning});
  return frame_of(answer);
}

class BenchProtocolTest : public testing::Test {
 protected:
  BenchProtocolTest() {
    options_.words = dir_.file("words.txt");
    options_.uniform = true;
    std::ofstream(options_.words) << "apple  a fruit\npear  another\n";
    workload_ = *Workload::make(options_);
  }

  std::unique_ptr<Protocol> protocol(const std::string& name) {
    options_.protocol = name;
    return Protocol::make(options_, workload_);
  }

  support::TempDir dir_;
  Options options_;
  Workload workload_;
};

// The right answer of each protocol to a look-up of the first word, and a wrong one.
struct Case {
  std::string protocol, right, wrong;
};
std::vector<Case> cases() {
  return {
      {"framed", found("apple", "a fruit"), found("apple", "a fruitcake")},
      {"redis-get", "$7\r\na fruit\r\n", "$7\r\na bruit\r\n"},
      {"redis-set", "+OK\r\n", "+NO\r\n"},
      {"memcached", "VALUE w0 0 7\r\na fruit\r\nEND\r\n", "END\r\n"},
      {"dict", "150 1 definitions\r\n151 \"apple\" fruit \"Fruit\"\r\na fruit\r\n.\r\n250 ok\r\n",
       "150 1 definitions\r\n151 \"apple\" fruit \"Fruit\"\r\nno fruit\r\n.\r\n250 ok\r\n"},
  };
}

TEST_F(BenchProtocolTest, AnswerCutAnywhereNeedsMore) {
  for (const Case& test : cases()) {
    for (std::size_t size = 0; size < test.right.size(); ++size) {
      const auto spoken = protocol(test.protocol);
      EXPECT_EQ(spoken->judge(test.right.substr(0, size), kApple, kId).kind, Answer::Kind::kNeedMore)
          << test.protocol << ' ' << size;
    }
  }
}

TEST_F(BenchProtocolTest, RightAnswerIsTakenWholeAndNothingMore) {
  for (const Case& test : cases()) {
    const Answer answer = protocol(test.protocol)->judge(test.right + test.right, kApple, kId);
    EXPECT_EQ(answer.kind, Answer::Kind::kRight) << test.protocol;
    EXPECT_EQ(answer.bytes, test.right.size()) << test.protocol;
  }
}

TEST_F(BenchProtocolTest, WrongMeaningIsWrong) {
  for (const Case& test : cases()) {
    const Answer answer = protocol(test.protocol)->judge(test.wrong, kApple, kId);
    EXPECT_TRUE(answer.kind == Answer::Kind::kWrong || answer.kind == Answer::Kind::kError) << test.protocol;
  }
}

TEST_F(BenchProtocolTest, AnswerToAnotherRequestIsWrong) {
  EXPECT_EQ(protocol("framed")->judge(found("apple", "a fruit"), kApple, kId + 1).kind, Answer::Kind::kWrong);
  EXPECT_EQ(protocol("framed")->judge(frame_of(wire::PingAnswer{}), kApple, kId).kind, Answer::Kind::kWrong);
}

TEST_F(BenchProtocolTest, WordNotFoundThatIsInTheBookIsWrong) {
  EXPECT_EQ(protocol("framed")->judge(frame_of(wire::QueryAnswer{}), kApple, kId).kind, Answer::Kind::kWrong);
}

TEST_F(BenchProtocolTest, ErrorIsCountedByItsCode) {
  const Answer answer = protocol("framed")->judge(frame_of(wire::ErrorAnswer{10, "full"}), kApple, kId);
  EXPECT_EQ(answer.kind, Answer::Kind::kError);
  EXPECT_EQ(answer.code, 10);
}

TEST_F(BenchProtocolTest, EchoedAnswersAreAllAlike) {
  const auto echo = protocol("echo");
  EXPECT_EQ(echo->judge(found("x", "100 bytes"), kApple, kId).kind, Answer::Kind::kRight);
  EXPECT_EQ(echo->judge(found("x", "100 bytes"), kApple, kId).kind, Answer::Kind::kRight);
  EXPECT_EQ(echo->judge(found("x", "99 bytes"), kApple, kId).kind, Answer::Kind::kWrong);
}

TEST_F(BenchProtocolTest, RequestHasItsId) {
  std::string out;
  protocol("framed")->ask(kApple, kId, out);
  EXPECT_EQ(out, frame_of(wire::QueryRequest{"apple"}));
}

TEST_F(BenchProtocolTest, MatchIsAskedForWhatFindsTheWord) {
  using dictbench::matching;
  EXPECT_EQ(matching(Kind::kMatchPrefix, "café au lait").text, "caf");
  EXPECT_EQ(matching(Kind::kMatchLev, "élan").text, "éan");
  EXPECT_EQ(matching(Kind::kMatchRe, "élancé").text, "lan.*é$");
  EXPECT_EQ(matching(Kind::kMatchRe, "ale").text, "ale");
  EXPECT_EQ(matching(Kind::kMatchSoundex, "apple").text, "apple");
}

TEST_F(BenchProtocolTest, MatchOfDictIsRightIfItHasTheHeadword) {
  options_.mix = {{Kind::kMatchPrefix, 100}};
  const auto dict = protocol("dict");
  std::string request;
  dict->ask({Kind::kMatchPrefix, 0}, kId, request);
  EXPECT_EQ(request, "MATCH * prefix \"app\"\r\n");
  for (const auto& [word, kind] : {std::pair{"apple", Answer::Kind::kRight}, {"apples", Answer::Kind::kWrong}}) {
    const std::string answer = "152 1 matches\r\nfruit \"" + std::string(word) + "\"\r\n.\r\n250 ok\r\n";
    EXPECT_EQ(dict->judge(answer, {Kind::kMatchPrefix, 0}, kId).kind, kind) << word;
  }
}

// Both are found by either: there would be two right answers, in an order that is the server's.
TEST_F(BenchProtocolTest, WordsThatAreTheSameWordAreLeftOut) {
  std::ofstream(options_.words) << "may  1\nMay  2\napple  a fruit\n";
  const auto workload = Workload::make(options_);
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->words().front().headword, "apple");
}

}  // namespace
