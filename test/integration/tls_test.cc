// dictd over TLS: as its own client meets it, and with clients that are strangers, silent, or gone.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include "dictcli/client.h"
#include "reactor/address.h"
#include "reactor/socket.h"
#include "test/support/certificates.h"
#include "test/support/dictd.h"
#include "test/support/mariadb.h"
#include "test/support/process.h"

namespace dictd {
namespace {

using testing::HasSubstr;

constexpr const char* kNames = "IP:127.0.0.1,IP:127.0.0.2";
constexpr const char* kPassword = "correct horse";

// A dictd with both kinds of port, and a certificate that a test can replace.
class TlsTest : public testing::Test {
 protected:
  void SetUp() override { show(authority_.issue(kNames)); }

  void start(std::vector<std::string> options = {}) {
    options.insert(options.begin(),
                   {"--tls-listen", "127.0.0.1:0", "--tls-cert", shown_.file, "--tls-key", shown_.key_file});
    const auto database = support::shared_database();
    support::load_words(database, "wordbook", "apple\tn. 苹果\napply\tv. 申请\n");
    dictd_.emplace(database, std::move(options));
    port_ = logged_port("127.0.0.1");
  }
  // Of the port over TLS at this address; a line of the log comes as a whole.
  [[nodiscard]] std::uint16_t logged_port(const std::string& address) {
    const std::string mark = "listening with TLS on " + address + ":";
    const std::string log = dictd_->process().wait_for_errors(mark);
    return static_cast<std::uint16_t>(std::stoi(log.substr(log.find(mark) + mark.size())));
  }

  // What dictd finds when it reads its files.
  void show(const support::Certificate& certificate) {
    using std::filesystem::copy_options;
    std::filesystem::copy_file(certificate.file, shown_.file, copy_options::overwrite_existing);
    std::filesystem::copy_file(certificate.key_file, shown_.key_file, copy_options::overwrite_existing);
  }

  [[nodiscard]] dictcli::Endpoint endpoint() const { return {"127.0.0.1", port_, true, authority_.file()}; }
  void expect_service() const {
    dictcli::Client client(endpoint());
    const auto connected = client.connect();
    EXPECT_TRUE(connected) << dictcli::describe(connected.error(), dictcli::Language::kEnglish);
  }
  // dictcli's words of why it cannot look a word up.
  void expect_refusal(std::vector<std::string> arguments, const std::string& sentence, int status = 3) const {
    arguments.insert(arguments.begin(), support::build_dir() / "dictcli");
    arguments.insert(arguments.end(), {"--user", "lee", "apple"});
    const support::Outcome outcome = support::run(
        {.arguments = arguments,
         .environment = {{"LC_ALL", "C.UTF-8"}, {"XDG_STATE_HOME", files_.path()}, {"DICTCLI_PASSWORD", kPassword}}});
    EXPECT_EQ(outcome.errors, "dictcli: " + sentence + "\n");
    EXPECT_EQ(outcome.status, status);
  }
  [[nodiscard]] std::string tls_port() const { return std::to_string(port_); }

  [[nodiscard]] static reactor::Fd connect(std::uint16_t port) {
    const auto address = reactor::parse_listen_address("127.0.0.1:" + std::to_string(port));
    reactor::Fd fd = std::move(*reactor::connect_within(*address, support::kGenerousLimit));
    EXPECT_EQ(::fcntl(fd.get(), F_SETFL, 0), 0);
    const timeval limit{support::kGenerousLimit.count(), 0};
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
  }
  static void send(const reactor::Fd& fd, std::string_view bytes) {
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
  }
  // Whether dictd ends it; what it still says is thrown away.
  static bool is_ended(const reactor::Fd& fd) {
    char byte = 0;
    ssize_t got = 0;
    while ((got = ::recv(fd.get(), &byte, 1, 0)) > 0) {
    }
    return got == 0 || errno == ECONNRESET;
  }

  support::CertificateAuthority authority_;
  support::TempDir files_;
  support::Certificate shown_{files_.file("certificate.pem"), files_.file("key.pem")};
  std::optional<support::Dictd> dictd_;
  std::uint16_t port_ = 0;
};

TEST_F(TlsTest, AnswersOverTlsWhatItAnswersWithout) {
  start();
  dictcli::Client client(endpoint());
  ASSERT_TRUE(client.register_user("lee", kPassword));
  const auto token = client.log_in("lee", kPassword);
  ASSERT_TRUE(token);
  const auto entries = client.look_up("APPLE");
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->at(0).meaning, "n. 苹果");
  const auto matches = client.match("prefix", "app", 10);
  ASSERT_TRUE(matches);
  EXPECT_THAT(*matches, testing::ElementsAre(testing::Field(&dictcli::Match::headword, "apple"),
                                             testing::Field(&dictcli::Match::headword, "apply")));
  const auto history = client.history(10, 0);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1U);
  EXPECT_EQ(history->at(0).word, "APPLE");
  EXPECT_FALSE(client.take_loss()) << "one connection was enough";

