// TLS over a socket, by OpenSSL: the only place that includes it.
//
// A context holds what many connections share: a server's certificate and key, or whom a client trusts. A stream is
// one connection; its handshake is made by the reads and writes that need it. TLS 1.2 or later with OpenSSL's own
// choice of ciphers; no compression, no renegotiation. A peer that ends without saying so (close_notify) may have been
// cut off by somebody else, and is an error. Not for certificates of clients.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <tl/expected.hpp>

#include "reactor/fd.h"
#include "reactor/stream.h"

struct ssl_st;
struct ssl_ctx_st;

namespace reactor {

// What IoResult::error tells beside the errors of the socket.
enum class TlsError : std::uint8_t {
  kProtocol = 1,          // what came is not TLS, or no version or cipher is common to both
  kTruncated,             // the peer's end came without its close_notify
  kUntrustedCertificate,  // nobody the client trusts has signed it
  kWrongHost,             // it is another host's
  kOutOfDate,             // it has expired, or is not valid yet
};
[[nodiscard]] std::error_code make_error_code(TlsError error);

// What connections share. A value that moves; one thread at a time. Streams made from it may outlive it.
class TlsContext {
 public:
  // PEM files: the server's certificate followed by those that lead to its root, and its key without a passphrase.
  // Reads files, and so blocks. The error is a sentence that names the file.
  [[nodiscard]] static tl::expected<TlsContext, std::string> for_server(const std::string& certificate_file,
                                                                        const std::string& key_file);
  // Trusts the certificates in a PEM file; with no name, those that the system trusts.
  [[nodiscard]] static tl::expected<TlsContext, std::string> for_client(const std::string& ca_file);

 private:
  friend class TlsStream;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, Free> context) : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

// One connection. One thread at a time: the loop's, if it is on one.
class TlsStream final : public Stream {
 public:
  // The server's end of a socket that does not block.
  TlsStream(const TlsContext& context, Fd fd);
  // The client's end: the certificate must be that of `host`, a name or a numeric address.
  TlsStream(const TlsContext& context, Fd fd, const std::string& host);

  // Makes the handshake, as read() and write() do by themselves. kDone, with no bytes, once it is made.
  [[nodiscard]] IoResult handshake();

  [[nodiscard]] IoResult read(std::span<char> into) override;
  [[nodiscard]] IoResult write(std::string_view bytes) override;
  // What does not fit the socket now is sent by the reads that follow.
  void finish() override;
  [[nodiscard]] int fd() const override { return socket_.fd(); }
  [[nodiscard]] bool mixes_directions() const override { return true; }
  [[nodiscard]] bool is_established() const override;

 private:
  struct Free {
    void operator()(ssl_st* connection) const;
  };
  // The socket as OpenSSL reads and writes it.
  struct Bio;

  enum class Waits : std::uint8_t { kToRead, kToWrite };  // as the caller expects

  [[nodiscard]] IoResult outcome(int result, std::size_t bytes, Waits waits);
  [[nodiscard]] std::error_code protocol_error() const;
  [[nodiscard]] IoResult send_close_notify();

  SocketStream socket_;
  IoResult last_;  // what the socket said last
  std::unique_ptr<ssl_st, Free> connection_;
  std::error_code error_;   // once it is broken
  bool finishing_ = false;  // close_notify has to be sent
};

}  // namespace reactor

template <>
struct std::is_error_code_enum<reactor::TlsError> : std::true_type {};
