#include "test/integration/dict2229_fixture.h"

#include <sodium.h>

#include "reactor/address.h"

namespace integration {
namespace {

constexpr const char* kWords =
    "apple\tn. 苹果\n"
    "apply\tv. 申请\n"
    "ice cream\tn. 冰淇淋\n"
    "pear\tn. 梨\n";
constexpr const char* kMore =
    "pear\ta fruit\n"
    "pear\ta tree\n"
    "dot\t.begins with one\n"
    "a \"b\" \\ c\tquotes and a backslash\n"
    "rock'n'roll\tmusic\n"
    "café\ta place\n";

}  // namespace

std::string read_line(support::Peer& peer) {
  std::string line;
  while (!line.ends_with('\n')) {
    const std::string byte = peer.receive(1);
    if (byte.empty()) break;
    line += byte;
  }
  return line;
}

std::string plain(const std::string& name, const std::string& password) {
  const std::string message = std::string(1, '\0') + name + std::string(1, '\0') + password;
  std::string base64(sodium_base64_ENCODED_LEN(message.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(base64.data(), base64.size(), reinterpret_cast<const unsigned char*>(message.data()),
                    message.size(), sodium_base64_VARIANT_ORIGINAL);
  base64.resize(base64.find('\0'));
  return base64;
}

DictPort::DictPort(std::vector<std::string> options, Words words)
    : database_(support::shared_mariadb().fresh_database()) {
  if (words == Words::kSome) {
    support::load_words(database_, "words", kWords, "The words");
    support::load_words(database_, "more", kMore, "More \"words\"");
  }
  options.insert(options.begin(), {"--dict-listen", "127.0.0.1:0"});
  dictd_.emplace(database_, std::move(options));
  port_ = dictd_->logged_port("listening for DICT on 127.0.0.1:");
}

support::Peer DictPort::connect() const {
  return support::Peer::connect(*reactor::parse_listen_address("127.0.0.1:" + std::to_string(port_)));
}

std::string DictPort::converse(const std::string& sent) const {
  support::Peer peer = connect();
  (void)read_line(peer);
  peer.send(sent);
  return peer.receive_all();
}

std::string DictPort::banner() const {
  support::Peer peer = connect();
  return read_line(peer);
}

// The loop serves connections in the order their bytes came.
void DictPort::wait_until_read() const { (void)converse("QUIT\r\n"); }

}  // namespace integration
