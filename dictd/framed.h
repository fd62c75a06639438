// The front-end of the framed protocol (PROTOCOL.md): decodes requests, asks the service, encodes answers.
//
// Not here: what a request means (service.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dictd/front_end.h"
#include "dictd/wire.h"

namespace dictd {

// The loop thread's.
class Framed final : public FrontEnd {
 public:
  struct Options {
    std::string server_name;                       // what HELLO is answered with
    std::uint32_t largest_frame = 64 * 1024;       // from a client that is logged in
    std::uint32_t largest_anonymous_frame = 4096;  // from one that is not
    std::uint32_t largest_answer = wire::kLargestAnswer;
    Access matches = Access::kUsers;  // who may ask for MATCH and DICTIONARIES; a QUERY is always a user's
    reactor::ConnectionLimits connection;
  };

  Framed(const Options& options, Service& service, reactor::ConnectionSet& connections);

 private:
  class FramedClient;

  std::unique_ptr<Client> make_client(bool encrypted) override;
  void write_too_many(reactor::Buffer& output) override;
  reactor::Buffer refusals_of(std::string_view answers) override;

  const Options options_;
};

}  // namespace dictd
