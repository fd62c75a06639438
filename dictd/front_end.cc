#include "dictd/front_end.h"

#include <spdlog/spdlog.h>

namespace dictd {

using reactor::Buffer;
using reactor::Connection;

void Client::on_shutdown(Connection& connection) {
  stopping_ = true;
  if (!busy_) say_shutting_down(connection);
}

FrontEnd::FrontEnd(Service& service, reactor::ConnectionSet& connections, const reactor::ConnectionLimits& limits)
    : service_(service), connections_(connections), limits_(limits) {}

void FrontEnd::accept(std::unique_ptr<reactor::Stream> stream, const reactor::Address& peer, bool encrypted) {
  if (connections_.admits(peer)) {
    const auto added = connections_.add(std::move(stream), peer, make_client(encrypted), limits_);
    if (!added) return spdlog::warn("a connection from {} could not be watched, and was closed", peer.text());
    return greet(*connections_.find(*added));
  }
  spdlog::debug("refused a connection from {}: too many", peer.text());
  Buffer refusal;
  write_too_many(refusal);
  // One try: a socket that was just accepted takes so few bytes, and nobody waits for one that does not.
  (void)stream->write(refusal.view());
  stream->finish();
}

void FrontEnd::hold(Connection& connection, std::uint64_t begin, Ticket ticket) {
  connection.hold(ticket);
  unsettled_.push_back({ticket, connection.handle(), begin, connection.output_end()});
}

void FrontEnd::settle(const Service::Settled& settled) {
  // From the last to the first, for a refusal has another size than the answer it replaces.
  for (std::size_t left = unsettled_.size(); left > 0; --left) {
    const Unsettled& answers = unsettled_[left - 1];
    if (!settled.is_lost(answers.ticket)) continue;
    Connection* const connection = connections_.find(answers.connection);
    if (connection == nullptr) continue;
    const Buffer refusals = refusals_of(connection->held(answers.begin, answers.end));
    connection->replace_held(answers.begin, answers.end, refusals.view());
  }
  std::erase_if(unsettled_, [&settled](const Unsettled& answers) {
    return answers.ticket <= settled.released || settled.is_lost(answers.ticket);
  });
}

}  // namespace dictd
