// TLS streams over socketpairs, in pieces of any size, and whom they trust.
#include "reactor/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <optional>

#include "test/unit/tls_fixture.h"

namespace reactor {
namespace {

using Kind = IoResult::Kind;
using testing::HasSubstr;

struct Ends {
  Fd left, right;
};
Ends socket_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {Fd(fds[0]), Fd(fds[1])};
}

// Whatever can be read now is appended; gives what ended it.
IoResult read_some(Stream& stream, std::string& into) {
  std::array<char, 5000> room{};
  for (;;) {
    const IoResult result = stream.read(room);
    if (result.kind != Kind::kDone) return result;
    into.append(room.data(), result.bytes);
  }
}

// ---- What connections share

struct Unusable {
  std::string name, certificate, key, message;
};

TEST(TlsContextTest, AnUnusableFileIsOneSentenceThatNamesIt) {
  support::TempDir dir;
  const auto other = authority().issue("DNS:other");
  const auto rsa = authority().issue("DNS:rsa", 1, "RSA");
  const std::string missing = dir.file("missing");
  const std::string locked = dir.file("locked");
  const std::string text = dir.file("text");
  support::lock_key(certificate().key_file, locked);
  std::ofstream(text) << "no certificate\n";
  const std::vector<Unusable> cases{
      {"no certificate", missing, certificate().key_file,
       "the certificate " + missing + " cannot be used: No such file"},
      {"no key", certificate().file, missing, "the key " + missing + " cannot be used: No such file or directory"},
      {"text", text, certificate().key_file, "the certificate " + text + " cannot be used: no certificate in PEM"},
      {"text for a key", certificate().file, text, "the key " + text + " cannot be used: no key in PEM"},
      {"a passphrase", certificate().file, locked,
       "the key " + locked + " cannot be used: no key in PEM without a pass"},
      {"another key", certificate().file, other.key_file,
       "the key " + other.key_file + " is not that of the certificate " + certificate().file},
      {"a key of another kind", certificate().file, rsa.key_file,
       "the key " + rsa.key_file + " is not that of the certificate " + certificate().file},
  };
  for (const Unusable& unusable : cases) {
    SCOPED_TRACE(unusable.name);
    const auto context = TlsContext::for_server(unusable.certificate, unusable.key);
    ASSERT_FALSE(context);
    EXPECT_THAT(context.error(), testing::StartsWith(unusable.message));
    EXPECT_THAT(context.error(), testing::Not(HasSubstr("\n")));
  }
  const auto client = TlsContext::for_client(missing);
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error(), HasSubstr(missing + " cannot be used: No such file or directory"));
}

TEST(TlsContextTest, TakesCertificatesOfBothKindsOfKey) {
  for (const char* const type : {"EC", "RSA"}) {
    const auto used = authority().issue("DNS:both", 1, type);
    EXPECT_TRUE(TlsContext::for_server(used.file, used.key_file)) << type;
  }
}

// ---- Streams

// A client and a server, with somebody between them who passes on so many bytes at a time.
class TlsPair {
 public:
  explicit TlsPair(const std::string& host = "dictionary.example", const TlsContext& server_side = server_context(),
                   const TlsContext& client_side = client_context()) {
    Ends near = socket_pair();
    Ends far = socket_pair();
    client.emplace(client_side, std::move(near.left), host);
    server.emplace(server_side, std::move(far.left));
    near_ = std::move(near.right);
    far_ = std::move(far.right);
  }

