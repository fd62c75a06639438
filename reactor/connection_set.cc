#include "reactor/connection_set.h"

#include <cassert>

namespace reactor {

ConnectionSet::~ConnectionSet() {
  when_empty_ = nullptr;
  for_each([](Connection& connection) { connection.close(CloseReason::kEnded); });
}

tl::expected<void, ConnectionSet::Refusal> ConnectionSet::admits(const Address& peer) const {
  if (size_ >= caps_.total) return tl::unexpected(Refusal::kTotal);
  const auto found = by_address_.find(peer.host_key());
  if (found != by_address_.end() && found->second >= caps_.per_address) return tl::unexpected(Refusal::kPerAddress);
  return {};
}

tl::expected<ConnectionHandle, ConnectionSet::Refusal> ConnectionSet::add(std::unique_ptr<Stream> stream,
                                                                          const Address& peer,
                                                                          std::unique_ptr<Connection::Handler> handler,
                                                                          const ConnectionLimits& limits) {
  if (const auto admitted = admits(peer); !admitted) return tl::unexpected(admitted.error());
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  Place& place = places_[slot];
  const ConnectionHandle handle{slot, place.serial};
  place.connection =
      std::make_unique<Connection>(loop_, *this, handle, limits, std::move(stream), peer, std::move(handler));
  if (!place.connection->start()) {
    place.connection.reset();
    return tl::unexpected(Refusal::kSystem);
  }
  free_.pop_back();
  ++by_address_[peer.host_key()];
  ++size_;
  return handle;
}

Connection* ConnectionSet::find(ConnectionHandle handle) {
  if (handle.slot >= places_.size() || places_[handle.slot].serial != handle.serial) return nullptr;
  return places_[handle.slot].connection.get();
}

void ConnectionSet::for_each(const std::function<void(Connection&)>& visit) {
  for (Place& place : places_) {
    if (place.connection) visit(*place.connection);
  }
}

void ConnectionSet::on_closed(Connection& connection, CloseReason reason) {
  ++closed_[static_cast<std::size_t>(reason)];
  leave(connection);
  if (size_ == 0 && when_empty_) when_empty_();
}

void ConnectionSet::leave(Connection& connection) {
  const std::uint32_t slot = connection.handle().slot;
  const auto counted = by_address_.find(connection.peer().host_key());
  assert(counted != by_address_.end());
  if (--counted->second == 0) by_address_.erase(counted);
  --size_;
  Place& place = places_[slot];
  ++place.serial;
  free_.push_back(slot);
  loop_.bury(std::move(place.connection));
}

}  // namespace reactor
