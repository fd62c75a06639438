// What the front-ends have in common: they take clients in or turn them away, answer one request of a connection after
// the other, and refuse an answer that is already written when its look-up could not be recorded.
//
// Not here: what is read and written (framed.h, dict2229.h), and what a request means (service.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "dictd/service.h"
#include "reactor/connection_set.h"

namespace dictd {

// One client's requests. While a callback is under way its connection is paused, so answers keep the order of the requests,
// and a client has at most one job at work.
class Client : public reactor::Connection::Handler {
 public:
  void on_shutdown(reactor::Connection& connection) final;

 protected:
  // The last answer; the connection ends after it.
  virtual void say_shutting_down(reactor::Connection& connection) = 0;

  // Pauses the connection, and gives the callback that answers and resumes it: answer(client, connection, Result<T>), if
  // the client is still there. `Kind` is the client's own class.
  template <typename Kind, typename T, typename Answer>
  Done<T> answer_later(reactor::ConnectionSet& connections, reactor::Connection& connection, Answer answer) {
    connection.pause();
    busy_ = true;
    return [&connections, handle = connection.handle(), answer](Result<T> result) {
      reactor::Connection* const found = connections.find(handle);
      if (found == nullptr) return;  // gone in the middle of it
      auto& client = static_cast<Kind&>(found->handler());
      client.busy_ = false;
      if (found->is_open()) {
        answer(client, *found, std::move(result));
        if (client.stopping_) client.on_shutdown(*found);
      }
      found->resume();
    };
  }

 private:
  bool busy_ = false;      // a callback is under way
  bool stopping_ = false;  // ends as soon as it is not busy
};

// All clients of one protocol. The loop thread's. Service and connections outlive it, and it outlives every connection it
// was given.
class FrontEnd {
 public:
  FrontEnd(Service& service, reactor::ConnectionSet& connections, const reactor::ConnectionLimits& limits);
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  // Takes a new client in, or tells it why not. `encrypted`: nobody on the way can read along.
  void accept(std::unique_ptr<reactor::Stream> stream, const reactor::Address& peer, bool encrypted);

  // Refuses the look-ups whose events were lost. Before the loop releases their tickets.
  void settle(const Service::Settled& settled);

 protected:
  ~FrontEnd() = default;

  [[nodiscard]] Service& service() { return service_; }
  [[nodiscard]] reactor::ConnectionSet& connections() { return connections_; }

  // The output from `begin` on, which has answers to look-ups, waits until their ticket is settled.
  void hold(reactor::Connection& connection, std::uint64_t begin, Ticket ticket);

 private:
  [[nodiscard]] virtual std::unique_ptr<Client> make_client(bool encrypted) = 0;
  virtual void greet(reactor::Connection& /*connection*/) {}
  // What a client that is not taken in is told.
  virtual void write_too_many(reactor::Buffer& output) = 0;
  // The same answers, with a refusal in the place of each that is to a look-up.
  [[nodiscard]] virtual reactor::Buffer refusals_of(std::string_view answers) = 0;

  // Answers to look-ups, one after the other, whose ticket is not settled.
  struct Unsettled {
    Ticket ticket;
    reactor::ConnectionHandle connection;
    std::uint64_t begin, end;  // in the connection's output
  };

  Service& service_;
  reactor::ConnectionSet& connections_;
  const reactor::ConnectionLimits limits_;
  std::vector<Unsettled> unsettled_;
};

}  // namespace dictd
