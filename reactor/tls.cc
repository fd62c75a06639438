#include "reactor/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <new>

namespace reactor {
namespace {

class TlsErrors final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<TlsError>(code)) {
      case TlsError::kProtocol: return "the peer does not speak TLS, or no version in common";
      case TlsError::kTruncated: return "the peer ended without saying so";
      case TlsError::kUntrustedCertificate: return "the peer's certificate is not trusted";
      case TlsError::kWrongHost: return "the peer's certificate is another host's";
      case TlsError::kOutOfDate: return "the peer's certificate has expired or is not valid yet";
    }
    return "unknown error";
  }
};

// Why the call before failed, as OpenSSL or the system says it.
struct Reason {
  explicit Reason(unsigned long code) : from_system(ERR_SYSTEM_ERROR(code)) {
    const char* const known = from_system ? nullptr : ERR_reason_error_string(code);
    text = from_system ? std::system_category().message(ERR_GET_REASON(code)) : (known != nullptr ? known : "unknown");
  }
  bool from_system;
  std::string text;
};

// "… cannot be used: " and the system's reason, or else what the file should have held.
std::string unusable(const std::string& what, const std::string& should_hold) {
  const Reason reason(ERR_peek_error());
  return what +
         " cannot be used: " + (reason.from_system ? reason.text : "no " + should_hold + " (" + reason.text + ")");
}

// Nobody is there to be asked for a passphrase.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*user*/) { return -1; }

SSL_CTX* new_context(const SSL_METHOD* method) {
  SSL_CTX* const context = SSL_CTX_new(method);
  if (context == nullptr) throw std::bad_alloc();
  (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);  // fails only for versions that do not exist
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets, which the clients keep.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ERR_clear_error();
  return context;
}

}  // namespace

std::error_code make_error_code(TlsError error) {
  static const TlsErrors category;
  return {static_cast<int>(error), category};
}

// ---- What connections share -------------------------------------------------------------------------------------

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

tl::expected<TlsContext, std::string> TlsContext::for_server(const std::string& certificate_file,
                                                             const std::string& key_file) {
  std::unique_ptr<SSL_CTX, Free> context(new_context(TLS_server_method()));
  const std::string certificate = "the certificate " + certificate_file;
  const std::string key = "the key " + key_file;
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return tl::unexpected(unusable(certificate, "certificate in PEM that is good enough"));
  }
  const bool taken = SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!taken && ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_X509) {
    return tl::unexpected(unusable(key, "key in PEM without a passphrase"));
  }
  if (!taken || SSL_CTX_check_private_key(context.get()) != 1) {
    return tl::unexpected(key + " is not that of " + certificate);
  }
  return TlsContext(std::move(context));
}

