// The front-ends upon a journal whose disk fails: look-ups that are not on the disk are refused, and only they.
//
// A disk cannot be made to fail from outside, so dictd's parts run here, in this process, wired as server.cc does it.
// What can be provoked from outside is asked of dictd as a process, in the other tests.
#include "dictd/framed.h"

#include <gtest/gtest.h>

#include "dictd/dict2229.h"
#include "dictd/history.h"
#include "dictd/pending.h"
#include "test/support/loop.h"
#include "test/support/mariadb.h"
#include "test/support/peer.h"
#include "test/unit/journal_fixture.h"

namespace dictd {
namespace {

using namespace std::chrono_literals;
using support::on_loop;
using support::Peer;

constexpr std::uint64_t kUser = 7;

// Its history is never drained: that is not what is tested here.
class NoSink final : public HistorySink {
 public:
  tl::expected<void, SinkError> insert(std::span<const Event> /*events*/) override { return {}; }
};

Journal::Options journal_options(const std::filesystem::path& directory, SyncMode sync) {
  Journal::Options options;
  options.directory = directory;
  options.sync = sync;
  options.retry_interval = 0ms;
  options.disk = {journal_test::faulty_write, journal_test::faulty_fdatasync, journal_test::faulty_fallocate};
  return options;
}

Service::Options service_options() {
  Service::Options options;
  options.accounts.password_cost = {8, 1};
  return options;
}

Dict2229::Options dict_options() {
  Dict2229::Options options;
  options.plain_unencrypted = true;
  return options;
}

// Everything between a connection and the disk.
class Parts {
 public:
  Parts(reactor::Loop& loop, const DatabaseOptions& database, const std::filesystem::path& directory, SyncMode sync)
      : journal_(Journal::open(journal_options(directory, sync), [&loop] { loop.post([] {}); }).value()),
        history_(
            {.rejected_log = directory / "rejected.log"}, *journal_, sink_,
            [&loop](std::function<void()> task) { loop.post(std::move(task)); },
            [](std::span<const Pending::Drained>) {}),
        drain_store_(database),
        connections_(loop, {}),
        database_(loop, "database", 1, 10),
        cpu_(loop, "cpu", 1, 10),
        numbers_(0),
        service_(service_options(),
                 {*journal_, history_, pending_, numbers_, loop, database_, stores(database), drain_store_, cpu_}),
        framed_(Framed::Options(), service_, connections_),
        dict_(dict_options(), service_, connections_) {
    loop.before_flush([this, &loop] {
      const Service::Settled settled = service_.commit();
      framed_.settle(settled);
      dict_.settle(settled);
      loop.release(settled.released);
    });
  }

  Peer connect() { return connect(framed_); }
  Peer connect_dict() { return connect(dict_); }

 private:
  static Peer connect(FrontEnd& front_end) {
    support::Ends ends = support::connected_ends();
    front_end.accept(std::move(ends.stream), reactor::Address(), false);
    return std::move(ends.peer);
  }
  std::span<const std::unique_ptr<Store>> stores(const DatabaseOptions& database) {
    stores_.push_back(std::make_unique<Store>(database));
    return stores_;
  }

