#include "test/integration/protocol_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace integration {
namespace {

constexpr int kGenerousLimitMs = 60'000;  // a test that passes never waits this long
constexpr std::uint8_t kAnswerBit = 0x80;
constexpr std::uint32_t kLargestAnswer = 16 * 1024 * 1024;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

std::string big_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return false;
    if (i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast.at(length) || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    i += length;
  }
  return true;
}

const char* name_of_error(std::uint16_t code) {
  constexpr std::array kNames{
      "bad_request",     "unknown_type",        "not_logged_in",     "name_taken",    "bad_credentials",
      "invalid_name",    "invalid_password",    "too_many_attempts", "unavailable",   "overloaded",
      "frame_too_large", "unsupported_version", "internal",          "shutting_down", "idle",
      "malformed_frame"};
  if (code < 1 || code > kNames.size()) throw ProtocolError("no such error code: " + std::to_string(code));
  return kNames.at(code - 1U);
}

void check_token(const std::string& token) {
  const bool printable = std::ranges::all_of(token, [](char c) { return c >= ' ' && c <= '~'; });
  if (token.size() < 16 || token.size() > 128 || !printable) throw ProtocolError("not a token: " + token);
}

// Elements of a list, with a space before each.
template <typename Element>
std::string list_text(Fields& fields, Element element) {
  std::string text;
  for (std::uint32_t left = fields.u32(); left > 0; --left) text += " " + element();
  return text;
}

std::string found_text(Fields& fields) {
  const std::string text = list_text(fields, [&] {
    const std::string dictionary = fields.str();
    const std::string headword = fields.str();
    return dictionary + ":" + headword + "=" + fields.str();
  });
  return text.empty() ? "found nothing" : "found" + text;
}

std::string error_text(Fields& fields) {
  const std::uint16_t code = fields.u16();
  if (fields.str().empty()) throw ProtocolError("an error without a message");
  return "error " + std::to_string(code) + " " + name_of_error(code);
}

std::string fields_text(std::uint8_t type, Fields& fields) {
  switch (type) {
    case 0x81: {
      const std::string version = std::to_string(fields.u16());
      if (fields.str().empty()) throw ProtocolError("a server without a name");
      return "hello " + version + ", frames up to " + std::to_string(fields.u32());
    }
    case 0x82: return "registered";
    case 0x83: check_token(fields.str()); return "logged in";
    case 0x84: return "logged out";
    case 0x85:
    case 0x8d: return found_text(fields);
    case 0x86:
      return "history" + list_text(fields, [&] {
               fields.u64();
               fields.i64();
               return fields.str();
             });
    case 0x87:
    case 0x8e:
      return "matches" + list_text(fields, [&] {
               const std::string dictionary = fields.str();
               return dictionary + ":" + fields.str();
             });
    case 0x88: return "pong";
    case 0x89: return "password changed";
    case 0x8a: return "forgot " + std::to_string(fields.u64());
    case 0x8b:
      return "dictionaries" + list_text(fields, [&] {
               const std::string name = fields.str();
               const std::string title = fields.str();
               return name + "/" + title + "/" + std::to_string(fields.u64());
             });
    case 0x8c: return "resumed " + fields.str();
    case kErrorType: return error_text(fields);
    default: throw ProtocolError("no such type of answer: " + std::to_string(type));
  }
}

sockaddr_in local(const char* address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  if (::inet_pton(AF_INET, address, &result.sin_addr) != 1) throw std::invalid_argument(address);
  return result;
}

// What of `events` came, or an error or hang-up.
int wait_for(int fd, int events) {
  pollfd watched{fd, static_cast<short>(events), 0};
  int ready = 0;
  do {
    ready = ::poll(&watched, 1, kGenerousLimitMs);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) fail("poll");
  if (ready == 0) throw ProtocolError("waited in vain for the server");
  return watched.revents;
}

bool means_the_end(int error) { return error == ECONNRESET || error == EPIPE || error == ECONNABORTED; }

}  // namespace

// ---- Requests out ---------------------------------------------------------------------------------------------------

