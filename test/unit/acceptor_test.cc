// A listening socket on the loop: storms, and a process that has no descriptor left.
#include "reactor/acceptor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <optional>

#include "reactor/socket.h"
#include "test/support/loop.h"
#include "test/support/peer.h"

namespace reactor {
namespace {

using support::Peer;

class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest() {
    Fd listener = listen_on(parse_listen_address("127.0.0.1:0").value()).value();
    address_ = local_address(listener.get()).value();
    acceptor_.emplace(
        loop_, std::move(listener),
        [this](Fd fd, const Address& peer) {
          accepted_.push_back(std::move(fd));
          peers_.push_back(peer);
          if (on_accept_) on_accept_();
        },
        [this](std::error_code error) {
          troubles_.push_back(error);
          if (on_trouble_) on_trouble_();
        });
  }
  // Clients that wait to be accepted.
  void connect(int count) {
    for (int i = 0; i < count; ++i) clients_.push_back(Peer::connect(address_));
  }

  Loop loop_;
  Address address_;
  std::vector<Fd> accepted_;
  std::vector<Address> peers_;
  std::vector<std::error_code> troubles_;
  std::function<void()> on_accept_, on_trouble_;
  std::vector<Peer> clients_;
  std::optional<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, HandsOverTheSocketAndWhoItIs) {
  connect(1);
  on_accept_ = [this] { loop_.stop(); };
  loop_.run();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_EQ(peers_[0].text(), clients_[0].local_address().text());
  EXPECT_EQ(::fcntl(accepted_[0].get(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  EXPECT_EQ(::fcntl(accepted_[0].get(), F_GETFD), FD_CLOEXEC);
  clients_[0].close();
  EXPECT_EQ(Peer(std::move(accepted_[0])).receive_all(), "");
}

// One edge for all of them; between two helpings the others have their turn.
TEST_F(AcceptorTest, AStormIsTakenInHelpings) {
  constexpr int kStorm = Acceptor::kPerTurn + 100;
  connect(kStorm);
  std::optional<std::size_t> others_turn;
  loop_.post([&] { others_turn = accepted_.size(); });
  on_accept_ = [this] {
    if (accepted_.size() == static_cast<std::size_t>(kStorm)) loop_.stop();
  };
  loop_.run();
  EXPECT_EQ(others_turn, static_cast<std::size_t>(Acceptor::kPerTurn));
  EXPECT_EQ(accepted_.size(), static_cast<std::size_t>(kStorm));
}

// No descriptors beyond those in use, until the end of its life.
class DescriptorShortage {
 public:
  DescriptorShortage() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const Fd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit none{static_cast<rlim_t>(lowest.get()), before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~DescriptorShortage() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorShortage(const DescriptorShortage&) = delete;
  DescriptorShortage& operator=(const DescriptorShortage&) = delete;

 private:
  rlimit before_{};
};

TEST_F(AcceptorTest, WithoutDescriptorsItPausesSaysSoOnceAndGoesOnByItself) {
  connect(3);
  std::optional<DescriptorShortage> shortage(std::in_place);
  on_trouble_ = [&] {
    EXPECT_EQ(accepted_.size(), 0U);
    if (troubles_.size() == 2) shortage.reset();
  };
  on_accept_ = [this] {
    if (accepted_.size() == 3) loop_.stop();
  };
  loop_.run();
  const std::error_code none_left(EMFILE, std::system_category());
  EXPECT_THAT(troubles_, testing::ElementsAre(none_left, none_left)) << "once for each pause";
}

TEST_F(AcceptorTest, AnEdgeInAPauseDoesNotEndIt) {
  connect(1);
  Peer* late = nullptr;
  std::optional<DescriptorShortage> shortage(std::in_place);
  const auto started = Clock::now();
  on_trouble_ = [&] {
    shortage.reset();
    connect(1);
    late = &clients_.back();
  };
  on_accept_ = [this] {
    if (accepted_.size() == 2) loop_.stop();
  };
  loop_.run();
  EXPECT_NE(late, nullptr);
  EXPECT_GE(Clock::now() - started, Acceptor::kPause);
}

TEST_F(AcceptorTest, ClosedItAcceptsNobody) {
  connect(2);
  on_accept_ = [this] { acceptor_->close(); };
  loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
  loop_.run();
  EXPECT_EQ(accepted_.size(), 1U) << "also in the midst of a helping";
  EXPECT_EQ(connect_within(address_, support::kGenerousLimit).error(), std::errc::connection_refused);
  acceptor_->close();
}

TEST_F(AcceptorTest, ClosedInAPauseItStaysClosed) {
  connect(1);
  std::optional<DescriptorShortage> shortage(std::in_place);
  Timer later(loop_.timers(), [this] { loop_.stop(); });
  on_trouble_ = [&] {
    shortage.reset();
    acceptor_->close();
    later.set(loop_.now() + 2 * Acceptor::kPause);
  };
  loop_.run();
  EXPECT_EQ(accepted_.size(), 0U);
}

}  // namespace
}  // namespace reactor
