// The front-end of the DICT protocol (RFC 2229; RFC2229.md beside this file says what it does where the RFC leaves room).
//
// A look-up of a user who logged in by SASLAUTH is recorded as one of the framed protocol is; anybody else's is recorded
// for nobody. The commands are parsed in dict_command.h, and what they mean is the service's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dictd/dict_command.h"
#include "dictd/front_end.h"

namespace dictd {

// The loop thread's.
class Dict2229 final : public FrontEnd {
 public:
  struct Options {
    std::string server_name;  // in the banner, and in SHOW SERVER
    std::string host_name;
    Access look_ups = Access::kEverybody;
    bool plain_unencrypted = false;  // whether a password may come over a connection that others can read
    std::uint32_t most_matches = 10'000;
    std::uint32_t largest_answer = 16 * 1024 * 1024;  // bytes
    reactor::ConnectionLimits connection;
  };

  Dict2229(const Options& options, Service& service, reactor::ConnectionSet& connections);

 private:
  class DictClient;

  std::unique_ptr<Client> make_client(bool encrypted) override;
  void greet(reactor::Connection& connection) override;
  void write_too_many(reactor::Buffer& output) override;
  reactor::Buffer refusals_of(std::string_view answers) override;

  void write_server(reactor::Buffer& output);

  const Options options_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  dict::Command command_;  // the one that is being answered
  std::uint64_t greeted_ = 0;
  std::uint64_t definitions_ = 0;
  std::uint64_t matches_ = 0;
};

}  // namespace dictd
