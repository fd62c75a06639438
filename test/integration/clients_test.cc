// Clients as they should not be: slow, gone, or too many.
#include <dirent.h>
#include <sys/resource.h>

#include <fstream>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitized = true;
#else
constexpr bool kAddressSanitized = false;
#endif
#if defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = kAddressSanitized;
#endif

class ClientsTest : public DictdTest {
 protected:
  [[nodiscard]] std::string proc(const std::string& name) {
    return "/proc/" + std::to_string(dictd_->process().pid()) + "/" + name;
  }
  [[nodiscard]] std::size_t descriptors() {
    const auto all = std::filesystem::directory_iterator(proc("fd"));
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  [[nodiscard]] std::size_t resident_kib() {
    std::ifstream status(proc("status"));
    for (std::string word; status >> word;) {
      if (word == "VmRSS:") {
        status >> word;
        return std::stoul(word);
      }
    }
    throw std::runtime_error("no VmRSS");
  }
  void allow_descriptors(std::size_t count) {
    const rlimit limit{count, count};
    if (::prlimit(dictd_->process().pid(), RLIMIT_NOFILE, &limit, nullptr) != 0) throw std::runtime_error("prlimit");
  }
  // A word whose meaning fills buffers soon.
  void add_long_word() { load_wordbook(database_, "long\t" + std::string(60'000, 'x') + "\n"); }
};

// Sends look-ups of the long word and reads nothing, until dictd reads no more either.
void send_until_it_blocks(Client& client) {
  std::string requests;
  for (int i = 0; i < 5000; ++i) requests += client.prepare(query("long"));
  std::string_view left = requests;
  while (!left.empty()) {
    const std::size_t sent = client.send_at_once(left);
    if (sent == 0) return;
    left.remove_prefix(sent);
  }
}

TEST_F(ClientsTest, SlowReaderIsClosedInTimeAndOthersAreServedMeanwhile) {
  add_long_word();
  start({"--slow-reader-timeout", "1"});
  Client slow = user("slow");
  Client other = user("ann");
  look_up(other, {"apple"});
  wait_for_rows_in_hist(1);  // by then all connections to the database stand
  const std::size_t open = descriptors();
  send_until_it_blocks(slow);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.ask(query("apple")), kFoundApple);
  // Not the client's to see: the end comes after what it does not read.
  wait_until("it is closed", [&] { return descriptors() < open; });
  EXPECT_EQ(other.ask(query("apple")), kFoundApple);
}

TEST_F(ClientsTest, ReaderThatPausedGetsAllItsAnswers) {
  add_long_word();
  start();
  Client slow = user("slow");
  Client other = user("ann");
  constexpr int kRequests = 300;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += slow.prepare(query("long"));
  ASSERT_EQ(slow.send_at_once(requests), requests.size());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.ask(query("apple")), kFoundApple);
  for (int i = 0; i < kRequests; ++i) ASSERT_TRUE(slow.receive().text().starts_with("found words:long=xxx")) << i;
}

TEST_F(ClientsTest, MemoryForASlowReaderIsBounded) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer keeps freed memory back, so its size says nothing";
  add_long_word();
  start();
  std::vector<Client> slow;
  for (int i = 0; i < 10; ++i) slow.push_back(user("slow" + std::to_string(i)));
  Client other = user("ann");
  const std::size_t before = resident_kib();
  for (Client& client : slow) send_until_it_blocks(client);
  EXPECT_EQ(other.ask(query("apple")), kFoundApple);
  // 10 times 5,000 answers of 60 KB would be 3 GB. Each may hold the high mark (256 KiB), one answer above it, twice
  // that for a buffer that grows by doubling, and as many requests as are read in a turn (256 KiB).
  EXPECT_LT(resident_kib() - before, 10U * 2048U);
}

TEST_F(ClientsTest, GoneInTheMiddleOfItsAnswersItHarmsNobody) {
  add_long_word();
  start();
  Client other = user("ann");
  for (int i = 0; i < 20; ++i) {
    Client client = user("gone");
    send_until_it_blocks(client);
    client.abort();
    ASSERT_EQ(other.ask(query("apple")), kFoundApple);
  }
}

TEST_F(ClientsTest, GoneWhileItsRequestIsAtWorkItHarmsNobody) {
  start();
  Client other = user("ann");
  look_up(other, {"apple"});
  const Request slow_requests[] = {log_in("ann", kPassword), log_in("ann", "wrong"), sign_up("new", kPassword),
                                   resume("some token of somebody")};
  for (int i = 0; i < 20; ++i) {
    for (const Request& request : slow_requests) {
      Client client = connect();
      client.send({request, history(), forget(), log_out()});
      i % 2 == 0 ? client.abort() : client.close();
    }
    Client client = user("gone" + std::to_string(i));
    client.send({history(), forget(), change_password(kPassword, kPassword), query("apple")});
    client.abort();
    ASSERT_EQ(other.ask(query("apple")), kFoundApple);
  }
  EXPECT_EQ(other.ask(log_in("ann", kPassword)), "logged in");
}

// ---- Too many ------------------------------------------------------------------------------------------------------

// "pong" if dictd takes it in, or why not.
std::string try_client(std::uint16_t port, const char* from = nullptr) {
  Client client(port, from);
  try {
    return client.ask(ping());
  } catch (const Disconnected& closed) {
    return closed.what();
  }
}

constexpr const char* kRefused = "closed by the server: error 10 overloaded";

TEST_F(ClientsTest, ConnectionsOverTheCapAreToldAndClosedUntilOneLeaves) {
  start({"--max-connections", "2"});
  Client first = connect();
  Client second = connect();
  EXPECT_EQ(first.ask(ping()), "pong");
  EXPECT_EQ(second.ask(ping()), "pong");
  EXPECT_THAT(connect().until_closed(), ElementsAre("unasked error 10 overloaded"));
  EXPECT_EQ(first.ask(ping()), "pong");
  second.close();
  wait_until("the place is free", [&] { return try_client(dictd_->port()) == "pong"; });
}

TEST_F(ClientsTest, ConnectionsOverTheCapOfAnAddressLeaveOtherAddressesAlone) {
  start({"--max-connections-per-address", "1"});
  Client first = connect();
  EXPECT_EQ(first.ask(ping()), "pong");
  EXPECT_THAT(connect().until_closed(), ElementsAre("unasked error 10 overloaded"));
  EXPECT_EQ(try_client(dictd_->port(), "127.0.0.2"), "pong");
  first.close();
  wait_until("the place is free", [&] { return try_client(dictd_->port()) == "pong"; });
}

TEST_F(ClientsTest, RefusedClientThatAlreadySentGetsTheReason) {
  start({"--max-connections", "1"});
  Client first = connect();
  EXPECT_EQ(first.ask(ping()), "pong");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(try_client(dictd_->port()), kRefused);
}

TEST_F(ClientsTest, WithoutDescriptorsLeftConnectionsWaitUntilOthersClose) {
  if (kAddressSanitized) GTEST_SKIP() << "UBSan needs a pipe to look at an object, and takes it for broken without one";
  start();
  Client first = user("ann");
  allow_descriptors(descriptors() + 3);
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(connect());
  for (Client& client : clients) client.send(ping());
  dictd_->process().wait_for_errors("new connections must wait");
  EXPECT_EQ(first.ask(query("apple")), kFoundApple);
  for (Client& client : clients) {
    EXPECT_EQ(client.receive().text(), "pong");
    client.close();
  }
  EXPECT_EQ(try_client(dictd_->port()), "pong");
}

TEST_F(ClientsTest, FewDescriptorsMeanFewerConnectionsFromTheStart) {
  start();
  dictd_->stop();
  support::Command command = dictd_->command(0);
  command.before_exec = [] {
    const rlimit few{100, 100};
    ::setrlimit(RLIMIT_NOFILE, &few);
  };
  support::Process process(command);
  process.wait_for_errors("only 100 descriptors are allowed (ulimit -n), so at most 32 connections");
  const std::string log = process.wait_for_errors("listening on");
  process.send_signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(ClientsTest, ThousandsThatComeAndGoLeaveNothingBehind) {
  start();
  const auto come_and_go = [this](int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(connect().ask(query("apple")), "error 3 not_logged_in");
  };
  come_and_go(300);  // until pools and tables have their size
  const std::size_t memory = resident_kib();
  const std::size_t open = descriptors();
  come_and_go(2000);
  wait_until("all are closed", [&] { return descriptors() <= open; });
  // 128 bytes lost with each would be 250 KiB; what a heap of several threads grows by itself is less than this.
  EXPECT_TRUE(kSanitized || resident_kib() <= memory + 256) << memory << " KiB grew to " << resident_kib();
}

}  // namespace
}  // namespace integration
