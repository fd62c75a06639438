#include "test/bench/dictbench/accounts.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "dictd/error.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "reactor/socket.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;
using Tokens = tl::expected<std::vector<std::string>, std::string>;

// Log-ins under way at once: each costs the server a password's hash.
constexpr std::size_t kAtOnce = 8;
constexpr int kPatienceMs = 60'000;

bool wait_for(int fd, short events) {
  pollfd waiting{fd, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, kPatienceMs);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

// Asks one thing at a time.
class Asker {
 public:
  explicit Asker(reactor::Fd fd) : fd_(std::move(fd)) {}

  template <typename Request>
  bool send(const Request& request) {
    reactor::Buffer frame;
    wire::encode(frame, 1, request);
    return send_all(fd_.get(), frame.view());
  }
  // The next answer; its fields are valid until the next call. Nothing when the connection is lost.
  std::optional<wire::Frame> receive() {
    input_.erase(0, taken_);
    taken_ = 0;
    for (;;) {
      const auto frame = reactor::next_frame(input_, {wire::kSmallestFrame, wire::kLargestAnswer});
      if (frame.status == reactor::FrameResult::Status::kFrame) {
        taken_ = frame.consumed;
        return wire::parse_frame(frame.body);
      }
      std::array<char, 4096> bytes{};
      if (frame.status != reactor::FrameResult::Status::kNeedMore || !wait_for(fd_.get(), POLLIN)) return std::nullopt;
      const auto got = receive_some(fd_.get(), bytes);
      if (!got || *got == 0) return std::nullopt;
      input_.append(bytes.data(), *got);
    }
  }

 private:
  reactor::Fd fd_;
  std::string input_;
  std::size_t taken_ = 0;
};

std::string reason_of(const std::optional<wire::Frame>& answer) {
  if (!answer) return "the connection was lost";
  const auto error = wire::decode<wire::ErrorAnswer>(answer->fields);
  return error ? std::string(error->message) : "no answer to what was asked";
}

bool is_name_taken(const std::optional<wire::Frame>& answer) {
  if (!answer || answer->type != wire::Type::kError) return false;
  const auto error = wire::decode<wire::ErrorAnswer>(answer->fields);
  return error && error->code == static_cast<std::uint16_t>(dictd::ErrorCode::kNameTaken);
}

Tokens read_tokens(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(in, line);) tokens.push_back(line);
  if (tokens.empty()) return tl::unexpected("there are no tokens in " + file);
  return tokens;
}

Tokens log_users_in(const Options& options, const reactor::Address& address) {
  std::vector<Asker> askers;
  for (std::size_t n = 0; n < std::min(kAtOnce, options.users); ++n) {
    auto fd = reactor::connect_within(address, std::chrono::milliseconds(kPatienceMs));
    if (!fd) return tl::unexpected("cannot connect to " + address.text() + ": " + fd.error().message());
    askers.emplace_back(std::move(*fd));
  }
  std::vector<std::string> tokens;
  for (std::size_t first = 0; first < options.users; first += askers.size()) {
    const std::size_t count = std::min(askers.size(), options.users - first);
    for (std::size_t n = 0; n < count; ++n) {
      const std::string name = user_name(options, first + n);
      if (!askers[n].send(wire::LoginRequest{name, kPassword})) return tl::unexpected(reason_of(std::nullopt));
    }
    for (std::size_t n = 0; n < count; ++n) {
      auto answer = askers[n].receive();
      if (answer && answer->type == wire::Type::kError) {  // a new one
        const std::string name = user_name(options, first + n);
        if (!askers[n].send(wire::RegisterRequest{name, kPassword})) return tl::unexpected(reason_of(std::nullopt));
        answer = askers[n].receive();
        if (!answer || (answer->type != wire::RegisterAnswer::kType && !is_name_taken(answer))) {
          return tl::unexpected("user " + name + " cannot be registered: " + reason_of(answer));
        }
        if (!askers[n].send(wire::LoginRequest{name, kPassword})) return tl::unexpected(reason_of(std::nullopt));
        answer = askers[n].receive();
      }
      const auto logged_in = answer && answer->type == wire::LoginAnswer::kType
                                 ? wire::decode<wire::LoginAnswer>(answer->fields)
                                 : tl::unexpected(wire::DecodeError::kTooShort);
      if (!logged_in) return tl::unexpected("a user cannot log in: " + reason_of(answer));
      tokens.emplace_back(logged_in->token);
    }
  }
  return tokens;
}

}  // namespace

std::string user_name(const Options& options, std::size_t user) { return options.user_prefix + std::to_string(user); }

Tokens tokens_of_users(const Options& options, const reactor::Address& address) {
  auto tokens = options.tokens.empty() ? log_users_in(options, address) : read_tokens(options.tokens);
  if (!tokens || options.save_tokens.empty()) return tokens;
  std::ofstream out(options.save_tokens);
  for (const std::string& token : *tokens) out << token << '\n';
  if (!out.flush()) return tl::unexpected("cannot write " + options.save_tokens);
  return tokens;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_for(fd, POLLOUT)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> receive_some(int fd, std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::recv(fd, into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  return static_cast<std::size_t>(got);
}

}  // namespace dictbench
