// Requests as they come off a network: in pieces, byte by byte, and thousands at once.
#include <array>
#include <thread>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;

class BytesTest : public DictdTest {
 protected:
  // Sends bytes and returns when dictd has read them: the loop serves connections in the order their bytes came.
  static void deliver(Client& client, std::string_view bytes, Client& witness) {
    client.send_bytes(bytes);
    ASSERT_EQ(witness.ask(ping()), "pong");
  }
};

struct Row {
  Request request;
  std::string answer;
};

// A conversation with every request in it; `n` makes names of its own.
std::vector<Row> conversation(const std::string& n) {
  return {
      {hello(), "hello 1, frames up to 65536"},
      {sign_up("ann" + n, kPassword), "registered"},
      {log_in("ann" + n, kPassword), "logged in"},
      {query("apple"), kFoundApple},
      {history(1), "history apple"},
      {match("prefix", "pl"), "matches words:plum"},
      {ping(), "pong"},
      {dictionaries(), "dictionaries words/words/7"},
      {forget(), "forgot 1"},
      {change_password(kPassword, "battery staple"), "password changed"},
      {log_out(), "logged out"},
      {resume("a token that nobody has"), "error 5 bad_credentials"},
  };
}

TEST_F(BytesTest, EachRequestMayBeSplitAtEveryByte) {
  start();
  Client witness = connect();
  Client client = connect();
  std::size_t longest = 0;
  for (const Row& row : conversation("0")) longest = std::max(longest, kHeader + row.request.fields.size());
  for (std::size_t split = 1; split < longest; ++split) {
    for (const auto& [request, answer] : conversation(std::to_string(split))) {
      const std::string bytes = client.prepare(request);
      const std::size_t first = std::min(split, bytes.size());
      deliver(client, bytes.substr(0, first), witness);
      client.send_bytes(bytes.substr(first));
      ASSERT_EQ(client.receive().text(), answer) << "request " << int{request.type} << " split at " << split;
    }
  }
}

TEST_F(BytesTest, RequestsMayComeOneByteAtATime) {
  start();
  Client witness = connect();
  Client client = connect();
  std::string bytes;
  for (const Row& row : conversation("")) bytes += client.prepare(row.request);
  for (const char byte : bytes) deliver(client, {&byte, 1}, witness);
  for (const Row& row : conversation("")) EXPECT_EQ(client.receive().text(), row.answer);
}

TEST_F(BytesTest, RequestThatWasSplitIsAnsweredAfterTheWholeOnesBeforeIt) {
  start();
  Client witness = connect();
  Client client = user("ann");
  std::string bytes = client.prepare(query("apple"));
  bytes += client.prepare(query("pear"));
  deliver(client, bytes.substr(0, bytes.size() - 1), witness);
  EXPECT_EQ(client.receive().text(), kFoundApple);
  client.send_bytes(bytes.substr(bytes.size() - 1));
  EXPECT_EQ(client.receive().text(), kFoundPear);
}

// Answered at once, by the database and by the processor: all of them keep their order.
TEST_F(BytesTest, FourThousandPipelinedRequestsAreAnsweredInOrder) {
  start({"--login-failures", "1000", "--login-failures-per-address", "1000"});
  Client client = user("ann");
  const std::array<Row, 8> table{{
      {query("apple"), kFoundApple},
      {history(1), "history apple"},
      {query("pear"), kFoundPear},
      {ping(), "pong"},
      {log_in("ann", "wrong"), "error 5 bad_credentials"},
      {match("exact", "plum"), "matches words:plum"},
      {{0x55, ""}, "error 2 unknown_type"},
      {resume("a token that nobody has"), "error 5 bad_credentials"},
  }};
  constexpr std::size_t kRequests = 4000;
  std::vector<Request> requests;
  for (std::size_t i = 0; i < kRequests; ++i) requests.push_back(table.at(i % table.size()).request);
  client.send(requests);
  for (std::size_t i = 0; i < kRequests; ++i)
    ASSERT_EQ(client.receive().text(), table.at(i % table.size()).answer) << i;
}

TEST_F(BytesTest, FourThousandPipelinedLookUpsAreAnsweredInOrder) {
  start();
  Client client = user("ann");
  const std::vector<std::string> words = numbered_words("word", 4000);
  look_up(client, words);
  wait_for_rows_in_hist(words.size());
  EXPECT_EQ(client.words(1), std::vector{words.back()});
}

TEST_F(BytesTest, PipelinedLoginHoldsForWhatFollowsIt) {
  start();
  (void)user("ann");
  Client client = connect();
  client.send({query("apple"), log_in("ann", kPassword), query("apple"), history(), log_out(), query("apple")});
  for (const std::string answer :
       {"error 3 not_logged_in", "logged in", kFoundApple, "history apple", "logged out", "error 3 not_logged_in"}) {
    EXPECT_EQ(client.receive().text(), answer);
  }
}

TEST_F(BytesTest, ClientThatFinishedSendingStillGetsItsAnswers) {
  start();
  Client client = user("ann");
  client.send({query("apple"), log_in("ann", kPassword), history()});
  client.finish_sending();
  EXPECT_THAT(client.until_closed(), ElementsAre(kFoundApple, "logged in", "history apple"));
}

TEST_F(BytesTest, TwoUsersAtOnceDoNotSeeEachOthersHistory) {
  start();
  std::array<std::thread, 2> threads;
  std::array<std::vector<std::string>, 2> seen;
  constexpr std::size_t kWords = 600;
  for (std::size_t i = 0; i < 2; ++i) {
    threads.at(i) = std::thread([this, i, &seen] {
      const std::string name = "user" + std::to_string(i);
      Client client = user(name);
      for (std::size_t k = 0; k < kWords; ++k) {
        if (client.ask(query(name + "-" + std::to_string(k))) != "found nothing") return;
        if (k % 50 == 0 && client.words(1).front() != name + "-" + std::to_string(k)) return;
      }
      seen.at(i) = client.words(1000);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<std::string> own = numbered_words("user" + std::to_string(i) + "-", kWords);
    std::ranges::reverse(own);
    EXPECT_EQ(seen.at(i), own);
  }
}

}  // namespace
}  // namespace integration
