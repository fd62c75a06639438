#include "dictd/sasl_plain.h"

#include <sodium.h>

namespace dictd {

std::optional<PlainCredentials> parse_sasl_plain(std::string_view base64) {
  std::string message(base64.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(message.data()), message.size(), base64.data(), base64.size(),
                        nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != base64.data() + base64.size()) {
    return std::nullopt;
  }
  message.resize(size);
  const std::size_t behind_authzid = message.find('\0');
  if (behind_authzid == std::string::npos) return std::nullopt;
  const std::size_t behind_name = message.find('\0', behind_authzid + 1);
  if (behind_name == std::string::npos || message.find('\0', behind_name + 1) != std::string::npos) return std::nullopt;
  PlainCredentials credentials{message.substr(behind_authzid + 1, behind_name - behind_authzid - 1),
                               message.substr(behind_name + 1)};
  const std::string_view authzid = std::string_view(message).substr(0, behind_authzid);
  if (credentials.name.empty() || (!authzid.empty() && authzid != credentials.name)) return std::nullopt;
  return credentials;
}

}  // namespace dictd
