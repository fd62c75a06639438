// Internet addresses, written as people write them: 127.0.0.1:8888, [::1]:8888, localhost:8888.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace reactor {

// An IPv4 or IPv6 address with its port. A value; any thread.
class Address {
 public:
  Address() = default;
  Address(const sockaddr* address, socklen_t length);

  [[nodiscard]] const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t length() const;
  [[nodiscard]] int family() const { return storage_.sin6_family; }
  [[nodiscard]] std::uint16_t port() const;

  // "127.0.0.1:8888" or "[::1]:8888"; host_text() is the same without port and brackets.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string host_text() const;

  // The host without its port, IPv4 mapped into IPv6: a key to count connections by.
  using HostKey = std::array<std::uint8_t, 16>;
  [[nodiscard]] HostKey host_key() const;

 private:
  sockaddr_in6 storage_{};  // holds an IPv4 address as well: sockaddr_in is smaller and begins with the same members
};

// All addresses a host name (or a numeric address) stands for, in the resolver's order. Blocks on the
// resolver: not for a loop. The error is a sentence.
[[nodiscard]] tl::expected<std::vector<Address>, std::string> resolve(const std::string& host, std::uint16_t port);

// "ADDR:PORT"; an empty ADDR or "*" is every IPv4 address of the machine, "[::]" every IPv6 one and, unless the system
// is told otherwise, every IPv4 one too; port 0 lets the system choose. Resolves names.
[[nodiscard]] tl::expected<Address, std::string> parse_listen_address(std::string_view text);

}  // namespace reactor
