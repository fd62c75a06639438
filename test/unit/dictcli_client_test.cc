// The client against a server that plays a part: answers written here, byte by byte, nonsense, silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <functional>
#include <thread>

#include "dictcli/client.h"
#include "reactor/address.h"
#include "reactor/frame.h"
#include "reactor/socket.h"

namespace dictcli {
namespace {

namespace wire = dictd::wire;
using Kind = Failure::Kind;

constexpr const char* kToken = "0123456789abcdef";

// What a part does on one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  // The next request's type; its id is what answer() echoes, and its fields are what fields() reads.
  wire::Type request() {
    const std::string prefix = receive(reactor::kFramePrefix);
    if (prefix.empty()) return {};
    body_ = receive(reactor::load<std::uint32_t>(prefix.data()));
    return wire::parse_frame(body_).type;
  }
  template <typename Request>
  [[nodiscard]] Request fields() const {
    return *wire::decode<Request>(wire::parse_frame(body_).fields);
  }
  template <typename Answer>
  void answer(const Answer& message) {
    answer_as(wire::parse_frame(body_).id, message);
  }
  template <typename Answer>
  void answer_as(std::uint32_t id, const Answer& message, wire::Type type = Answer::kType) {
    reactor::Buffer output;
    wire::FrameWriter(output, type, id).put_fields(message);
    send(output.view());
  }
  // Of the type that the request wants, whatever type the message has by itself.
  template <typename Answer>
  void answer_in_kind(const Answer& message) {
    const wire::Frame frame = wire::parse_frame(body_);
    answer_as(frame.id, message, wire::answer_to(frame.type));
  }
  void send(std::string_view bytes) const { (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // Until the client closes.
  void wait_for_end() { (void)receive(1); }

 private:
  std::string receive(std::size_t count) const {
    std::string bytes(count, '\0');
    return ::recv(fd_, bytes.data(), count, MSG_WAITALL) == static_cast<ssize_t>(count) ? bytes : "";
  }

  int fd_;
  std::string body_;
};

// Plays one part for each connection, in order, then refuses.
class FakeServer {
 public:
  explicit FakeServer(std::vector<std::function<void(Peer&)>> parts) : parts_(std::move(parts)) {
    listener_ = std::move(*reactor::listen_on(*reactor::parse_listen_address("127.0.0.1:0")));
    port_ = reactor::local_address(listener_.get())->port();
    thread_ = std::thread([this] {
      for (const auto& part : parts_) {
        pollfd waiting{listener_.get(), POLLIN, 0};
        (void)::poll(&waiting, 1, -1);
        const reactor::Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        Peer peer(fd.get());
        part(peer);
      }
    });
  }
  ~FakeServer() { thread_.join(); }

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  std::vector<std::function<void(Peer&)>> parts_;
  reactor::Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

wire::QueryAnswer apple() { return {.entries = {{"wordbook", "apple", "n. 苹果"}}}; }

void expect_failure(const Result<std::vector<Entry>>& result, Kind kind) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, kind) << describe(result.error(), Language::kEnglish);
}

TEST(Client, AsksAndIsAnswered) {
  FakeServer server({[](Peer& peer) {
    EXPECT_EQ(peer.request(), wire::Type::kQuery);
    peer.answer(apple());
    EXPECT_EQ(peer.request(), wire::Type::kMatch);
    peer.answer(wire::MatchAnswer{.entries = {{"a", "apple"}, {"b", "apply"}}});
    EXPECT_EQ(peer.request(), wire::Type::kDictionaries);
    peer.answer(wire::DictionariesAnswer{.dictionaries = {{"a", "First", 12}, {"b", "", 0}}});
    EXPECT_EQ(peer.request(), wire::Type::kHistory);
    peer.answer(wire::HistoryAnswer{.events = {{7, -5, "apple"}}});
  }});
  Client client(server.endpoint());
  const auto entries = client.look_up("apple");
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->at(0).meaning, "n. 苹果");
  const auto matches = client.match("lev", "apple", 10);
  ASSERT_TRUE(matches);
  ASSERT_EQ(matches->size(), 2U);
  EXPECT_EQ(matches->at(1).dictionary, "b");
  EXPECT_EQ(matches->at(1).headword, "apply");
  const auto dictionaries = client.dictionaries();
  ASSERT_TRUE(dictionaries);
  ASSERT_EQ(dictionaries->size(), 2U);
  EXPECT_EQ(dictionaries->at(0).name, "a");
  EXPECT_EQ(dictionaries->at(0).title, "First");
  EXPECT_EQ(dictionaries->at(0).headwords, 12U);
  const auto history = client.history(10, 0);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->at(0).number, 7U);
  EXPECT_EQ(history->at(0).time_us, -5);
}