tl::expected<TlsContext, std::string> TlsContext::for_client(const std::string& ca_file) {
  std::unique_ptr<SSL_CTX, Free> context(new_context(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                      : SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
  if (!loaded) return tl::unexpected(unusable("the certificates in " + ca_file, "certificate in PEM"));
  return TlsContext(std::move(context));
}

// ---- The socket, for OpenSSL ------------------------------------------------------------------------------------
//
// Its own would raise SIGPIPE, and keep to itself what went wrong.

struct TlsStream::Bio {
  static int read(BIO* bio, char* into, int size) {
    auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    stream.last_ = stream.socket_.read({into, static_cast<std::size_t>(size)});
    if (stream.last_.kind == IoResult::Kind::kAgain) BIO_set_retry_read(bio);
    return moved(stream.last_);
  }
  static int write(BIO* bio, const char* bytes, int size) {
    auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    stream.last_ = stream.socket_.write({bytes, static_cast<std::size_t>(size)});
    if (stream.last_.kind == IoResult::Kind::kAgain) BIO_set_retry_write(bio);
    return moved(stream.last_);
  }
  // Nothing is buffered, so that flushing is always done; of the rest, nothing is known.
  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static int moved(const IoResult& result) {
    if (result.kind == IoResult::Kind::kDone) return static_cast<int>(result.bytes);
    return result.kind == IoResult::Kind::kEof ? 0 : -1;
  }
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {  // for the life of the process
      BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "reactor::SocketStream");
      if (method == nullptr) throw std::bad_alloc();
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
};

// ---- A connection -----------------------------------------------------------------------------------------------

void TlsStream::Free::operator()(ssl_st* connection) const { SSL_free(connection); }

TlsStream::TlsStream(const TlsContext& context, Fd fd)
    : socket_(std::move(fd)), connection_(SSL_new(context.context_.get())) {
  BIO* const bio = connection_ ? BIO_new(Bio::method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
  SSL_set_accept_state(connection_.get());
}

TlsStream::TlsStream(const TlsContext& context, Fd fd, const std::string& host) : TlsStream(context, std::move(fd)) {
  SSL_set_connect_state(connection_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection_.get()), host.c_str()) == 1) return;
  // A server of several names is told which is meant (RFC 6066, which leaves addresses out).
  if (SSL_set1_host(connection_.get(), host.c_str()) != 1 ||
      SSL_set_tlsext_host_name(connection_.get(), host.c_str()) != 1) {
    error_ = TlsError::kWrongHost;  // no certificate can be for such a name
  }
}

bool TlsStream::is_established() const { return SSL_is_init_finished(connection_.get()) == 1; }

IoResult TlsStream::handshake() {
  if (error_) return {IoResult::Kind::kError, 0, error_};
  ERR_clear_error();
  return outcome(SSL_do_handshake(connection_.get()), 0, Waits::kToRead);
}

IoResult TlsStream::read(std::span<char> into) {
  if (error_) return {IoResult::Kind::kError, 0, error_};
  if (finishing_) {
    const IoResult finished = send_close_notify();
    if (finished.kind != IoResult::Kind::kDone) return finished;
  }
  std::size_t bytes = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(connection_.get(), into.data(), into.size(), &bytes);
  return outcome(result, bytes, Waits::kToRead);
}

IoResult TlsStream::write(std::string_view bytes) {
  if (error_) return {IoResult::Kind::kError, 0, error_};
  std::size_t written = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written);
  return outcome(result, written, Waits::kToWrite);
}

void TlsStream::finish() {
  if (error_ || !is_established()) return socket_.finish();
  finishing_ = true;
  (void)send_close_notify();  // when it must wait, the next read goes on with it, and tells an error as well
}

IoResult TlsStream::send_close_notify() {
  ERR_clear_error();
  const int result = SSL_shutdown(connection_.get());
  if (result < 0) return outcome(result, 0, Waits::kToRead);
  finishing_ = false;
  socket_.finish();
  return {IoResult::Kind::kDone};
}

IoResult TlsStream::outcome(int result, std::size_t bytes, Waits waits) {
  if (result > 0) return {IoResult::Kind::kDone, bytes};
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {.kind = IoResult::Kind::kAgain, .crossed = waits == Waits::kToWrite};
    case SSL_ERROR_WANT_WRITE: return {.kind = IoResult::Kind::kAgain, .crossed = waits == Waits::kToRead};
    case SSL_ERROR_ZERO_RETURN: return {IoResult::Kind::kEof};
    case SSL_ERROR_SYSCALL: error_ = last_.error ? last_.error : TlsError::kTruncated; break;
    default: error_ = protocol_error(); break;
  }
  return {IoResult::Kind::kError, 0, error_};
}

std::error_code TlsStream::protocol_error() const {
  switch (SSL_get_verify_result(connection_.get())) {
    case X509_V_OK: return TlsError::kProtocol;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return TlsError::kWrongHost;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return TlsError::kOutOfDate;
    default: return TlsError::kUntrustedCertificate;
  }
}

}  // namespace reactor