  NoSink sink_;
  std::unique_ptr<Journal> journal_;
  Pending pending_;
  History history_;
  Store drain_store_;
  std::vector<std::unique_ptr<Store>> stores_;
  reactor::ConnectionSet connections_;
  reactor::Pool database_, cpu_;
  NumberSource numbers_;
  Service service_;
  Framed framed_;
  Dict2229 dict_;
};

class FrontEndsTest : public testing::Test {
 protected:
  FrontEndsTest() {
    journal_test::faults = &faults_;
    Store store(database_);
    const std::int64_t now = 1'700'000'000'000'000;
    EXPECT_TRUE(store.add_user({kUser, "li", hash_password("secret1", {8, 1}).value()}, now));
    EXPECT_TRUE(store.add_session(hash_token(token_), kUser, now, std::chrono::hours(24 * 36'500)));
  }

  // Runs the parts here and `client`, which is logged in, beside them.
  void run(SyncMode sync, const std::function<void()>& client) {
    Parts parts(loop_, database_, temp_.path() / "journal", sync);
    peer_.emplace(parts.connect());
    dict_.emplace(parts.connect_dict());
    support::run_beside(loop_, [&] {
      send(1, wire::ResumeRequest{token_});
      ASSERT_EQ(answer(), "1: resumed");
      client();
    });
    loop_.before_flush(nullptr);
  }

  template <typename Message>
  static std::string frame(std::uint32_t id, const Message& message) {
    reactor::Buffer buffer;
    wire::encode(buffer, id, message);
    return std::string(buffer.view());
  }
  template <typename Message>
  void send(std::uint32_t id, const Message& message) {
    peer_->send(frame(id, message));
  }

  // The next answer, as "<id>: <what it is>".
  std::string answer() {
    const std::string prefix = peer_->receive(reactor::kFramePrefix);
    if (prefix.size() < reactor::kFramePrefix) return "closed";
    const std::string body = peer_->receive(reactor::load<std::uint32_t>(prefix.data()));
    return told(wire::parse_frame(body));
  }
  static std::string told(const wire::Frame& frame) {
    const std::string id = std::to_string(frame.id) + ": ";
    if (frame.type == wire::ResumeAnswer::kType) return id + "resumed";
    if (frame.type == wire::PingAnswer::kType) return id + "pong";
    if (frame.type == wire::QueryAnswer::kType) {
      return id + std::to_string(wire::decode<wire::QueryAnswer>(frame.fields).value().entries.size()) + " entries";
    }
    if (frame.type == wire::HistoryAnswer::kType) {
      std::string words = id + "history";
      const auto history = wire::decode<wire::HistoryAnswer>(frame.fields).value();
      for (const auto& event : history.events) words.append(" ").append(event.word);
      return words;
    }
    return id + "error " + std::to_string(wire::decode<wire::ErrorAnswer>(frame.fields).value().code);
  }
  // Lets the disk refuse the next commit, and the new segment that is tried instead.
  void fail_the_next_commit() { faults_.failing_writes = 2; }
  // That nothing has come so far.
  void expect_silence() {
    support::settle(loop_);
    EXPECT_EQ(peer_->receive_now(), "");
  }

  journal_test::Faults faults_;
  DatabaseOptions database_ = support::shared_database();
  const std::string token_ = new_token();
  support::TempDir temp_;
  reactor::Loop loop_;
  std::optional<Peer> peer_;
  std::optional<Peer> dict_;
};

TEST_F(FrontEndsTest, ALookUpThatIsNotOnTheDiskIsRefusedAndTheAnswersBehindItAreIntact) {
  for (const SyncMode sync : {SyncMode::kOff, SyncMode::kInterval, SyncMode::kAlways}) {
    SCOPED_TRACE(static_cast<int>(sync));
    run(sync, [&] {
      fail_the_next_commit();
      peer_->send(frame(10, wire::QueryRequest{"lost"}) + frame(11, wire::PingRequest{}));
      EXPECT_EQ(answer(), "10: error 10");
      EXPECT_EQ(answer(), "11: pong");
      send(12, wire::QueryRequest{"kept"});
      EXPECT_EQ(answer(), "12: 0 entries") << "the connection is open, and the disk is well again";
      send(13, wire::HistoryRequest{1, 0});
      EXPECT_EQ(answer(), "13: history kept");
    });
  }
}

TEST_F(FrontEndsTest, AllLookUpsOfATurnThatIsNotOnTheDiskAreRefusedEachWithItsId) {
  run(SyncMode::kInterval, [&] {
    fail_the_next_commit();
    std::string requests;
    for (std::uint32_t id = 100; id < 200; id += 2) {
      requests += frame(id, wire::QueryRequest{std::string(id - 90, 'x')}) + frame(id + 1, wire::PingRequest{});
    }
    peer_->send(requests);
    for (std::uint32_t id = 100; id < 200; id += 2) {
      EXPECT_EQ(answer(), std::to_string(id) + ": error 10");
      EXPECT_EQ(answer(), std::to_string(id + 1) + ": pong");
    }
    send(1000, wire::HistoryRequest{});
    EXPECT_EQ(answer(), "1000: history");
  });
}

TEST_F(FrontEndsTest, SyncedAlwaysAnAnswerWaitsForTheDisk) {
  run(SyncMode::kAlways, [&] {
    faults_.gate.lock();
    peer_->send(frame(10, wire::QueryRequest{"slow"}) + frame(11, wire::PingRequest{}));
    expect_silence();
    faults_.gate.unlock();
    EXPECT_EQ(answer(), "10: 0 entries");
    EXPECT_EQ(answer(), "11: pong");
  });
}

TEST_F(FrontEndsTest, SyncedAlwaysARefusalWaitsForTheAnswersBeforeItAndNoLonger) {
  run(SyncMode::kAlways, [&] {
    faults_.gate.lock();
    send(10, wire::QueryRequest{"kept"});
    expect_silence();
    fail_the_next_commit();
    peer_->send(frame(11, wire::QueryRequest{"lost"}) + frame(12, wire::PingRequest{}));
    expect_silence();
    faults_.gate.unlock();
    EXPECT_EQ(answer(), "10: 0 entries");
    EXPECT_EQ(answer(), "11: error 10");
    EXPECT_EQ(answer(), "12: pong");
    send(13, wire::HistoryRequest{2, 0});
    EXPECT_EQ(answer(), "13: history kept");
  });
}

TEST_F(FrontEndsTest, SyncedAlwaysAFailedSyncThatLosesNothingIsNotSeen) {
  run(SyncMode::kAlways, [&] {
    faults_.failing_syncs = 1;
    send(10, wire::QueryRequest{"moved"});
    EXPECT_EQ(answer(), "10: 0 entries");
  });
}

TEST_F(FrontEndsTest, SyncedAlwaysWhatAFailedSyncLosesIsRefusedAndTheAnswersBehindItAreIntact) {
  run(SyncMode::kAlways, [&] {
    faults_.gate.lock();
    peer_->send(frame(10, wire::QueryRequest{"lost"}) + frame(11, wire::PingRequest{}));
    expect_silence();
    peer_->send(frame(12, wire::QueryRequest{"lost too"}) + frame(13, wire::PingRequest{}));
    expect_silence();
    faults_.failing_syncs = 1;
    faults_.failing_writes = 1;  // of the segment that they are moved to
    faults_.gate.unlock();
    EXPECT_EQ(answer(), "10: error 10");
    EXPECT_EQ(answer(), "11: pong");
    EXPECT_EQ(answer(), "12: error 10");
    EXPECT_EQ(answer(), "13: pong");
    send(14, wire::QueryRequest{"kept"});
    EXPECT_EQ(answer(), "14: 0 entries");
    send(15, wire::HistoryRequest{1, 0});
    EXPECT_EQ(answer(), "15: history kept");
  });
}

TEST_F(FrontEndsTest, SyncedAlwaysACommitAndASyncThatFailTogetherRefuseBoth) {
  run(SyncMode::kAlways, [&] {
    faults_.gate.lock();
    send(10, wire::QueryRequest{"lost"});
    expect_silence();
    fail_the_next_commit();
    peer_->send(frame(11, wire::QueryRequest{"lost too"}) + frame(12, wire::PingRequest{}));
    expect_silence();
    faults_.failing_syncs = 1;
    faults_.failing_writes = 1;
    faults_.gate.unlock();
    EXPECT_EQ(answer(), "10: error 10");
    EXPECT_EQ(answer(), "11: error 10");
    EXPECT_EQ(answer(), "12: pong");
    send(13, wire::QueryRequest{"kept"});
    EXPECT_EQ(answer(), "13: 0 entries");
  });
}

TEST_F(FrontEndsTest, AClientThatIsGoneWhenItsLookUpIsRefusedIsNobodysTrouble) {
  run(SyncMode::kAlways, [&] {
    faults_.gate.lock();
    send(10, wire::QueryRequest{"lost"});
    expect_silence();
    peer_->close();
    support::settle(loop_);
    faults_.failing_syncs = 1;
    faults_.failing_writes = 1;
    faults_.gate.unlock();
    support::settle(loop_);
  });
}

// A table of names, each as long as a frame, was as large as an attacker had patience for.
TEST_F(FrontEndsTest, GuessingForANameThatNobodyCanHaveIsNotCounted) {
  run(SyncMode::kOff, [&] {
    for (std::uint32_t id = 2; id < 50; ++id) {
      send(id, wire::LoginRequest{"no such name", "password"});
      EXPECT_EQ(answer(), std::to_string(id) + ": error 5");
    }
  });
}

TEST_F(FrontEndsTest, OverDictALookUpThatIsNotOnTheDiskIsRefusedToo) {
  const auto line = [this] {
    std::string text;
    while (!text.ends_with("\r\n")) text += dict_->receive(1);
    return text.substr(0, text.size() - 2);
  };
  run(SyncMode::kInterval, [&] {
    dict_->send("SASLAUTH PLAIN AGxpAHNlY3JldDE=\r\n");  // NUL li NUL secret1
    EXPECT_EQ(line().substr(0, 4), "220 ");
    EXPECT_EQ(line().substr(0, 4), "230 ");
    fail_the_next_commit();
    dict_->send("DEFINE * lost\r\nDEFINE * \"lost too\"\r\nCLIENT x\r\n");
    EXPECT_EQ(line(), "420 the look-up could not be recorded, so it is not answered; try again");
    EXPECT_EQ(line(), "420 the look-up could not be recorded, so it is not answered; try again");
    EXPECT_EQ(line(), "250 ok");
    dict_->send("DEFINE * kept\r\n");
    EXPECT_EQ(line(), "552 no match");
    send(10, wire::HistoryRequest{});
    EXPECT_EQ(answer(), "10: history kept");
  });
}

}  // namespace
}  // namespace dictd