std::string u16(std::uint16_t value) { return big_endian(value, 2); }
std::string u32(std::uint32_t value) { return big_endian(value, 4); }
std::string u64(std::uint64_t value) { return big_endian(value, 8); }
std::string str(std::string_view text) { return u32(static_cast<std::uint32_t>(text.size())).append(text); }

std::string frame(std::uint8_t type, std::uint32_t id, std::string_view fields) {
  std::string bytes = u32(static_cast<std::uint32_t>(fields.size() + 5));
  bytes += static_cast<char>(type);
  return bytes.append(u32(id)).append(fields);
}

Request hello(std::uint16_t version, std::string_view client) { return {0x01, u16(version) + str(client)}; }
Request sign_up(std::string_view name, std::string_view password) { return {0x02, str(name) + str(password)}; }
Request log_in(std::string_view name, std::string_view password) { return {0x03, str(name) + str(password)}; }
Request log_out() { return {0x04, ""}; }
Request query(std::string_view word) { return {0x05, str(word)}; }
Request history(std::uint32_t limit, std::uint64_t before) { return {0x06, u32(limit) + u64(before)}; }
Request match(std::string_view strategy, std::string_view word, std::uint32_t limit) {
  return {0x07, str(strategy) + str(word) + u32(limit)};
}
Request ping() { return {0x08, ""}; }
Request change_password(std::string_view from, std::string_view to) { return {0x09, str(from) + str(to)}; }
Request forget(std::uint64_t event) { return {0x0a, u64(event)}; }
Request dictionaries() { return {0x0b, ""}; }
Request resume(std::string_view token) { return {0x0c, str(token)}; }
Request query_in(std::string_view dictionary, std::string_view word) { return {0x0d, str(dictionary) + str(word)}; }
Request match_in(std::string_view dictionary, std::string_view strategy, std::string_view word, std::uint32_t limit) {
  return {0x0e, str(dictionary) + str(strategy) + str(word) + u32(limit)};
}

// ---- Answers in -----------------------------------------------------------------------------------------------------

std::string_view Fields::take(std::size_t bytes) {
  if (bytes > rest_.size()) throw ProtocolError("an answer ends in the middle of a field");
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::uint64_t Fields::number(std::size_t bytes) {
  std::uint64_t value = 0;
  for (const char byte : take(bytes)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::string Fields::str() {
  const std::uint32_t bytes = u32();
  std::string text(take(bytes));
  if (!is_utf8(text)) throw ProtocolError("text that is no UTF-8");
  return text;
}

void Fields::end() const {
  if (!rest_.empty()) throw ProtocolError(std::to_string(rest_.size()) + " bytes too many in an answer");
}

std::string Answer::text() const {
  Fields left(fields);
  std::string text = fields_text(type, left);
  left.end();
  return text;
}

// ---- The connection -------------------------------------------------------------------------------------------------

Client::Client(std::uint16_t port, const char* from_address)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (!socket_) fail("socket");
  if (from_address != nullptr) {
    const sockaddr_in from = local(from_address, 0);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
  }
  const sockaddr_in server = local("127.0.0.1", port);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) fail("connect");
  const int on = 1;
  if (::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
}

std::string Client::prepare(const Request& request) {
  // Ids are the client's to choose, and need not be in order: an odd factor visits each number once.
  constexpr std::uint32_t kScatter = 2'654'435'761;
  const std::uint32_t id = next_id_++ * kScatter;
  awaited_.push_back({id, request.type});
  return frame(request.type, id, request.fields);
}

void Client::send(const Request& request) { send_bytes(prepare(request)); }

void Client::send(const std::vector<Request>& requests) {
  std::string bytes;
  for (const Request& request : requests) bytes += prepare(request);
  send_bytes(bytes);
}

// Reads meanwhile: a server may stop reading from a client that does not.
void Client::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const int ready = wait_for(socket_.get(), POLLIN | POLLOUT);
    if ((ready & POLLIN) != 0 && !read_some()) return;
    if ((ready & POLLOUT) != 0) bytes.remove_prefix(send_at_once(bytes));
  }
}

std::size_t Client::send_at_once(std::string_view bytes) {
  const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EINTR) return 0;
  if (means_the_end(errno)) throw Disconnected("closed by the server");
  fail("send");
}