TEST(Client, AsksTheDictionaryThatWasNamed) {
  FakeServer server({[](Peer& peer) {
    EXPECT_EQ(peer.request(), wire::Type::kQueryIn);
    EXPECT_EQ(peer.fields<wire::QueryInRequest>().dictionary, "wn");
    EXPECT_EQ(peer.fields<wire::QueryInRequest>().word, "apple");
    peer.answer_in_kind(apple());
    EXPECT_EQ(peer.request(), wire::Type::kMatchIn);
    const auto match = peer.fields<wire::MatchInRequest>();
    EXPECT_EQ(match.dictionary, "wn");
    EXPECT_EQ(match.strategy, "lev");
    EXPECT_EQ(match.word, "apple");
    EXPECT_EQ(match.limit, 10U);
    peer.answer_in_kind(wire::MatchAnswer{.entries = {{"wn", "apply"}}});
  }});
  Client client(server.endpoint(), "wn");
  EXPECT_EQ(client.look_up("apple").value().at(0).headword, "apple");
  EXPECT_EQ(client.match("lev", "apple", 10).value().at(0).headword, "apply");
}

TEST(Client, KnowsWhetherItAsksOneDictionary) {
  EXPECT_TRUE(Client({}, "wn").asks_one_dictionary());
  EXPECT_FALSE(Client({}, "*").asks_one_dictionary());
  EXPECT_FALSE(Client({}, "!").asks_one_dictionary());
  EXPECT_FALSE(Client({}).asks_one_dictionary());
}

TEST(Client, OffersEachWordOnce) {
  FakeServer server({[](Peer& peer) {
    const wire::MatchAnswer matches{.entries = {{"a", "banana"}, {"a", "Apple"}, {"b", "apple"}, {"b", "APPLE "}}};
    EXPECT_EQ(peer.request(), wire::Type::kMatch);
    EXPECT_EQ(peer.fields<wire::MatchRequest>().strategy, "lev");
    peer.answer(matches);
    EXPECT_EQ(peer.request(), wire::Type::kMatch);
    EXPECT_EQ(peer.fields<wire::MatchRequest>().strategy, "prefix");
    peer.answer(matches);
  }});
  Client client(server.endpoint());
  const std::vector<std::string> words{"banana", "Apple"};
  EXPECT_EQ(client.words_near("x"), words);
  EXPECT_EQ(client.words_beginning("x"), words);
}

TEST(Client, OffersNoMoreWordsThanSomebodyReads) {
  FakeServer server({[](Peer& peer) {
    std::vector<std::string> headwords;
    for (int i = 0; i < 500; ++i) headwords.push_back("coa" + std::to_string(i));
    wire::MatchAnswer matches;
    for (const std::string& headword : headwords) matches.entries.push_back({"a", headword});
    for (int i = 0; i < 2; ++i) {
      (void)peer.request();
      peer.answer(matches);
    }
  }});
  Client client(server.endpoint());
  EXPECT_EQ(client.words_near("coat").size(), kMostNearWords);
  const auto words = client.words_beginning("co");
  EXPECT_EQ(words.size(), kMostCompletions + 1);
  EXPECT_EQ(words.back(), "co") << "else coa would be what all have in common";
}

TEST(Client, OffersNothingWhenTheServerFails) {
  FakeServer server({[](Peer& peer) {
    (void)peer.request();
    peer.answer(wire::ErrorAnswer{10, ""});
    (void)peer.request();
  }});
  Client client(server.endpoint());
  EXPECT_TRUE(client.words_near("apple").empty());
  EXPECT_TRUE(client.words_beginning("app").empty());
}

