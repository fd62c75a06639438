// What the tests of TLS share: one certificate for all of them, whoever trusts it, and bytes to send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "reactor/tls.h"
#include "test/support/certificates.h"

namespace reactor {

// Made once for all tests of the program.
inline support::CertificateAuthority& authority() {
  static support::CertificateAuthority made;
  return made;
}
inline const support::Certificate& certificate() {
  static const support::Certificate made = authority().issue("DNS:dictionary.example,DNS:*.wild.example,IP:127.0.0.1");
  return made;
}
inline TlsContext server_context(const support::Certificate& used = certificate()) {
  return *TlsContext::for_server(used.file, used.key_file);
}
inline TlsContext client_context() { return *TlsContext::for_client(authority().file()); }

// Bytes without a period that a lost or doubled piece could hide in.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  return bytes;
}

}  // namespace reactor
