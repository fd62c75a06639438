#include "test/integration/dictd_fixture.h"

#include <poll.h>

#include <chrono>
#include <stdexcept>

namespace integration {
namespace {

constexpr const char* kWordbook =
    "apple\tn. 苹果\n"
    "apply\tv. 申请\n"
    "café\tn. 咖啡馆\n"
    "ice cream\tn. 冰淇淋\n"
    "pear\tn. 梨\n"
    "plum\tn. 李子\n"
    "straße\tn. 街道\n";

enum class MariadbState { kRuns, kGone, kPaused };
MariadbState mortal_state = MariadbState::kRuns;

support::Mariadb& mortal_mariadb() {
  static support::Mariadb server;
  return server;
}

support::Mariadb& running_mortal_mariadb() {
  support::Mariadb& server = mortal_mariadb();
  if (mortal_state == MariadbState::kGone) server.start();
  if (mortal_state == MariadbState::kPaused) server.resume();
  mortal_state = MariadbState::kRuns;
  return server;
}

}  // namespace

void wait_until(const std::string& what, const std::function<bool()>& holds) {
  constexpr int kPauseMs = 2;  // between two questions, so as not to take the processor from who is to answer them
  const auto give_up = std::chrono::steady_clock::now() + support::kGenerousLimit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("waited in vain: " + what);
    ::poll(nullptr, 0, kPauseMs);
  }
}

void load_wordbook(const dictd::DatabaseOptions& database, const std::string& lines) {
  support::load_words(database, "words", kWordbook + lines);
}

Client logged_in(std::uint16_t port, const std::string& name) {
  Client client(port);
  (void)client.ask(sign_up(name, kPassword));
  (void)client.token_of(log_in(name, kPassword));
  return client;
}

std::vector<std::string> numbered_words(const std::string& stem, std::size_t n) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < n; ++i) words.push_back(stem + std::to_string(i));
  return words;
}

void look_up(Client& client, const std::vector<std::string>& words) {
  std::vector<Request> requests;
  for (const std::string& word : words) requests.push_back(query(word));
  client.send(requests);
  for (const std::string& word : words) {
    const std::string answer = client.receive().text();
    if (answer.starts_with("error")) throw std::runtime_error(word + " was answered by " + answer);
  }
}

DictdTest::DictdTest(support::Mariadb& mariadb) : mariadb_(mariadb), database_(mariadb.fresh_database()) {
  load_wordbook(database_);
}

void DictdTest::restart() { dictd_->start_on(0); }

void DictdTest::wait_for_rows_in_hist(std::size_t rows) const {
  const std::string count = std::to_string(rows);
  wait_until(count + " look-ups in hist", [&] { return rows_in_hist() == count + "\t" + count + "\n"; });
}

OwnMariadbTest::OwnMariadbTest() : DictdTest(running_mortal_mariadb()) {}

OwnMariadbTest::~OwnMariadbTest() {
  if (mortal_state == MariadbState::kPaused) resume_mariadb();
}

void OwnMariadbTest::kill_mariadb() {
  mariadb_.kill();
  mortal_state = MariadbState::kGone;
}

void OwnMariadbTest::start_mariadb() {
  mariadb_.start();
  mortal_state = MariadbState::kRuns;
}

void OwnMariadbTest::pause_mariadb() {
  mariadb_.pause();
  mortal_state = MariadbState::kPaused;
}

void OwnMariadbTest::resume_mariadb() {
  mariadb_.resume();
  mortal_state = MariadbState::kRuns;
}

}  // namespace integration
