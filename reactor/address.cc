#include "reactor/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace reactor {
namespace {

constexpr std::size_t kMappedPrefix = 12;  // bytes before the IPv4 address in its IPv6 form

}  // namespace

Address::Address(const sockaddr* address, socklen_t length) {
  std::memcpy(&storage_, address, std::min<std::size_t>(length, sizeof storage_));
}

socklen_t Address::length() const { return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }

// The port stands at the same place in sockaddr_in and sockaddr_in6.
std::uint16_t Address::port() const { return ntohs(storage_.sin6_port); }

std::string Address::host_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const HostKey host = host_key();
  if (family() == AF_INET6) return inet_ntop(AF_INET6, host.data(), text.data(), text.size());
  return inet_ntop(AF_INET, host.data() + kMappedPrefix, text.data(), text.size());
}

std::string Address::text() const {
  const std::string host = family() == AF_INET6 ? "[" + host_text() + "]" : host_text();
  return host + ":" + std::to_string(port());
}

Address::HostKey Address::host_key() const {
  HostKey key{};
  if (family() == AF_INET6) {
    std::memcpy(key.data(), &storage_.sin6_addr, key.size());
    return key;
  }
  key[10] = key[11] = 0xff;  // ::ffff:a.b.c.d, RFC 4291 section 2.5.5.2
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  std::memcpy(key.data() + kMappedPrefix, &v4.sin_addr, sizeof v4.sin_addr);
  return key;
}

tl::expected<std::vector<Address>, std::string> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return tl::unexpected("cannot find the host '" + host + "': " + gai_strerror(code));
  std::vector<Address> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET || at->ai_family == AF_INET6) addresses.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  freeaddrinfo(found);
  if (addresses.empty()) return tl::unexpected("the host '" + host + "' has no internet address");
  return addresses;
}

tl::expected<Address, std::string> parse_listen_address(std::string_view text) {
  const auto wrong = [&] {
    return tl::unexpected("'" + std::string(text) + "' is no ADDR:PORT, such as 127.0.0.1:8888 or [::1]:8888");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size()) return wrong();
  if (host.size() > 2 && host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return wrong();  // an IPv6 address without its brackets would hide which colon parts the port
  }
  if (host.empty() || host == "*") host = "0.0.0.0";
  return resolve(std::string(host), port).map([](const std::vector<Address>& all) { return all.front(); });
}

}  // namespace reactor
