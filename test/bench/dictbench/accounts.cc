#include "test/bench/dictbench/accounts.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
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
constexpr int kMostAgain = 600;
constexpr int kAgainAfterMs = 100;

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

bool is_error(const std::optional<wire::Frame>& answer, dictd::ErrorCode code) {
  if (!answer || answer->type != wire::Type::kError) return false;
  const auto error = wire::decode<wire::ErrorAnswer>(answer->fields);
  return error && error->code == static_cast<std::uint16_t>(code);
}

// The answer to a request that was sent; one that the server was too busy for is sent again.
template <typename Request>
std::optional<wire::Frame> answer_to(Asker& asker, const Request& request) {
  auto answer = asker.receive();
  for (int again = 0; again < kMostAgain && is_error(answer, dictd::ErrorCode::kOverloaded); ++again) {
    ::poll(nullptr, 0, kAgainAfterMs);
    if (!asker.send(request)) return std::nullopt;
    answer = asker.receive();
  }
  return answer;
}

Tokens read_tokens(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) tokens.push_back(line);
  }
  if (tokens.empty()) return tl::unexpected("there are no tokens in " + file);
  return tokens;
}

using Done = tl::expected<void, std::string>;

// One user with each asker.
Done register_some(std::span<Asker> askers, const std::vector<std::string>& names) {
  for (std::size_t n = 0; n < names.size(); ++n) {
    if (!askers[n].send(wire::RegisterRequest{names[n], kPassword})) return tl::unexpected(reason_of(std::nullopt));
  }
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto answer = answer_to(askers[n], wire::RegisterRequest{names[n], kPassword});
    if (is_error(answer, dictd::ErrorCode::kNameTaken)) continue;
    if (!answer || answer->type != wire::RegisterAnswer::kType) {
      return tl::unexpected("user " + names[n] + " cannot be registered: " + reason_of(answer));
    }
  }
  return {};
}

// Appends the tokens of these users to `tokens`; answers false, and appends none, when one of them is not known.
tl::expected<bool, std::string> log_some_in(std::span<Asker> askers, const std::vector<std::string>& names,
                                            std::vector<std::string>& tokens) {
  for (std::size_t n = 0; n < names.size(); ++n) {
    if (!askers[n].send(wire::LoginRequest{names[n], kPassword})) return tl::unexpected(reason_of(std::nullopt));
  }
  const std::size_t before = tokens.size();
  bool all_known = true;
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto answer = answer_to(askers[n], wire::LoginRequest{names[n], kPassword});
    const auto logged_in = answer && answer->type == wire::LoginAnswer::kType
                               ? wire::decode<wire::LoginAnswer>(answer->fields)
                               : tl::unexpected(wire::DecodeError::kTooShort);
    if (logged_in) {
      tokens.emplace_back(logged_in->token);
    } else if (is_error(answer, dictd::ErrorCode::kBadCredentials)) {
      all_known = false;
    } else {
      return tl::unexpected("user " + names[n] + " cannot log in: " + reason_of(answer));
    }
  }
  if (!all_known) tokens.resize(before);
  return all_known;
}

Tokens log_users_in(const Options& options, const reactor::Address& address) {
  std::vector<Asker> askers;
  for (std::size_t n = 0; n < std::min(kAtOnce, options.users); ++n) {
    auto fd = reactor::connect_within(address, std::chrono::milliseconds(kPatienceMs));
    if (!fd) return tl::unexpected("cannot connect to " + address.text() + ": " + fd.error().message());
    askers.emplace_back(std::move(*fd));
  }
  std::vector<std::string> tokens;
  // A log-in that fails counts against this address, and costs the server as much as one that succeeds: once a user was
  // missing, the next ones are registered first.
  bool are_new = false;
  auto shown = std::chrono::steady_clock::now();
  while (tokens.size() < options.users) {
    std::vector<std::string> names;
    while (names.size() < askers.size() && tokens.size() + names.size() < options.users) {
      names.push_back(user_name(options, tokens.size() + names.size()));
    }
    if (are_new) {
      if (const auto done = register_some(askers, names); !done) return tl::unexpected(done.error());
    }
    const auto all_known = log_some_in(askers, names, tokens);
    if (!all_known) return tl::unexpected(all_known.error());
    if (!*all_known && are_new) return tl::unexpected(std::string("a user is there already, with another password"));
    if (!*all_known) are_new = true;
    if (const auto now = std::chrono::steady_clock::now(); !options.quiet && now - shown >= std::chrono::seconds(1)) {
      shown = now;
      std::fprintf(stderr, "%zu of %zu users logged in\n", tokens.size(), options.users);
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
