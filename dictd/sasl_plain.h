// The PLAIN mechanism of SASL (RFC 4616): a message `[authzid] NUL name NUL password` in base64. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dictd {

struct PlainCredentials {
  std::string name;
  std::string password;
};

// None if it is not such a message, or asks to act as somebody else. What name and password may be is not checked.
[[nodiscard]] std::optional<PlainCredentials> parse_sasl_plain(std::string_view base64);

}  // namespace dictd
