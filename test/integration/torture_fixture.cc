#include "test/integration/torture_fixture.h"

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string_view>

namespace integration {
namespace {

constexpr std::chrono::minutes kDrainLimit{10};
constexpr std::uint32_t kPage = 1000;

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

}  // namespace

TortureTest::TortureTest() : faults_(dir_.file("faults")) {
  const char* const how = std::getenv("TORTURE");
  long_ = how != nullptr && std::string_view(how) == "long";
}

void TortureTest::TearDown() {
  constexpr std::size_t kMost = 4000;
  if (!HasFailure() || !dictd_) return;
  const std::string log = dictd_->process().errors();
  std::cout << "dictd's last words:\n" << log.substr(log.size() - std::min(log.size(), kMost)) << std::endl;
}

std::size_t TortureTest::random_below(std::size_t bound) {
  static std::random_device device;
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(device);
}

void TortureTest::let_pass(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

void TortureTest::start_with_faults(const std::vector<std::string>& options) {
  dictd_.emplace(database_, options, [this](support::Command& command, const std::filesystem::path& state_dir) {
    command.environment = faults_.environment(state_dir);
  });
}

void TortureTest::wait_for_answers(const Crowd& crowd, std::uint64_t more) {
  const std::uint64_t enough = crowd.answered() + more;
  wait_until("answers", [&] { return crowd.answered() >= enough; });
}

void TortureTest::wait_for_refusals(const Crowd& crowd, std::uint64_t more) {
  const std::uint64_t enough = crowd.refused() + more;
  wait_until("refusals", [&] { return crowd.refused() >= enough; });
}

// FORGET of an event that nobody has is answered when the drain has caught up.
void TortureTest::wait_for_drain(std::uint16_t port) {
  const auto give_up = std::chrono::steady_clock::now() + kDrainLimit;
  Client client(port);
  wait_until("log-ins", [&] { return client.ask(log_in("u0", kPassword)) == "logged in"; });
  for (std::string answer; answer != "forgot 0"; answer = client.ask(forget(1))) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("the drain takes too long: " + answer);
  }
}

Tally TortureTest::count_in_table(const Crowd& crowd) const {
  const std::string rows =
      sql("SELECT name, word FROM hist JOIN user ON user.id = hist.user_id WHERE name REGEXP '^u[0-9]+$'");
  Census census(crowd);
  for (std::string_view left = rows; !left.empty();) {
    const std::size_t tab = left.find('\t');
    const std::size_t end = left.find('\n');
    census.saw(left.substr(0, tab), left.substr(tab + 1, end - tab - 1));
    left.remove_prefix(end + 1);
  }
  return census.tally();
}

Tally TortureTest::count_through_history(const Crowd& crowd) const {
  Census census(crowd, Census::Order::kNewestFirst);
  for (std::size_t user = 0; user < crowd.users(); ++user) {
    Client client = DictdTest::user(crowd.user_name(user));
    std::uint64_t before = 0;
    for (auto page = client.events(kPage); !page.empty(); page = client.events(kPage, before)) {
      for (const Event& event : page) {
        if (before != 0 && event.number >= before) throw std::runtime_error("event numbers do not fall");
        before = event.number;
        census.saw(crowd.user_name(user), event.word);
      }
    }
  }
  return census.tally();
}

Tally TortureTest::finish(const std::string& fault, Crowd& crowd, const std::string& remark) {
  crowd.end();
  EXPECT_EQ(crowd.failure(), "");
  wait_for_drain(dictd_->port());
  const Tally tally = count_in_table(crowd);
  EXPECT_EQ(tally.lost, 0U) << fault;
  EXPECT_EQ(tally.doubled, 0U) << fault;
  EXPECT_GT(tally.answered, 0U) << fault;
  EXPECT_TRUE(count_through_history(crowd) == tally) << fault << ": HISTORY tells something else than the table";
  report(fault, tally, remark);
  return tally;
}

void TortureTest::fill_the_journal(const std::string& fault, const std::function<void()>& when_full) {
  Crowd crowd(dictd_->port());
  const std::size_t rounds = times(10, 2);
  for (std::size_t round = 0; round < rounds; ++round) {
    begin(crowd);
    wait_for_answers(crowd, 1000);
    pause_mariadb();
    wait_for_refusals(crowd, 200);
    when_full();
    resume_mariadb();
    wait_for_answers(crowd, 1000);
    crowd.end();
  }
  const Tally tally = finish(fault + " x" + std::to_string(rounds), crowd);
  EXPECT_EQ(tally.unpromised, 0U) << "refused, and recorded all the same";
}

void TortureTest::report(const std::string& fault, const Tally& tally, const std::string& remark) const {
  std::string line = fault + ": " + with_commas(tally.answered) + " answered, " + with_commas(tally.lost) + " lost, " +
                     with_commas(tally.doubled) + " doubled";
  if (tally.refused > 0) line += "; " + with_commas(tally.refused) + " refused";
  if (tally.unpromised > 0) line += "; " + with_commas(tally.unpromised) + " there though not answered";
  if (!remark.empty()) line += "; " + remark;
  std::cout << line << std::endl;  // at once: a long run is watched
  if (!long_) return;
  const std::filesystem::path directory = support::build_dir() / "torture";
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "report.txt", std::ios::app) << line << '\n';
}

std::uint64_t TortureTest::journal_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dictd_->state_dir() / "journal")) {
    std::error_code removed_meanwhile;
    const std::uintmax_t size = entry.file_size(removed_meanwhile);
    if (!removed_meanwhile && entry.path().filename() != "drained") bytes += size;
  }
  return bytes;
}

}  // namespace integration
