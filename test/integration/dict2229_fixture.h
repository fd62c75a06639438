// A dictd with a DICT port and two small dictionaries, and what is said to it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "test/integration/dictd_fixture.h"
#include "test/support/peer.h"

namespace integration {

// The next line, with its end.
std::string read_line(support::Peer& peer);
// What SASLAUTH PLAIN takes.
std::string plain(const std::string& name, const std::string& password);

class DictPort {
 public:
  enum class Words { kSome, kNone };

  explicit DictPort(std::vector<std::string> options = {}, Words words = Words::kSome);

  [[nodiscard]] support::Peer connect() const;
  // What is answered to `sent` behind the banner, until dictd ends the connection.
  [[nodiscard]] std::string converse(const std::string& sent) const;
  [[nodiscard]] std::string banner() const;
  // Returns when dictd has read what was sent to it before.
  void wait_until_read() const;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t framed_port() const { return dictd_->port(); }
  [[nodiscard]] std::string sql(const std::string& text) const { return support::run_sql(database_, text); }
  [[nodiscard]] support::Dictd& dictd() { return *dictd_; }
  int stop() { return dictd_->stop(); }

 private:
  dictd::DatabaseOptions database_;
  std::optional<support::Dictd> dictd_;
  std::uint16_t port_ = 0;
};

class Dict2229Test : public testing::Test {};

}  // namespace integration