  // False when there was nothing to pass on.
  bool pass_on(std::size_t piece) {
    const bool up = pass(near_, far_, piece);
    return pass(far_, near_, piece) || up;
  }
  // Until both are done, or one cannot go on.
  void shake_hands(std::size_t piece = 100'000) {
    client_result = client->handshake();
    server_result = server->handshake();
    while (pass_on(piece)) {
      if (client_result.kind == Kind::kAgain) client_result = client->handshake();
      if (server_result.kind == Kind::kAgain) server_result = server->handshake();
    }
  }
  void pass_all() {
    while (pass_on(100'000)) {
    }
  }
  // The connection breaks on both sides.
  void cut() {
    near_.reset();
    far_.reset();
  }

  std::optional<TlsStream> client, server;
  IoResult client_result, server_result;

 private:
  static bool pass(const Fd& from, const Fd& to, std::size_t piece) {
    std::string bytes(piece, '\0');
    const ssize_t got = ::recv(from.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    EXPECT_EQ(::send(to.get(), bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL), got);
    return true;
  }

  Fd near_, far_;
};

TEST(TlsStreamTest, TheHandshakeIsMadeByReadsAndWritesInPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 7U, 100U, 100'000U}) {
    SCOPED_TRACE(piece);
    TlsPair pair;
    std::string question;
    std::string answer;
    bool asked = false;
    do {
      if (!asked) asked = pair.client->write("apple?").kind == Kind::kDone;
      ASSERT_EQ(read_some(*pair.client, answer).kind, Kind::kAgain);
      ASSERT_EQ(read_some(*pair.server, question).kind, Kind::kAgain);
    } while (pair.pass_on(piece));
    EXPECT_EQ(question, "apple?");
    EXPECT_TRUE(pair.client->is_established());
    EXPECT_TRUE(pair.server->is_established());
    ASSERT_EQ(pair.server->write("n.").kind, Kind::kDone);
    while (pair.pass_on(piece)) ASSERT_EQ(read_some(*pair.client, answer).kind, Kind::kAgain);
    EXPECT_EQ(answer, "n.");
  }
}

TEST(TlsStreamTest, SaysWhenAWriteWaitsForBytesToRead) {
  TlsPair pair;
  const IoResult result = pair.client->write("apple?");
  EXPECT_EQ(result.kind, Kind::kAgain);
  EXPECT_TRUE(result.crossed);
  EXPECT_FALSE(pair.client->is_established());
  std::string none;
  EXPECT_FALSE(read_some(*pair.client, none).crossed);
}

TEST(TlsStreamTest, SaysWhenAReadWaitsForRoomToWrite) {
  Ends ends = socket_pair();
  const std::string flood(4096, 'x');
  while (::send(ends.left.get(), flood.data(), flood.size(), MSG_NOSIGNAL) > 0) {
  }
  TlsStream client(client_context(), std::move(ends.left), "dictionary.example");
  std::string none;
  const IoResult result = read_some(client, none);
  EXPECT_EQ(result.kind, Kind::kAgain);
  EXPECT_TRUE(result.crossed);
}

TEST(TlsStreamTest, OutputThatMovedAndGrewGoesOnWhereItStopped) {
  TlsPair pair;
  pair.shake_hands();
  std::string sent = pattern(1 << 20);
  auto output = std::make_unique<std::string>(sent.substr(0, sent.size() / 2));
  std::string received;
  std::size_t taken = 0;
  bool grown = false;
  while (taken < sent.size()) {
    const IoResult result = pair.server->write(std::string_view(*output).substr(taken));
    if (result.kind == Kind::kAgain) {
      EXPECT_FALSE(result.crossed);
      output = std::make_unique<std::string>(sent);
      grown = true;
      pair.pass_on(3000);
      ASSERT_EQ(read_some(*pair.client, received).kind, Kind::kAgain);
      continue;
    }
    ASSERT_EQ(result.kind, Kind::kDone);
    taken += result.bytes;
  }
  EXPECT_TRUE(grown);
  while (pair.pass_on(50'000)) (void)read_some(*pair.client, received);
  EXPECT_EQ(received, sent);
}

TEST(TlsStreamTest, AnEndThatWasSaidIsAnEndAndTheOtherDirectionStaysOpen) {
  TlsPair pair;
  pair.shake_hands();
  ASSERT_EQ(pair.client->write("last question").kind, Kind::kDone);
  pair.client->finish();
  pair.pass_all();
  std::string question;
  EXPECT_EQ(read_some(*pair.server, question).kind, Kind::kEof);
  EXPECT_EQ(question, "last question");
  ASSERT_EQ(pair.server->write("last answer").kind, Kind::kDone);
  pair.server->finish();
  pair.pass_all();
  std::string answer;
  EXPECT_EQ(read_some(*pair.client, answer).kind, Kind::kEof);
  EXPECT_EQ(answer, "last answer");
}

TEST(TlsStreamTest, AnEndThatDoesNotFitTheSocketIsSaidByTheReadsThatFollow) {
  Ends ends = socket_pair();
  const int near = ends.left.get();
  TlsStream client(client_context(), std::move(ends.left), "dictionary.example");
  TlsStream server(server_context(), std::move(ends.right));
  std::string none;
  while (!client.is_established() || !server.is_established()) {
    (void)client.handshake();
    (void)server.handshake();
  }
  ASSERT_EQ(read_some(client, none).kind, Kind::kAgain);
  // A socket that takes nothing: its buffer is full of bytes that are no TLS, and are thrown away below.
  std::size_t full = 0;
  for (ssize_t sent = 0; (sent = ::send(near, "x", 1, MSG_NOSIGNAL)) > 0;) ++full;
  client.finish();
  for (std::string rubbish(full, '\0'); full > 0;) {
    const ssize_t got = ::recv(server.fd(), rubbish.data(), full, 0);
    ASSERT_GT(got, 0);
    full -= static_cast<std::size_t>(got);
  }
  EXPECT_EQ(read_some(server, none).kind, Kind::kAgain) << "nothing was said yet";
  EXPECT_EQ(read_some(client, none).kind, Kind::kAgain);
  EXPECT_EQ(read_some(server, none).kind, Kind::kEof);
}

TEST(TlsStreamTest, AnEndThatWasNotSaidIsAnError) {
  TlsPair pair;
  pair.shake_hands();
  ASSERT_EQ(pair.client->write("half a questi").kind, Kind::kDone);
  pair.pass_all();
  pair.cut();
  std::string question;
  const IoResult result = read_some(*pair.server, question);
  EXPECT_EQ(question, "half a questi");
  EXPECT_EQ(result.kind, Kind::kError);
  EXPECT_EQ(result.error, TlsError::kTruncated);
}

TEST(TlsStreamTest, AnEndInTheHandshakeIsAnError) {
  for (const int rounds : {0, 1, 2}) {
    SCOPED_TRACE(rounds);
    TlsPair pair;
    for (int i = 0; i < rounds; ++i) {
      (void)pair.client->handshake();
      pair.pass_on(200);
      ASSERT_EQ(pair.server->handshake().kind, Kind::kAgain);
    }
    pair.cut();
    std::string none;
    EXPECT_EQ(read_some(*pair.server, none).kind, Kind::kError);
    EXPECT_FALSE(pair.server->is_established());
  }
}

TEST(TlsStreamTest, WhatIsNotTlsIsAnErrorThatStays) {
  const std::vector<std::string> strangers{"GET / HTTP/1.0\r\n\r\n", std::string("\0\0\0\5\x08\0\0\0\1", 9),
                                           std::string(100, '\xff')};
  for (const std::string& bytes : strangers) {
    Ends ends = socket_pair();
    TlsStream server(server_context(), std::move(ends.left));
    ASSERT_GT(::send(ends.right.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    std::string none;
    EXPECT_EQ(read_some(server, none).error, TlsError::kProtocol);
    EXPECT_EQ(server.write("x").error, TlsError::kProtocol);
    EXPECT_EQ(read_some(server, none).error, TlsError::kProtocol);
    server.finish();
    EXPECT_TRUE(none.empty());
  }
}

TEST(TlsStreamTest, ForgedBytesAreAnError) {
  TlsPair pair;
  pair.shake_hands();
  ASSERT_GT(::send(pair.client->fd(), "\x17\x03\x03\0\x20 and thirty-two bytes of a forger", 37, MSG_NOSIGNAL), 0);
  pair.pass_all();
  std::string none;
  EXPECT_EQ(read_some(*pair.server, none).error, TlsError::kProtocol);
  EXPECT_TRUE(none.empty());
}

TEST(TlsStreamTest, APeerThatIsGoneIsAnErrorOfTheSocketAndNoSignal) {
  Ends ends = socket_pair();
  TlsStream client(client_context(), std::move(ends.left), "dictionary.example");
  ends.right.reset();
  EXPECT_EQ(client.write("x").error, std::errc::broken_pipe);
}

// ---- Whom a client trusts

struct Meeting {
  std::string name, host;
  support::Certificate shown;
  std::optional<TlsError> error;
};

TEST(TlsStreamTest, AClientTrustsOnlyTheRightCertificateOfTheRightHost) {
  support::CertificateAuthority stranger;
  const std::vector<Meeting> cases{
      {"its name", "dictionary.example", certificate(), {}},
      {"a name of many", "a.wild.example", certificate(), {}},
      {"its address", "127.0.0.1", certificate(), {}},
      {"another name", "other.example", certificate(), TlsError::kWrongHost},
      {"another address", "127.0.0.2", certificate(), TlsError::kWrongHost},
      {"an address it does not name", "::1", certificate(), TlsError::kWrongHost},
      {"no possible name", std::string(300, 'a'), certificate(), TlsError::kWrongHost},
      {"a stranger's", "dictionary.example", stranger.issue("DNS:dictionary.example"), TlsError::kUntrustedCertificate},
      {"one that ended", "dictionary.example", authority().issue("DNS:dictionary.example", -1), TlsError::kOutOfDate},
  };
  for (const Meeting& meeting : cases) {
    SCOPED_TRACE(meeting.name);
    TlsPair pair(meeting.host, server_context(meeting.shown));
    pair.shake_hands();
    if (meeting.error) {
      EXPECT_EQ(pair.client_result.error, *meeting.error) << pair.client_result.error.message();
      EXPECT_FALSE(pair.client->is_established());
      EXPECT_EQ(pair.client->write("secret").kind, Kind::kError);
    } else {
      EXPECT_EQ(pair.client_result.kind, Kind::kDone) << pair.client_result.error.message();
      EXPECT_EQ(pair.server_result.kind, Kind::kDone) << pair.server_result.error.message();
    }
  }
}

TEST(TlsStreamTest, AStreamOutlivesItsContext) {
  auto context = std::make_unique<TlsContext>(server_context());
  TlsPair pair("dictionary.example", *context);
  context.reset();
  pair.shake_hands();
  EXPECT_EQ(pair.server_result.kind, Kind::kDone);
}

}  // namespace
}  // namespace reactor
