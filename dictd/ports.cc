#include "dictd/ports.h"

#include <string>
#include <utility>

#include "reactor/socket.h"

namespace dictd {
namespace {

tl::expected<Listener, StartError> bind_one(const std::string& text, const Port& port) {
  const auto address = reactor::parse_listen_address(text);
  if (!address) return tl::unexpected(StartError{kExitUsage, std::string(port.option) + ": " + address.error()});
  auto fd = reactor::bind_to(*address);
  if (!fd) {
    return tl::unexpected(StartError{kExitListen, "cannot listen on " + text + ": " + fd.error().message() +
                                                      "; choose another address with " + port.option + " ADDR:PORT"});
  }
  return Listener{port, std::move(*fd), *address};
}

}  // namespace

tl::expected<std::vector<Listener>, StartError> bind_ports(const Config& config) {
  const std::pair<Port, const std::vector<std::string>&> wanted[] = {
      {{"--listen", false, false}, config.listen},
      {{"--tls-listen", false, true}, config.tls_listen},
      {{"--dict-listen", true, false}, config.dict_listen},
      {{"--dict-tls-listen", true, true}, config.dict_tls_listen},
  };
  std::vector<Listener> listeners;
  for (const auto& [port, addresses] : wanted) {
    for (const std::string& address : addresses) {
      auto listener = bind_one(address, port);
      if (!listener) return tl::unexpected(listener.error());
      listeners.push_back(std::move(*listener));
    }
  }
  return listeners;
}

}  // namespace dictd