  dictcli::Client plain({"127.0.0.1", dictd_->port()});
  EXPECT_EQ(plain.resume(*token), "lee") << "one server, whichever way";
  EXPECT_TRUE(client.log_out());
  EXPECT_EQ(dictd_->stop(), 0);
}

TEST_F(TlsTest, SaysWhyItClosesAConnection) {
  start({"--idle-timeout", "1"});
  dictcli::Client client(endpoint());
  ASSERT_TRUE(client.register_user("lee", kPassword));
  std::optional<dictcli::Failure> loss;
  while (!loss) {
    ASSERT_TRUE(client.connect());  // again, once it was lost
    loss = client.take_loss();
  }
  EXPECT_TRUE(loss->refused_as(ErrorCode::kIdle));
}

TEST_F(TlsTest, AClientWithoutTlsIsEndedAndHurtsNobody) {
  start();
  dictcli::Client client(endpoint());
  ASSERT_TRUE(client.connect());
  const reactor::Fd plain = connect(port_);
  send(plain, std::string_view("\0\0\0\5\x08\0\0\0\1", 9));
  EXPECT_TRUE(is_ended(plain));
  EXPECT_TRUE(client.register_user("lee", kPassword));
  EXPECT_FALSE(client.take_loss());
}

TEST_F(TlsTest, AClientThatIsGoneInTheHandshakeHurtsNobody) {
  start({"--max-connections", "1"});
  for (const std::string_view bytes : {std::string_view(), std::string_view("\x16\x03\x01\x02\0\x01", 6)}) {
    send(connect(port_), bytes);
  }
  // There is room for one only: it is served when they are forgotten.
  const auto limit = std::chrono::steady_clock::now() + support::kGenerousLimit;
  dictcli::Client client(endpoint());
  while (!client.connect()) ASSERT_LT(std::chrono::steady_clock::now(), limit);
}

TEST_F(TlsTest, AClientThatNeverShakesHandsIsClosed) {
  start({"--first-request-timeout", "1", "--slow-reader-timeout", "3600"});
  EXPECT_TRUE(is_ended(connect(port_)));
  expect_service();
}

TEST_F(TlsTest, AClientInItsHandshakeDoesNotHoldUpTheEnd) {
  start({"--shutdown-timeout", "3600", "--slow-reader-timeout", "3600"});
  const reactor::Fd silent = connect(port_);
  expect_service();  // taken in after it
  EXPECT_EQ(dictd_->stop(), 0);
  EXPECT_TRUE(is_ended(silent));
}

TEST_F(TlsTest, AClientOverTheCapIsClosedBeforeTheHandshake) {
  start({"--max-connections", "1"});
  dictcli::Client client(endpoint());
  ASSERT_TRUE(client.connect());
  EXPECT_TRUE(is_ended(connect(port_)));
  EXPECT_TRUE(client.register_user("lee", kPassword));
}

TEST_F(TlsTest, DictcliTrustsTheRightServerOnly) {
  start();
  support::CertificateAuthority stranger;
  const std::string ca = authority_.file();
  const std::string server = "127.0.0.1:" + tls_port();
  expect_refusal({"--port", tls_port(), "--tls", "--tls-ca", ca}, "The name or the password is wrong.", 4);
  expect_refusal({"--port", tls_port(), "--tls", "--tls-ca", stranger.file()},
                 "The certificate of " + server +
                     " is not trusted: nobody you trust has signed it. Name whom to trust with --tls-ca.");
  expect_refusal({"--port", tls_port(), "--tls"},
                 "The certificate of " + server +
                     " is not trusted: nobody you trust has signed it. Name whom to trust with --tls-ca.");
  expect_refusal({"--port", tls_port(), "--tls", "--tls-ca", "/nowhere"}, "No certificates can be read from /nowhere.",
                 2);
  expect_refusal({"--port", tls_port(), "--tls-ca", ca}, "Wrong usage; see dictcli --help.", 2);
  const std::string plain = std::to_string(dictd_->port());
  expect_refusal({"--port", plain, "--tls", "--tls-ca", ca},
                 "127.0.0.1:" + plain + " does not speak TLS, or no version of it that dictcli knows.");
  expect_refusal({"--port", plain, "--tls", "--tls-ca", ca, "--lang", "zh"},
                 "127.0.0.1:" + plain + " 不使用 TLS，或者没有双方都支持的 TLS 版本。");
}