// Of a bad request only the server knows what is bad, unless it is the word, or the dictionary.
TEST(Client, SaysWhatABadRequestIsAbout) {
  struct Case {
    std::optional<std::string> dictionary;
    bool match;
    std::string word;
    std::vector<std::string> refusals;  // what follows is answered
    std::string sentence;
  };
  const std::string other = "no such \x1b thing";
  const std::string not_a_word = "A word has 1 to 255 characters and is valid UTF-8.";
  const std::string no_dictionary = "There is no dictionary named “wn\ufffd”; dictcli --list shows which there are.";
  const std::string its_words = "The server does not accept this: no such \ufffd thing";
  const std::vector<Case> cases{{std::nullopt, false, std::string(256, 'a'), {other}, not_a_word},
                                {std::nullopt, true, " ", {other}, not_a_word},
                                {std::nullopt, true, "(", {other}, its_words},
                                {"wn\x1b", false, std::string(256, 'a'), {other}, not_a_word},
                                {"wn\x1b", false, "apple", {other, other}, no_dictionary},
                                {"wn\x1b", true, "apple", {other, other}, no_dictionary},
                                {"wn\x1b", true, "(", {other}, its_words}};
  for (const auto& [dictionary, match, word, refusals, sentence] : cases) {
    SCOPED_TRACE(word);
    FakeServer server({[&refused = refusals](Peer& peer) {
      for (const std::string& refusal : refused) {
        (void)peer.request();
        peer.answer(wire::ErrorAnswer{1, refusal});
      }
      if (peer.request() != wire::Type{}) peer.answer_in_kind(wire::MatchAnswer{});
    }});
    Client client(server.endpoint(), dictionary);
    const Failure failure = match ? client.match("re", word, 10).error() : client.look_up(word).error();
    EXPECT_EQ(describe(failure, Language::kEnglish), sentence);
    EXPECT_EQ(failure.is_bad_word(), sentence == not_a_word) << "another word fares better";
    EXPECT_EQ(exit_status(failure), kServerRefused);
  }
}

TEST(Client, ARefusalLeavesTheConnectionAsItIs) {
  FakeServer server({[](Peer& peer) {
    (void)peer.request();
    peer.answer(wire::ErrorAnswer{9, "away"});
    (void)peer.request();
    peer.answer(apple());
  }});
  Client client(server.endpoint());
  const auto refused = client.look_up("apple");
  expect_failure(refused, Kind::kRefused);
  EXPECT_EQ(refused.error().code, dictd::ErrorCode::kUnavailable);
  EXPECT_TRUE(client.look_up("apple"));
}

TEST(Client, NonsenseIsToldAsSuch) {
  const std::vector<std::function<void(Peer&)>> parts{
      [](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); },             // a length beyond any limit
      [](Peer& peer) { peer.send(std::string_view("\0\0\0\4\x85\0\0\1", 8)); },      // a length under 5
      [](Peer& peer) { peer.send(std::string_view("\0\0\0\6\x85\0\0\0\1x", 10)); },  // fields cut off
      [](Peer& peer) { peer.answer(wire::LoginAnswer{kToken}); },                    // to another question
      [](Peer& peer) { peer.answer_as(77, apple()); },                               // with another id
      [](Peer& peer) { peer.answer_as(1, apple(), wire::answer_to(wire::Type::kQueryIn)); },  // to another way to ask
      [](Peer& peer) {
        peer.answer_as(77, wire::ErrorAnswer{9, ""});
      },
      [](Peer& peer) {
        peer.answer(wire::QueryAnswer{.entries = {{"a", "b", "\xff"}}});
      },  // not UTF-8
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    SCOPED_TRACE(i);
    FakeServer server({[&](Peer& peer) {
      (void)peer.request();
      parts[i](peer);
      peer.wait_for_end();
    }});
    Client client(server.endpoint());
    expect_failure(client.look_up("apple"), i == 0 ? Kind::kAnswerTooLarge : Kind::kNonsense);
  }
}

