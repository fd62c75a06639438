#include "test/integration/torture_crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

constexpr std::uint8_t kQuery = 0x05;
constexpr std::uint8_t kFound = 0x85;
constexpr std::uint8_t kResumed = 0x8c;
constexpr std::uint16_t kUnavailable = 9;
constexpr std::uint16_t kOverloaded = 10;
constexpr std::uint32_t kResumeId = 0xffffffff;
constexpr std::chrono::milliseconds kAfterRefusal{5};
constexpr int kLookAroundMs = 5;              // for a pause that is over, the rate, the end
constexpr std::chrono::seconds kSilence{90};  // longer than a server may take over any answer

void append_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

Crowd::Crowd(std::uint16_t port, const Shape& shape) : shape_(shape) {
  for (std::size_t user = 0; user < shape.users; ++user) {
    Client client(port);
    (void)client.ask(sign_up(user_name(user), kPassword));
    tokens_.push_back(client.token_of(log_in(user_name(user), kPassword)));
  }
  for (std::size_t i = 0; i < shape.lookers; ++i) {
    Looker& looker = lookers_.emplace_back();
    const Request request = resume(tokens_[i % tokens_.size()]);
    looker.resume = frame(request.type, kResumeId, request.fields);
    looker.word = std::to_string(i) + ".";
  }
}

Crowd::~Crowd() { end(); }

void Crowd::begin(std::vector<std::uint16_t> ports) {
  stop_ = false;
  begun_ = heard_ = Clock::now();
  sent_ = 0;
  for (std::size_t i = 0; i < lookers_.size(); ++i) connect(lookers_[i], ports[i % ports.size()]);
  thread_ = std::thread([this] { run(); });
}

void Crowd::end() {
  stop_ = true;
  join();
}

void Crowd::join() {
  if (thread_.joinable()) thread_.join();
}

void Crowd::connect(Looker& looker, std::uint16_t port) {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  looker.socket = reactor::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!looker.socket ||
      ::connect(looker.socket.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
      ::setsockopt(looker.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    throw std::system_error(errno, std::generic_category(), "a looker cannot connect");
  }
  looker.logged_in = false;
  looker.input.clear();
  looker.consumed = 0;
  looker.next_answer = looker.fates.size();
  looker.pause = {};
  (void)::send(looker.socket.get(), looker.resume.data(), looker.resume.size(), MSG_NOSIGNAL);
}

void Crowd::run() {
  while (wait()) {
  }
  for (Looker& looker : lookers_) looker.socket.reset();
}

bool Crowd::wait() {
  std::vector<pollfd> watched;
  const Clock::time_point now = Clock::now();
  bool busy = !stop_;
  for (Looker& looker : lookers_) {
    if (!looker.socket) continue;
    if (!stop_) send_more(looker, now);
    busy = busy || looker.next_answer < looker.fates.size();
  }
  for (const Looker& looker : lookers_) watched.push_back({looker.socket.get(), POLLIN, 0});  // -1: passed over
  if (now - heard_ > kSilence) {
    fail("no answer for a long time");
    return false;
  }
  const bool none =
      std::ranges::none_of(lookers_, [](const Looker& looker) { return static_cast<bool>(looker.socket); });
  if (none || !busy) return false;
  if (::poll(watched.data(), watched.size(), kLookAroundMs) < 0 && errno != EINTR) fail("poll");
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].revents != 0) receive(lookers_[i], now);
  }
  return true;
}

// A window half empty is filled up: the server sees many requests at once, and never none.
void Crowd::send_more(Looker& looker, Clock::time_point now) {
  const std::size_t under_way = looker.fates.size() - looker.next_answer;
  if (!looker.logged_in || now < looker.pause || under_way > shape_.under_way / 2) return;
  std::size_t count = shape_.under_way - under_way;
  if (shape_.at_most != 0) {
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const auto due = static_cast<std::uint64_t>(seconds * static_cast<double>(shape_.at_most));
    count = std::min<std::size_t>(count, due > sent_ ? due - sent_ : 0);
    if (count == 0) return;
  }
  output_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint32_t>(looker.fates.size());
    std::array<char, 12> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    const auto size = static_cast<std::uint32_t>(looker.word.size() + text.size());
    append_number(output_, size + 9);
    output_ += static_cast<char>(kQuery);
    append_number(output_, number + 1);  // an id of 0 is nobody's
    append_number(output_, size);
    output_.append(looker.word).append(text);
    looker.fates.push_back(Fate::kUnanswered);
  }
  sent_ += count;
  // A window is far smaller than a socket's buffer; a server that is gone is noticed by receive().
  (void)::send(looker.socket.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
}

