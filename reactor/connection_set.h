// All connections of a server: owns them, names them by handles, counts them against the caps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "reactor/connection.h"

namespace reactor {

// Loop thread only. Outlived by the loop.
class ConnectionSet final : public Connection::Owner {
 public:
  struct Caps {
    std::size_t total = 10'000;
    std::size_t per_address = 10'000;
  };
  enum class Refusal : std::uint8_t { kTotal, kPerAddress, kSystem };

  ConnectionSet(Loop& loop, const Caps& caps) : loop_(loop), caps_(caps) {}
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  // Whether one more from this address is within the caps.
  [[nodiscard]] tl::expected<void, Refusal> admits(const Address& peer) const;
  // Takes the connection in. `limits` outlives it.
  [[nodiscard]] tl::expected<ConnectionHandle, Refusal> add(std::unique_ptr<Stream> stream, const Address& peer,
                                                            std::unique_ptr<Connection::Handler> handler,
                                                            const ConnectionLimits& limits);
  // Null once it is closed.
  [[nodiscard]] Connection* find(ConnectionHandle handle);
  // `visit` may close connections, and adds none.
  void for_each(const std::function<void(Connection&)>& visit);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t closed(CloseReason reason) const { return closed_[static_cast<std::size_t>(reason)]; }
  // Called after the last one is gone.
  void when_empty(std::function<void()> callback) { when_empty_ = std::move(callback); }

 private:
  void on_closed(Connection& connection, CloseReason reason) override;
  void leave(Connection& connection);

  struct Place {
    std::unique_ptr<Connection> connection;
    std::uint32_t serial = 0;  // of the connection here, or of the next one
  };

  Loop& loop_;
  Caps caps_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::map<Address::HostKey, std::uint32_t> by_address_;
  std::size_t size_ = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(CloseReason::kCount)> closed_{};
  std::function<void()> when_empty_;
};

}  // namespace reactor