bool Client::read_some() {
  std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv()
  wait_for(socket_.get(), POLLIN);
  const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (got > 0) input_.append(bytes.data(), static_cast<std::size_t>(got));
  if (got > 0) return true;
  if (got < 0 && !means_the_end(errno)) fail("recv");
  ended_ = true;
  return false;
}

// Takes a frame off what was read, if a whole one is there.
bool Client::next_frame(Answer& answer) {
  if (input_.size() < 4) return false;
  const std::uint32_t length = Fields(input_).u32();
  if (length < 5 || length > kLargestAnswer) throw ProtocolError("a frame of length " + std::to_string(length));
  if (input_.size() - 4 < length) return false;
  answer.type = static_cast<std::uint8_t>(input_[4]);
  answer.id = Fields(std::string_view(input_).substr(5)).u32();
  answer.fields = input_.substr(kHeader, length - 5);
  input_.erase(0, length + 4);
  return true;
}

Answer Client::receive() {
  Answer answer;
  while (!next_frame(answer)) {
    if (!read_some()) throw Disconnected("closed by the server before it answered");
  }
  if (answer.id == kNoId && answer.type == kErrorType) {
    const std::string reason = answer.text();
    while (read_some()) {
    }
    if (input_.empty()) throw Disconnected("closed by the server: " + reason);
  }
  check(answer);
  return answer;
}

// It has to be the answer to the oldest request that has none.
void Client::check(const Answer& answer) {
  const std::string text = answer.text();
  if (awaited_.empty()) throw ProtocolError("unasked: " + text);
  const Awaited awaited = awaited_.front();
  awaited_.pop_front();
  if (answer.id != awaited.id) throw ProtocolError("out of order, or with a wrong id: " + text);
  if (answer.type != (awaited.type | kAnswerBit) && answer.type != kErrorType) {
    throw ProtocolError("an answer to something else: " + text);
  }
}

Answer Client::ask_for(const Request& request) {
  if (!awaited_.empty()) throw std::logic_error("there are requests under way");
  send(request);
  Answer answer = receive();
  if (!input_.empty()) throw ProtocolError("bytes that belong to nothing");
  return answer;
}

std::string Client::ask(const Request& request) { return ask_for(request).text(); }

std::string Client::token_of(const Request& log_in) {
  const Answer answer = ask_for(log_in);
  if (answer.type == kErrorType) throw ProtocolError(answer.text());
  return Fields(answer.fields).str();
}

std::vector<Event> Client::events(std::uint32_t limit, std::uint64_t before) {
  const Answer answer = ask_for(history(limit, before));
  if (answer.type == kErrorType) throw ProtocolError(answer.text());
  std::vector<Event> events;
  Fields fields(answer.fields);
  for (std::uint32_t left = fields.u32(); left > 0; --left) {
    Event& event = events.emplace_back();
    event.number = fields.u64();
    event.time = fields.i64();
    event.word = fields.str();
  }
  return events;
}

std::vector<std::string> Client::words(std::uint32_t limit, std::uint64_t before) {
  std::vector<std::string> words;
  for (Event& event : events(limit, before)) words.push_back(std::move(event.word));
  return words;
}

std::uint64_t Client::forget_count(std::uint64_t event) {
  const Answer answer = ask_for(forget(event));
  if (answer.type == kErrorType) throw ProtocolError(answer.text());
  return Fields(answer.fields).u64();
}

std::vector<std::string> Client::until_closed() {
  while (read_some()) {
  }
  std::vector<std::string> texts;
  for (Answer answer; next_frame(answer);) {
    if (answer.id == kNoId && answer.type == kErrorType && input_.empty()) {
      texts.push_back("unasked " + answer.text());
    } else {
      check(answer);
      texts.push_back(answer.text());
    }
  }
  if (!input_.empty()) throw ProtocolError("the connection ended in the middle of a frame");
  return texts;
}

void Client::finish_sending() {
  if (::shutdown(socket_.get(), SHUT_WR) != 0) fail("shutdown");
}

void Client::abort() {
  const linger at_once{1, 0};
  if (::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0) fail("SO_LINGER");
  socket_.reset();
}

}  // namespace integration