void Crowd::receive(Looker& looker, Clock::time_point now) {
  std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv()
  const ssize_t got = ::recv(looker.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    looker.socket.reset();
    return;
  }
  heard_ = now;
  looker.input.append(bytes.data(), static_cast<std::size_t>(got));
  while (looker.socket && take_answer(looker, now)) {
  }
  looker.input.erase(0, looker.consumed);
  looker.consumed = 0;
}

// False: there is no whole answer left.
bool Crowd::take_answer(Looker& looker, Clock::time_point now) {
  const std::size_t begin = looker.consumed;
  const std::size_t left = looker.input.size() - begin;
  if (left < kHeader) return false;
  const std::uint32_t length = number_at(looker.input, begin);
  if (left < 4 + std::size_t{length}) return false;
  looker.consumed = begin + 4 + length;
  const auto type = static_cast<std::uint8_t>(looker.input[begin + 4]);
  const std::uint32_t id = number_at(looker.input, begin + 5);
  if (type == kFound && id == looker.next_answer + 1 && looker.next_answer < looker.fates.size() && length == 9 &&
      number_at(looker.input, begin + kHeader) == 0) {
    looker.fates[looker.next_answer++] = Fate::kAnswered;
    ++answered_;
  } else if (type == kResumed && id == kResumeId && !looker.logged_in) {
    looker.logged_in = true;
  } else if (type == kErrorType) {
    take_error(looker, id, std::string_view(looker.input).substr(begin + kHeader, length - 5), now);
  } else {
    fail("a wrong answer: type " + std::to_string(type) + ", id " + std::to_string(id));
    looker.socket.reset();
  }
  return true;
}

void Crowd::take_error(Looker& looker, std::uint32_t id, std::string_view fields, Clock::time_point now) {
  Fields left(fields);
  const std::uint16_t code = left.u16();
  if (id == kNoId) {  // why the server ends the connection
    looker.socket.reset();
  } else if (id == kResumeId && code == kUnavailable) {
    (void)::send(looker.socket.get(), looker.resume.data(), looker.resume.size(), MSG_NOSIGNAL);
  } else if (id == looker.next_answer + 1 && looker.next_answer < looker.fates.size() && code == kOverloaded) {
    looker.fates[looker.next_answer++] = Fate::kRefused;
    looker.pause = now + kAfterRefusal;
    ++refused_;
  } else {
    fail("error " + std::to_string(code) + ": " + left.str());
    looker.socket.reset();
  }
}

void Crowd::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
}

Census::Census(const Crowd& crowd, Order order) : crowd_(crowd), order_(order) {
  for (const Crowd::Looker& looker : crowd.lookers_) {
    seen_.emplace_back(looker.fates.size());
    last_.push_back(looker.fates.size());
  }
}

void Census::saw(std::string_view user, std::string_view word) {
  const auto strange = [&] {
    throw std::runtime_error("a strange row: " + std::string(user) + " " + std::string(word));
  };
  std::size_t looker = 0;
  std::size_t number = 0;
  const char* const end = word.data() + word.size();
  const auto first = std::from_chars(word.data(), end, looker);
  if (first.ptr == end || *first.ptr != '.' || std::from_chars(first.ptr + 1, end, number).ptr != end) strange();
  if (looker >= seen_.size() || number >= seen_[looker].size()) strange();
  if (user != crowd_.user_name(looker % crowd_.users())) strange();
  if (order_ == Order::kNewestFirst && number > last_[looker]) strange();
  last_[looker] = number;
  std::uint8_t& count = seen_[looker][number];
  if (count < 255) ++count;
}

Tally Census::tally() const {
  Tally tally;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    for (std::size_t n = 0; n < seen_[i].size(); ++n) {
      const Crowd::Fate fate = crowd_.lookers_[i].fates[n];
      const std::uint8_t count = seen_[i][n];
      if (fate == Crowd::Fate::kAnswered) ++tally.answered;
      if (fate == Crowd::Fate::kRefused) ++tally.refused;
      if (fate == Crowd::Fate::kUnanswered) ++tally.unanswered;
      if (fate == Crowd::Fate::kAnswered && count == 0) ++tally.lost;
      if (fate != Crowd::Fate::kAnswered && count > 0) ++tally.unpromised;
      if (count > 1) ++tally.doubled;
    }
  }
  return tally;
}

}  // namespace integration