TEST(Client, ATokenThatIsNoneIsNonsense) {
  for (const std::string& token : {std::string("short"), std::string(129, 'a'), "two\nlines" + std::string(16, 'a')}) {
    FakeServer server({[&](Peer& peer) {
      (void)peer.request();
      peer.answer(wire::LoginAnswer{token});
      peer.wait_for_end();
    }});
    Client client(server.endpoint());
    const auto result = client.log_in("lee", "secret");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Kind::kNonsense);
  }
}

TEST(Client, ARequestThatWasUnderWayIsNotSentAgain) {
  FakeServer server({[](Peer& peer) { EXPECT_EQ(peer.request(), wire::Type::kQuery); },  // and closes
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  expect_failure(client.look_up("apple"), Kind::kLost);
  EXPECT_TRUE(client.look_up("apple"));
  EXPECT_FALSE(client.take_loss()) << "it was told already";
}

TEST(Client, ResumesTheLoginOnANewConnection) {
  FakeServer server({[](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kLogin);
                       peer.answer(wire::LoginAnswer{kToken});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                     },
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kResume);
                       peer.answer(wire::ResumeAnswer{"lee"});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  ASSERT_TRUE(client.log_in("lee", "secret"));
  expect_failure(client.look_up("apple"), Kind::kLost);
  EXPECT_TRUE(client.look_up("apple"));
}

TEST(Client, SaysThatALoginHasEndedAndResumesItNoMore) {
  FakeServer server({[](Peer& peer) {
                       (void)peer.request();
                       peer.answer(wire::ResumeAnswer{"lee"});
                       (void)peer.request();
                     },
                     [](Peer& peer) {
                       EXPECT_EQ(peer.request(), wire::Type::kResume);
                       peer.answer(wire::ErrorAnswer{5, ""});
                       EXPECT_EQ(peer.request(), wire::Type::kQuery);
                       peer.answer(wire::ErrorAnswer{3, ""});
                     }});
  Client client(server.endpoint());
  EXPECT_EQ(client.resume(kToken), "lee");
  expect_failure(client.look_up("apple"), Kind::kLost);
  expect_failure(client.look_up("apple"), Kind::kSessionEnded);
  expect_failure(client.look_up("apple"), Kind::kRefused);
}

TEST(Client, ALossBetweenTwoRequestsIsMendedAndItsReasonKept) {
  FakeServer server({[](Peer& peer) {
                       (void)peer.request();
                       peer.answer(apple());
                       peer.answer_as(0, wire::ErrorAnswer{15, "idle"});
                     },
                     [](Peer& peer) {
                       (void)peer.request();
                       peer.answer(apple());
                     }});
  Client client(server.endpoint());
  ASSERT_TRUE(client.look_up("apple"));
  // The server's last words are on their way: a request sent before they arrive is lost, one after is not.
  auto again = client.look_up("apple");
  if (!again) {
    EXPECT_TRUE(again.error().refused_as(dictd::ErrorCode::kIdle));
    EXPECT_TRUE(client.look_up("apple"));
    return;
  }
  const auto loss = client.take_loss();
  ASSERT_TRUE(loss);
  EXPECT_TRUE(loss->refused_as(dictd::ErrorCode::kIdle));
  EXPECT_FALSE(client.take_loss());
}

TEST(Client, NobodyThereIsAFailureThatNamesTheServer) {
  Client client({"127.0.0.1", 1});
  const auto connected = client.connect();
  ASSERT_FALSE(connected);
  EXPECT_EQ(
      describe(connected.error(), Language::kEnglish),
      "Cannot reach 127.0.0.1:1: no server is running there. Start dictd, or name another with --host and --port.");
}

TEST(Client, AnUnknownHostIsAFailureThatNamesIt) {
  Client client({"no-such-host.invalid", 8888});
  const auto connected = client.connect();
  ASSERT_FALSE(connected);
  EXPECT_EQ(describe(connected.error(), Language::kEnglish), "There is no host named no-such-host.invalid.");
}

}  // namespace
}  // namespace dictcli
