// Every error of the protocol: when it comes, and whether the connection stays open after it.
#include <algorithm>
#include <csignal>
#include <memory>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;

class ErrorsTest : public DictdTest {
 protected:
  // What becomes of bytes on a new connection that end it.
  [[nodiscard]] std::vector<std::string> last_words(const std::string& bytes) const {
    Client client = connect();
    client.send_bytes(bytes);
    return client.until_closed();
  }
};

struct Row {
  Request request;
  std::string answer;
};

// The connection is open after each: the next one is answered.
void expect_answers(Client& client, const std::vector<Row>& table) {
  for (const auto& [request, answer] : table) {
    EXPECT_EQ(client.ask(request), answer) << "request " << int{request.type} << ": " << request.fields;
  }
  EXPECT_EQ(client.ask(ping()), "pong");
}

TEST_F(ErrorsTest, BadRequestStaysOpen) {
  start();
  Client client = user("ann");
  const std::string bad = "error 1 bad_request";
  const std::string long_word(256, 'a');
  const std::string not_utf8 = "\xff";
  const std::string surrogate = "\xed\xa0\x80";
  const std::string overlong = "\xc0\xaf";
  expect_answers(client, {
                             {query(""), bad},
                             {query(" \t\u3000"), bad},
                             {query(long_word), bad},
                             {query(not_utf8), bad},
                             {query(surrogate), bad},
                             {query(overlong), bad},
                             {match("no such strategy", "apple"), bad},
                             {match("", "apple"), bad},
                             {match("exact", ""), bad},
                             {match("exact", long_word), bad},
                             {match("exact", not_utf8), bad},
                             {match(not_utf8, "apple"), bad},
                             {sign_up(not_utf8, kPassword), bad},
                             {log_in(not_utf8, kPassword), bad},
                             {hello(1, not_utf8), bad},
                             {resume(not_utf8), bad},
                         });
}

TEST_F(ErrorsTest, FieldsThatAreTooFewOrTooManyAreBadRequests) {
  start();
  Client client = user("ann");
  const Request all[] = {hello(),
                         sign_up("x", kPassword),
                         log_in("ann", kPassword),
                         log_out(),
                         query("apple"),
                         history(),
                         match(".", "apple"),
                         ping(),
                         forget(),
                         change_password("a", "b"),
                         resume("t"),
                         dictionaries()};
  for (const Request& request : all) {
    const std::string& fields = request.fields;
    EXPECT_EQ(client.ask({request.type, fields + '\0'}), "error 1 bad_request") << int{request.type};
    for (std::size_t size = 0; size < fields.size(); ++size) {
      EXPECT_EQ(client.ask({request.type, fields.substr(0, size)}), "error 1 bad_request")
          << int{request.type} << " cut at " << size;
    }
  }
  EXPECT_EQ(client.ask(query("apple")), kFoundApple) << "and nothing was done";
}

