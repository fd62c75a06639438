// The front-end of the framed protocol (PROTOCOL.md): decodes requests, asks the service, encodes answers.
//
// A request that cannot be answered at once pauses its connection until its answer is written, so answers
// keep the order of the requests and a client has at most one job under way. Not here: what a request means
// (service.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dictd/service.h"
#include "dictd/wire.h"
#include "reactor/connection_set.h"

namespace dictd {

// The loop thread's. Service and connections outlive it, and it outlives every connection it was given.
class Framed {
 public:
  struct Options {
    std::string server_name;                       // what HELLO is answered with
    std::uint32_t largest_frame = 64 * 1024;       // from a client that is logged in
    std::uint32_t largest_anonymous_frame = 4096;  // from one that is not
    std::uint32_t largest_answer = wire::kLargestAnswer;
    reactor::ConnectionLimits connection;
  };

  Framed(Options options, Service& service, reactor::ConnectionSet& connections);

  // Takes a new client in, or tells it why not.
  void accept(std::unique_ptr<reactor::Stream> stream, const reactor::Address& peer);

  // Refuses the look-ups whose events were lost. Before the loop releases their tickets.
  void settle(const Service::Settled& settled);

 private:
  class Client;

  // Answers to look-ups, one after the other, whose ticket is not settled.
  struct Unsettled {
    Ticket ticket;
    reactor::ConnectionHandle connection;
    std::uint64_t begin, end;  // in the connection's output
  };

  [[nodiscard]] static reactor::Buffer refusals_of(std::string_view frames);

  const Options options_;
  Service& service_;
  reactor::ConnectionSet& connections_;
  std::vector<Unsettled> unsettled_;
};

}  // namespace dictd