TEST_F(TlsTest, DictcliRefusesTheCertificateOfAnotherHost) {
  show(authority_.issue("DNS:elsewhere.example"));
  start();
  expect_refusal({"--port", tls_port(), "--tls", "--tls-ca", authority_.file(), "--lang", "zh"},
                 "127.0.0.1:" + tls_port() + " 的证书属于别的主机：请检查 --host，也可能有人在冒充它。");
}

TEST_F(TlsTest, DictcliRefusesACertificateThatEnded) {
  show(authority_.issue(kNames, -1));
  start();
  expect_refusal({"--port", tls_port(), "--tls", "--tls-ca", authority_.file()},
                 "The certificate of 127.0.0.1:" + tls_port() + " has expired, or is not valid yet.");
}

TEST_F(TlsTest, SighupTakesANewCertificateAndLeavesConnectionsAsTheyAre) {
  start();
  dictcli::Client before(endpoint());
  ASSERT_TRUE(before.connect());
  support::CertificateAuthority other;
  show(other.issue(kNames));
  dictd_->process().send_signal(SIGHUP);
  dictd_->process().wait_for_errors("the certificate " + shown_.file + " is loaded anew");
  EXPECT_FALSE(dictcli::Client(endpoint()).connect()) << "it has another root now";
  EXPECT_TRUE(dictcli::Client({"127.0.0.1", port_, true, other.file()}).connect());
  EXPECT_TRUE(before.register_user("lee", kPassword));
  EXPECT_FALSE(before.take_loss());
}

TEST_F(TlsTest, SighupWithAnUnusableCertificateLeavesTheOldOne) {
  start();
  std::ofstream(shown_.key_file) << "half a ke";
  dictd_->process().send_signal(SIGHUP);
  const std::string log = dictd_->process().wait_for_errors("the old certificate stays: the key " + shown_.key_file);
  EXPECT_THAT(log, HasSubstr(" error the old certificate stays"));
  expect_service();
}

// ---- Start

TEST_F(TlsTest, ListensOnAsManyAddressesAsAreGiven) {
  start({"--tls-listen", "127.0.0.2:0"});
  expect_service();
  dictcli::Client other({"127.0.0.2", logged_port("127.0.0.2"), true, authority_.file()});
  EXPECT_TRUE(other.connect());
}

TEST_F(TlsTest, WithoutAUsableCertificateItDoesNotStart) {
  const std::string other = authority_.issue(kNames).key_file;
  const std::string state = files_.file("state");
  const reactor::Fd taken = std::move(*reactor::listen_on(*reactor::parse_listen_address("127.0.0.1:0")));
  const std::string taken_address = reactor::local_address(taken.get())->text();
  struct Case {
    std::vector<std::string> options;
    std::string line;
    int status;
  };
  const std::vector<Case> cases{
      {{"--tls-listen", "127.0.0.1:0"}, "--tls-listen needs --tls-cert FILE and --tls-key FILE", 2},
      {{"--tls-listen", "127.0.0.1:0", "--tls-cert", shown_.file},
       "--tls-listen needs --tls-cert FILE and --tls-key FILE",
       2},
      {{"--tls-listen", "127.0.0.1:0", "--tls-cert", "/nowhere", "--tls-key", shown_.key_file},
       "the certificate /nowhere cannot be used: No such file or directory",
       2},
      {{"--tls-listen", "127.0.0.1:0", "--tls-cert", shown_.file, "--tls-key", other},
       "the key " + other + " is not that of the certificate " + shown_.file,
       2},
      {{"--tls-listen", "nonsense", "--tls-cert", shown_.file, "--tls-key", shown_.key_file}, "--tls-listen: ", 2},
      {{"--tls-listen", taken_address, "--tls-cert", shown_.file, "--tls-key", shown_.key_file},
       "cannot listen on " + taken_address +
           ": Address already in use; choose another address with --tls-listen ADDR:PORT",
       3},
  };
  for (const Case& wrong : cases) {
    std::vector<std::string> arguments{support::build_dir() / "dictd", "--listen", "127.0.0.1:0", "--state-dir", state};
    arguments.insert(arguments.end(), wrong.options.begin(), wrong.options.end());
    const support::Outcome outcome = support::run({arguments});
    EXPECT_THAT(outcome.errors, testing::StartsWith("dictd: " + wrong.line));
    EXPECT_EQ(outcome.errors.find('\n'), outcome.errors.size() - 1) << outcome.errors;
    EXPECT_EQ(outcome.status, wrong.status);
  }
}

}  // namespace
}  // namespace dictd
