// Certificates of a test's own, made by the openssl program in a directory of their own. Not for anything secret.
#pragma once

#include <string>
#include <vector>

#include "test/support/temp_dir.h"

namespace support {

// PEM files.
struct Certificate {
  std::string file;
  std::string key_file;
};

// A root that signs certificates. For one thread; what it issued lasts as long as it does. What goes wrong is thrown.
class CertificateAuthority {
 public:
  CertificateAuthority();

  // Its own certificate: whom a client has to trust.
  [[nodiscard]] const std::string& file() const { return file_; }
  // For these names, such as "DNS:localhost,IP:127.0.0.1"; it ends so many days from now, or ended before.
  [[nodiscard]] Certificate issue(const std::string& names, int days = 1, const std::string& key_type = "EC");

 private:
  TempDir dir_;
  std::string settings_, file_, key_file_;
  int issued_ = 0;
};

// The same key, but with a passphrase.
void lock_key(const std::string& key_file, const std::string& locked_file);

}  // namespace support
