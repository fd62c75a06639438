// A client of the framed protocol for tests, written from the protocol's page alone: it shares neither codec nor
// framing with dictd, so that a mistake of one is not a mistake of both.
//
// It is strict. A byte too many, text that is no UTF-8, an answer of the wrong type, with the wrong id or out of order,
// or something unasked is a ProtocolError; so is a wait in vain. Whoever waits for an answer from a server that is gone
// gets Disconnected. Not for programs: those want dictcli's client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/fd.h"

namespace integration {

struct ProtocolError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Disconnected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::uint8_t kErrorType = 0xff;
inline constexpr std::uint32_t kNoId = 0;  // of an error that answers no request
inline constexpr std::size_t kHeader = 9;  // length, type and id

// ---- Requests out

std::string u16(std::uint16_t value);
std::string u32(std::uint32_t value);
std::string u64(std::uint64_t value);
std::string str(std::string_view text);
// With a length that fits.
std::string frame(std::uint8_t type, std::uint32_t id, std::string_view fields);

struct Request {
  std::uint8_t type = 0;
  std::string fields;
};

Request hello(std::uint16_t version = 1, std::string_view client = "test");
Request sign_up(std::string_view name, std::string_view password);
Request log_in(std::string_view name, std::string_view password);
Request log_out();
Request query(std::string_view word);
Request history(std::uint32_t limit = 0, std::uint64_t before = 0);
Request match(std::string_view strategy, std::string_view word, std::uint32_t limit = 0);
Request ping();
Request change_password(std::string_view from, std::string_view to);
Request forget(std::uint64_t event = 0);
Request dictionaries();
Request resume(std::string_view token);
Request query_in(std::string_view dictionary, std::string_view word);
Request match_in(std::string_view dictionary, std::string_view strategy, std::string_view word,
                 std::uint32_t limit = 0);

// ---- Answers in

// Takes fields off an answer, in order.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  std::string str();
  void end() const;  // nothing is left over

 private:
  std::uint64_t number(std::size_t bytes);
  std::string_view take(std::size_t bytes);
  std::string_view rest_;
};

struct Answer {
  std::uint8_t type = 0;
  std::uint32_t id = 0;
  std::string fields;

  // All of it in a line that reads well in a table: "found words:apple=苹果", "error 3 not_logged_in". What differs from
  // one run to the next (tokens, times, numbers of events, messages) is checked and left out.
  [[nodiscard]] std::string text() const;
};

struct Event {
  std::uint64_t number = 0;
  std::int64_t time = 0;
  std::string word;
};

// One connection. One thread at a time.
class Client {
 public:
  explicit Client(std::uint16_t port, const char* from_address = nullptr);

  // ---- in the order of requests
  void send(const Request& request);
  void send(const std::vector<Request>& requests);  // pipelined; reads what comes meanwhile
  Answer receive();                         // Disconnected also when the server says why it closes, and then does
  std::string ask(const Request& request);  // for a connection with nothing under way; the answer's text()

  // As ask(), for what a test needs values of; an error is a ProtocolError.
  std::string token_of(const Request& log_in);
  std::vector<Event> events(std::uint32_t limit = 0, std::uint64_t before = 0);
  std::vector<std::string> words(std::uint32_t limit = 0, std::uint64_t before = 0);  // of the same
  std::uint64_t forget_count(std::uint64_t event = 0);

  // The server's end of the connection: the texts of what it still sent, the error with id 0 included.
  std::vector<std::string> until_closed();

  // ---- below all that
  // Remembers that an answer to this will come, and gives the bytes to send.
  std::string prepare(const Request& request);
  void send_bytes(std::string_view bytes);  // to nobody once the server has ended the connection: receive() tells
  [[nodiscard]] bool has_ended() const { return ended_; }  // as far as was read
  // Sends only what the kernel takes, and reads nothing; says how much that was.
  std::size_t send_at_once(std::string_view bytes);
  void finish_sending();
  void close() { socket_.reset(); }
  void abort();  // as a client that crashes: what it has not read is thrown away

 private:
  struct Awaited {
    std::uint32_t id;
    std::uint8_t type;
  };
  bool next_frame(Answer& answer);
  bool read_some();  // false at the end
  void check(const Answer& answer);
  Answer ask_for(const Request& request);

  reactor::Fd socket_;
  std::string input_;
  std::deque<Awaited> awaited_;
  std::uint32_t next_id_ = 1;
  bool ended_ = false;
};

}  // namespace integration