TEST_F(ErrorsTest, LengthOfTextThatReachesBeyondItsFrameIsABadRequest) {
  start();
  Client client = user("ann");
  for (const std::uint32_t length : {6U, 0xffU, 0x7fff'ffffU, 0x8000'0000U, 0xffff'ffffU}) {
    EXPECT_EQ(client.ask({0x05, u32(length) + "apple"}), "error 1 bad_request") << length;
  }
}

TEST_F(ErrorsTest, UnknownTypeStaysOpen) {
  start();
  Client client = connect();
  for (int type = 0; type < 256; ++type) {
    if (type >= 0x01 && type <= 0x0e) continue;
    EXPECT_EQ(client.ask({static_cast<std::uint8_t>(type), ""}), "error 2 unknown_type") << type;
  }
  EXPECT_EQ(client.ask({0x7f, "fields that nobody knows"}), "error 2 unknown_type");
  EXPECT_EQ(client.ask(ping()), "pong");
}

TEST_F(ErrorsTest, NotLoggedInStaysOpen) {
  start();
  Client client = connect();
  const std::string error = "error 3 not_logged_in";
  expect_answers(client, {
                             {query("apple"), error},
                             {history(), error},
                             {change_password(kPassword, "battery staple"), error},
                             {forget(), error},
                             {match("exact", "apple"), error},
                             {dictionaries(), error},
                         });
}

TEST_F(ErrorsTest, WrongNamesAndPasswordsStayOpen) {
  start();
  const std::string invalid = "error 6 invalid_name";
  const std::string password = "error 7 invalid_password";
  std::string name32;
  for (int i = 0; i < 32; ++i) name32 += "名";
  Client client = connect();
  expect_answers(client, {
                             {sign_up("ann", kPassword), "registered"},
                             {sign_up("ann", kPassword), "error 4 name_taken"},
                             {log_in("ann", "wrong password"), "error 5 bad_credentials"},
                             {log_in("nobody", kPassword), "error 5 bad_credentials"},
                             {log_in("a name", kPassword), "error 5 bad_credentials"},
                             {resume("no token of anybody"), "error 5 bad_credentials"},
                             {resume(""), "error 5 bad_credentials"},
                             {sign_up("", kPassword), invalid},
                             {sign_up("two words", kPassword), invalid},
                             {sign_up("line\n", kPassword), invalid},
                             {sign_up("wide\u3000space", kPassword), invalid},
                             {sign_up(std::string("nul\0", 4), kPassword), invalid},
                             {sign_up("del\x7f", kPassword), invalid},
                             {sign_up("c1\u0085", kPassword), invalid},
                             {sign_up(name32 + "x", kPassword), invalid},
                             {sign_up(name32, kPassword), "registered"},
                             {sign_up("bob", "12345"), password},
                             {sign_up("bob", std::string(129, 'x')), password},
                             {sign_up("bob", "tab\tbed"), password},
                             {sign_up("bob", "123456"), "registered"},
                             {sign_up("cat", std::string(128, 'x')), "registered"},
                             {log_in("cat", std::string(128, 'x')), "logged in"},
                             {change_password("wrong password", kPassword), "error 5 bad_credentials"},
                             {change_password(std::string(128, 'x'), "12345"), password},
                         });
}

TEST_F(ErrorsTest, TooManyAttemptsStaysOpenAndHoldsForOneNameFromOneAddress) {
  start({"--login-failures", "2"});
  Client client = connect();
  Client elsewhere(dictd_->port(), "127.0.0.2");
  expect_answers(client, {
                             {sign_up("ann", kPassword), "registered"},
                             {sign_up("bob", kPassword), "registered"},
                             {log_in("ann", "wrong password"), "error 5 bad_credentials"},
                             {log_in("ann", "wrong password"), "error 5 bad_credentials"},
                             {log_in("ann", kPassword), "error 8 too_many_attempts"},
                             {log_in("bob", kPassword), "logged in"},
                         });
  EXPECT_EQ(elsewhere.ask(log_in("ann", kPassword)), "logged in");
}

TEST_F(ErrorsTest, TooManyAttemptsAreForgottenWhenTheirTimeIsOver) {
  start({"--login-failures", "1", "--login-window", "1"});
  Client client = user("ann");
  EXPECT_EQ(client.ask(log_in("ann", "wrong password")), "error 5 bad_credentials");
  wait_until("the window ends", [&] { return client.ask(log_in("ann", kPassword)) == "logged in"; });
}

// ---- overloaded ----------------------------------------------------------------------------------------------------

// Each of `clients` asks at once; the answers, sorted.
std::vector<std::string> answers_of(std::vector<Client>& clients, const std::function<Request(std::size_t)>& request) {
  for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(request(i));
  std::vector<std::string> answers;
  for (Client& client : clients) answers.push_back(client.receive().text());
  std::ranges::sort(answers);
  return answers;
}

TEST_F(ErrorsTest, OverloadedByPasswordsDoesNothingAndStaysOpen) {
  start({"--cpu-workers", "1", "--cpu-queue", "1", "--password-memory", "65536"});
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(connect());
  const auto answers =
      answers_of(clients, [](std::size_t i) { return sign_up("user" + std::to_string(i), kPassword); });
  EXPECT_EQ(answers.front(), "error 10 overloaded");
  const auto registered = std::ranges::count(answers, "registered");
  EXPECT_GE(registered, 1);
  EXPECT_EQ(std::ranges::count(answers, "error 10 overloaded"), 8 - registered);
  EXPECT_EQ(sql("SELECT COUNT(*) FROM user"), std::to_string(registered) + "\n");
  for (Client& client : clients) EXPECT_EQ(client.ask(ping()), "pong");
}

using ErrorsWithoutDatabaseTest = OwnMariadbTest;

TEST_F(ErrorsWithoutDatabaseTest, OverloadedByTheDatabaseStaysOpen) {
  start({"--db-workers", "1", "--db-queue", "1", "--db-timeout", "1"});
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(connect());
  pause_mariadb();
  const auto answers = answers_of(clients, [](std::size_t) { return resume("some token of somebody"); });
  EXPECT_GE(std::ranges::count(answers, "error 10 overloaded"), 6);
  EXPECT_GE(std::ranges::count(answers, "error 9 unavailable"), 1);
  for (Client& client : clients) EXPECT_EQ(client.ask(ping()), "pong");
}

TEST_F(ErrorsWithoutDatabaseTest, OverloadedByAFullJournalIsOverWhenTheDatabaseIsBack) {
  start({"--journal-max", "256K"});
  Client client = user("ann");
  kill_mariadb();
  std::size_t answered = 0;
  const std::string padding(200, 'x');
  std::string answer;
  while ((answer = client.ask(query(padding + std::to_string(answered)))) == "found nothing") ++answered;
  EXPECT_EQ(answer, "error 10 overloaded");
  EXPECT_GT(answered, 256 * 1024 / 300);
  EXPECT_EQ(client.ask(ping()), "pong");
  start_mariadb();
  wait_until("look-ups are taken again", [&] { return client.ask(query("apple")) == kFoundApple; });
  wait_for_rows_in_hist(answered + 1);
}

TEST_F(ErrorsWithoutDatabaseTest, UnavailableStaysOpenAndDoesNothing) {
  start();
  Client client = user("ann");
  EXPECT_EQ(client.ask(query("apple")), kFoundApple);
  wait_for_rows_in_hist(1);
  const std::string token = connect().token_of(log_in("ann", kPassword));
  const std::string before = sql("SELECT * FROM user; SELECT * FROM hist");
  kill_mariadb();
  const std::string error = "error 9 unavailable";
  expect_answers(client, {
                             {sign_up("bob", kPassword), error},
                             {log_in("ann", kPassword), error},
                             {resume(token), error},
                             {history(), error},
                             {change_password(kPassword, "battery staple"), error},
                             {forget(), error},
                             {log_out(), error},
                         });
  EXPECT_EQ(client.ask(match("exact", "apple")), "matches words:apple");
  EXPECT_EQ(client.ask(dictionaries()), "dictionaries words/words/7");
  start_mariadb();
  EXPECT_EQ(sql("SELECT * FROM user; SELECT * FROM hist"), before);
  wait_until("the login is still good", [&] { return client.ask(history()) == "history apple"; });
}

// ---- What closes ---------------------------------------------------------------------------------------------------

TEST_F(ErrorsTest, FrameTooLargeCloses) {
  start();
  const std::string error = "unasked error 11 frame_too_large";
  EXPECT_THAT(last_words(u32(4097)), ElementsAre(error)) << "said before its bytes come";
  EXPECT_THAT(last_words(u32(0xffff'ffff)), ElementsAre(error));
  EXPECT_THAT(last_words(frame(0x05, 1, std::string(64 * 1024, 'x'))), ElementsAre(error));
  Client client = user("ann");
  client.send_bytes(u32(64 * 1024 + 1));
  EXPECT_THAT(client.until_closed(), ElementsAre(error));
}

TEST_F(ErrorsTest, LargestFrameGrowsWithTheLogin) {
  start();
  const Request of_4_kib = {0x05, std::string(4096 - 5, 'x')};
  const Request of_64_kib = {0x05, std::string(64 * 1024 - 5, 'x')};
  Client client = connect();
  EXPECT_EQ(client.ask(of_4_kib), "error 1 bad_request");
  EXPECT_EQ(client.ask(sign_up("ann", kPassword)), "registered");
  client.send({log_in("ann", kPassword), of_64_kib, ping(), log_out(), of_64_kib});
  for (const char* const answer : {"logged in", "error 1 bad_request", "pong", "logged out"}) {
    EXPECT_EQ(client.receive().text(), answer);
  }
  EXPECT_THAT(client.until_closed(), ElementsAre("unasked error 11 frame_too_large"));
}

TEST_F(ErrorsTest, MalformedFrameCloses) {
  start();
  for (std::uint32_t length = 0; length < 5; ++length) {
    EXPECT_THAT(last_words(u32(length)), ElementsAre("unasked error 16 malformed_frame")) << length;
  }
}

TEST_F(ErrorsTest, AnswersBeforeTheErrorThatClosesStillCome) {
  start();
  Client client = user("ann");
  client.send({query("apple"), ping(), query("pear")});
  client.send_bytes(u32(0) + "whatever follows is not understood");
  EXPECT_THAT(client.until_closed(), ElementsAre(kFoundApple, "pong", kFoundPear, "unasked error 16 malformed_frame"));
}

TEST_F(ErrorsTest, UnsupportedVersionStaysOpen) {
  start();
  Client client = connect();
  for (const int version : {0, 2, 0x0100, 0xffff}) {
    EXPECT_EQ(client.ask(hello(static_cast<std::uint16_t>(version))), "error 12 unsupported_version") << version;
  }
  EXPECT_EQ(client.ask(hello(1)), "hello 1, frames up to 65536");
}

TEST_F(ErrorsTest, InternalStaysOpen) {
  std::string lines;
  for (int i = 0; i < 8; ++i) lines += "long\t" + std::string(10'000, 'x') + "\n";
  load_wordbook(database_, lines);
  start({"--largest-answer", "64K"});
  Client client = user("ann");
  client.send({query("apple"), query("long"), query("pear")});
  for (const char* const answer : {kFoundApple, "error 13 internal", kFoundPear}) {
    EXPECT_EQ(client.receive().text(), answer);
  }
  sql("RENAME TABLE session TO session_away");
  EXPECT_EQ(client.ask(log_in("ann", kPassword)), "error 13 internal");
  EXPECT_EQ(client.ask(ping()), "pong");
}

TEST_F(ErrorsTest, IdleCloses) {
  const struct {
    const char* limit;
    std::string bytes;
    std::vector<std::string> answers;
  } table[] = {
      {"--first-request-timeout", "", {}},
      {"--frame-timeout", frame(0x08, 1, "").substr(0, 8), {}},
      {"--idle-timeout", "", {"pong"}},
  };
  // All three at once, each with one limit of its own.
  std::vector<std::unique_ptr<support::Dictd>> servers;
  std::vector<Client> clients;
  for (const auto& row : table) {
    servers.push_back(std::make_unique<support::Dictd>(database_, std::vector<std::string>{row.limit, "1"}));
    Client& client = clients.emplace_back(servers.back()->port());
    for (const std::string& answer : row.answers) EXPECT_EQ(client.ask(ping()), answer);
    client.send_bytes(row.bytes);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_THAT(clients.at(i).until_closed(), ElementsAre("unasked error 15 idle")) << table[i].limit;
  }
}

TEST_F(ErrorsTest, FrameThatDripsIsNotKeptAliveByItsBytes) {
  start({"--frame-timeout", "1"});
  Client client = connect();
  EXPECT_EQ(client.ask(ping()), "pong");
  client.send_bytes(u32(4096));
  wait_until("it is closed", [&] {
    client.send_bytes("x");
    return client.has_ended();
  });
  EXPECT_THAT(client.until_closed(), ElementsAre("unasked error 15 idle"));
}

TEST_F(ErrorsTest, ShuttingDownCloses) {
  start();
  Client idle = connect();
  Client used = user("ann");
  EXPECT_EQ(idle.ask(ping()), "pong");
  dictd_->process().send_signal(SIGTERM);
  for (Client* const client : {&idle, &used}) {
    EXPECT_THAT(client->until_closed(), ElementsAre("unasked error 14 shutting_down"));
  }
}

}  // namespace
}  // namespace integration
