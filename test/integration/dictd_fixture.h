// What tests of dictd as a process share: a database with a small wordbook, dictd upon it, and clients of it.
//
// Each test has a database and a state directory of its own; the MariaDB behind it is shared, unless a test is about
// its death: then it belongs to an OwnMariadb. Not for tests of dictcli: those have a fixture of their own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "test/integration/protocol_client.h"
#include "test/support/dictd.h"
#include "test/support/mariadb.h"

namespace integration {

inline constexpr const char* kPassword = "correct horse";

// What a few words of the wordbook are found as, and what dictd says of all of them.
inline constexpr const char* kFoundApple = "found words:apple=n. 苹果";
inline constexpr const char* kFoundPear = "found words:pear=n. 梨";
inline constexpr const char* kPong = "pong";

// Asks again and again until it holds; throws, which fails the test, when it never does.
void wait_until(const std::string& what, const std::function<bool()>& holds);

// Gives the words so far and `lines` to the database, as the dictionary "words".
void load_wordbook(const dictd::DatabaseOptions& database, const std::string& lines = "");

// One user's connection. Registers the user if it is not there yet.
Client logged_in(std::uint16_t port, const std::string& name);

// n words: "<stem>0", "<stem>1" …
std::vector<std::string> numbered_words(const std::string& stem, std::size_t n);
// Looks them up, pipelined; throws if one is not answered.
void look_up(Client& client, const std::vector<std::string>& words);

class DictdTest : public testing::Test {
 protected:
  explicit DictdTest(support::Mariadb& mariadb = support::shared_mariadb());

  void start(std::vector<std::string> options = {}) { dictd_.emplace(database_, std::move(options)); }
  void restart();  // after a stop or a kill: upon the same state directory, on another port
  [[nodiscard]] Client connect() const { return Client(dictd_->port()); }
  Client user(const std::string& name) const { return logged_in(dictd_->port(), name); }

  std::string sql(const std::string& text) const { return support::run_sql(database_, text); }
  // How many look-ups are in the table, and how many different ones.
  [[nodiscard]] std::string rows_in_hist() const { return sql("SELECT COUNT(*), COUNT(DISTINCT word) FROM hist"); }
  void wait_for_rows_in_hist(std::size_t rows) const;

  support::Mariadb& mariadb_;
  dictd::DatabaseOptions database_;
  std::optional<support::Dictd> dictd_;
};

// With a MariaDB that may be stopped, killed and paused, shared by the tests of this kind; it runs when a test begins.
class OwnMariadbTest : public DictdTest {
 protected:
  OwnMariadbTest();
  ~OwnMariadbTest() override;
  void kill_mariadb();
  void start_mariadb();
  void pause_mariadb();
  void resume_mariadb();
};

}  // namespace integration
