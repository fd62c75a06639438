#include "test/support/certificates.h"

#include <fstream>
#include <stdexcept>

#include "test/support/process.h"

namespace support {
namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Outcome outcome = run({arguments});
  if (outcome.status != 0) throw std::runtime_error("openssl " + arguments[1] + " failed: " + outcome.errors);
}

void make_key(const std::string& type, const std::string& file) {
  const bool rsa = type == "RSA";
  openssl({"genpkey", "-algorithm", type, "-pkeyopt", rsa ? "rsa_keygen_bits:2048" : "ec_paramgen_curve:P-256", "-out",
           file});
}

}  // namespace

CertificateAuthority::CertificateAuthority()
    : settings_(dir_.file("settings")), file_(dir_.file("authority.pem")), key_file_(dir_.file("authority.key")) {
  std::ofstream(settings_) << "[req]\ndistinguished_name = none\n[none]\n";
  make_key("EC", key_file_);
  openssl({"req", "-config", settings_, "-x509", "-key", key_file_, "-days", "1", "-subj", "/CN=authority", "-addext",
           "basicConstraints=critical,CA:TRUE", "-out", file_});
}

Certificate CertificateAuthority::issue(const std::string& names, int days, const std::string& key_type) {
  const std::string base = dir_.file("certificate" + std::to_string(++issued_));
  Certificate issued{base + ".pem", base + ".key"};
  make_key(key_type, issued.key_file);
  openssl({"req", "-config", settings_, "-new", "-key", issued.key_file, "-subj", "/CN=server", "-addext",
           "subjectAltName=" + names, "-out", base + ".request"});
  openssl({"x509", "-req", "-in", base + ".request", "-copy_extensions", "copy", "-CA", file_, "-CAkey", key_file_,
           "-days", std::to_string(days), "-out", issued.file});
  return issued;
}

void lock_key(const std::string& key_file, const std::string& locked_file) {
  openssl({"pkey", "-in", key_file, "-aes256", "-passout", "pass:secret", "-out", locked_file});
}

}  // namespace support
