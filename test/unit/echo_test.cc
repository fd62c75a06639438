// The example that a newcomer starts from, as a program.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "test/support/peer.h"
#include "test/support/process.h"
#include "test/support/temp_dir.h"

namespace {

using support::Peer;

support::Command echo(const std::string& address) { return {{support::build_dir() / "examples/echo", address}}; }

// Starts it on a port that the system chooses.
class EchoTest : public testing::Test {
 protected:
  EchoTest() {
    const std::string said = echo_.wait_for_output("\n");
    const std::string intro = "listening on ";
    EXPECT_TRUE(said.starts_with(intro)) << said;
    const auto address = reactor::parse_listen_address(said.substr(intro.size(), said.size() - intro.size() - 1));
    if (!address) throw std::runtime_error(address.error());
    address_ = *address;
  }

  support::Process echo_{echo("127.0.0.1:0")};
  reactor::Address address_;
};

TEST_F(EchoTest, SendsBackWhatItGets) {
  std::string mebibyte(1 << 20, '\0');
  for (std::size_t i = 0; i < mebibyte.size(); ++i) mebibyte[i] = static_cast<char>(i * i >> 7U);
  Peer peer = Peer::connect(address_);
  std::thread sender([&] {
    EXPECT_TRUE(peer.try_send(mebibyte));
    peer.finish_writing();
  });
  const std::string back = peer.receive_all();
  sender.join();
  EXPECT_TRUE(back == mebibyte) << back.size() << " bytes came back";
}

TEST_F(EchoTest, ServesManyAtOnce) {
  std::vector<Peer> peers;
  for (int i = 0; i < 100; ++i) peers.push_back(Peer::connect(address_));
  for (Peer& peer : peers) peer.send("hello");
  for (Peer& peer : peers) EXPECT_EQ(peer.receive(5), "hello");
}

TEST_F(EchoTest, EndsInOrderWhenItIsTold) {
  Peer peer = Peer::connect(address_);
  peer.send("hello");
  EXPECT_EQ(peer.receive(5), "hello");
  echo_.send_signal(SIGTERM);
  EXPECT_EQ(echo_.wait(), 0);
}

TEST_F(EchoTest, SaysWhyItCannotListen) {
  const support::Outcome second = support::run(echo(address_.text()));
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.errors, "echo: Address already in use\n");
  EXPECT_EQ(support::run(echo("nonsense")).status, 2);
}

}  // namespace
