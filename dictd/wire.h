// The codec of the framed protocol, version 1 (PROTOCOL.md beside this file): both directions, for the
// server, the client and the benchmark.
//
// A frame's body is `u8 type, u32 id, fields`; integers are big-endian, `str` is `u32 count` and UTF-8,
// `list<T>` is `u32 count` and its elements. Each message is a struct whose fields() names its members in the
// order they travel: encoding and decoding are both made from that one list. Strings are views, into the
// frame when decoded. Not here: limits of frames (reactor/frame.h) and what a request does (service.h).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>
#include <tuple>
#include <vector>

#include "dictd/fold.h"
#include "reactor/buffer.h"
#include "reactor/frame.h"

namespace dictd::wire {

inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::uint16_t kDefaultPort = 8888;
inline constexpr std::uint32_t kSmallestFrame = 5;  // type and id
inline constexpr std::uint32_t kLargestAnswer = 16 * 1024 * 1024;

enum class Type : std::uint8_t {
  kHello = 0x01,
  kRegister = 0x02,
  kLogin = 0x03,
  kLogout = 0x04,
  kQuery = 0x05,
  kHistory = 0x06,
  kMatch = 0x07,
  kPing = 0x08,
  kChangePassword = 0x09,
  kForget = 0x0a,
  kDictionaries = 0x0b,
  kResume = 0x0c,
  kQueryIn = 0x0d,
  kMatchIn = 0x0e,
  kError = 0xff,
};

// The type of the answer to a request.
constexpr Type answer_to(Type request) { return static_cast<Type>(static_cast<std::uint8_t>(request) | 0x80U); }

// Requests and answers without fields: PING, LOGOUT and DICTIONARIES, and the answers that only say "done".
template <Type kOf>
struct Bare {
  static constexpr Type kType = kOf;
  static constexpr auto fields(auto&) { return std::tie(); }
};

struct HelloRequest {
  static constexpr Type kType = Type::kHello;
  std::uint16_t version = kVersion;
  std::string_view client;
  static constexpr auto fields(auto& m) { return std::tie(m.version, m.client); }
};
struct HelloAnswer {
  static constexpr Type kType = answer_to(Type::kHello);
  std::uint16_t version = kVersion;
  std::string_view server;
  std::uint32_t largest_frame = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.version, m.server, m.largest_frame); }
};

struct RegisterRequest {
  static constexpr Type kType = Type::kRegister;
  std::string_view name, password;
  static constexpr auto fields(auto& m) { return std::tie(m.name, m.password); }
};
using RegisterAnswer = Bare<answer_to(Type::kRegister)>;

struct LoginRequest {
  static constexpr Type kType = Type::kLogin;
  std::string_view name, password;
  static constexpr auto fields(auto& m) { return std::tie(m.name, m.password); }
};
struct LoginAnswer {
  static constexpr Type kType = answer_to(Type::kLogin);
  std::string_view token;
  static constexpr auto fields(auto& m) { return std::tie(m.token); }
};

using LogoutRequest = Bare<Type::kLogout>;
using LogoutAnswer = Bare<answer_to(Type::kLogout)>;

struct QueryRequest {
  static constexpr Type kType = Type::kQuery;
  std::string_view word;
  static constexpr auto fields(auto& m) { return std::tie(m.word); }
};
struct QueryAnswer {
  static constexpr Type kType = answer_to(Type::kQuery);
  struct Entry {
    std::string_view dictionary, headword, meaning;
    static constexpr auto fields(auto& m) { return std::tie(m.dictionary, m.headword, m.meaning); }
  };
  std::vector<Entry> entries;
  static constexpr auto fields(auto& m) { return std::tie(m.entries); }
};

struct HistoryRequest {
  static constexpr Type kType = Type::kHistory;
  std::uint32_t limit = 0;
  std::uint64_t before = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.limit, m.before); }
};
struct HistoryAnswer {
  static constexpr Type kType = answer_to(Type::kHistory);
  struct Event {
    std::uint64_t number = 0;
    std::int64_t time_us = 0;
    std::string_view word;
    static constexpr auto fields(auto& m) { return std::tie(m.number, m.time_us, m.word); }
  };
  std::vector<Event> events;
  static constexpr auto fields(auto& m) { return std::tie(m.events); }
};

struct MatchRequest {
  static constexpr Type kType = Type::kMatch;
  std::string_view strategy, word;
  std::uint32_t limit = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.strategy, m.word, m.limit); }
};
struct MatchAnswer {
  static constexpr Type kType = answer_to(Type::kMatch);
  struct Entry {
    std::string_view dictionary, headword;
    static constexpr auto fields(auto& m) { return std::tie(m.dictionary, m.headword); }
  };
  std::vector<Entry> entries;
  static constexpr auto fields(auto& m) { return std::tie(m.entries); }
};

// QUERY and MATCH in one dictionary, or several; answered as those are.
struct QueryInRequest {
  static constexpr Type kType = Type::kQueryIn;
  std::string_view dictionary, word;
  static constexpr auto fields(auto& m) { return std::tie(m.dictionary, m.word); }
};
struct MatchInRequest {
  static constexpr Type kType = Type::kMatchIn;
  std::string_view dictionary, strategy, word;
  std::uint32_t limit = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.dictionary, m.strategy, m.word, m.limit); }
};

using PingRequest = Bare<Type::kPing>;
using PingAnswer = Bare<answer_to(Type::kPing)>;

struct ChangePasswordRequest {
  static constexpr Type kType = Type::kChangePassword;
  std::string_view old_password, new_password;
  static constexpr auto fields(auto& m) { return std::tie(m.old_password, m.new_password); }
};
using ChangePasswordAnswer = Bare<answer_to(Type::kChangePassword)>;

struct ForgetRequest {
  static constexpr Type kType = Type::kForget;
  std::uint64_t event = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.event); }
};
struct ForgetAnswer {
  static constexpr Type kType = answer_to(Type::kForget);
  std::uint64_t removed = 0;
  static constexpr auto fields(auto& m) { return std::tie(m.removed); }
};

using DictionariesRequest = Bare<Type::kDictionaries>;
struct DictionariesAnswer {
  static constexpr Type kType = answer_to(Type::kDictionaries);
  struct Dictionary {
    std::string_view name, title;
    std::uint64_t entries = 0;
    static constexpr auto fields(auto& m) { return std::tie(m.name, m.title, m.entries); }
  };
  std::vector<Dictionary> dictionaries;
  static constexpr auto fields(auto& m) { return std::tie(m.dictionaries); }
};

struct ResumeRequest {
  static constexpr Type kType = Type::kResume;
  std::string_view token;
  static constexpr auto fields(auto& m) { return std::tie(m.token); }
};
struct ResumeAnswer {
  static constexpr Type kType = answer_to(Type::kResume);
  std::string_view name;
  static constexpr auto fields(auto& m) { return std::tie(m.name); }
};

struct ErrorAnswer {
  static constexpr Type kType = Type::kError;
  std::uint16_t code = 0;
  std::string_view message;
  static constexpr auto fields(auto& m) { return std::tie(m.code, m.message); }
};

// ---- Frames as they are written
// -------------------------------------------------------------------------------

// Appends one frame to a buffer, field by field; its length is set at the end of the writer's life.
// The buffer must not be touched by anyone else meanwhile.
class FrameWriter {
 public:
  FrameWriter(reactor::Buffer& output, Type type, std::uint32_t id) : output_(output), begin_(output.size()) {
    make_room(kSomeFields);
    at_ += reactor::kFramePrefix;  // the length, at the end
    *at_++ = static_cast<char>(type);
    put(id);
  }
  ~FrameWriter() {
    commit();
    reactor::store(output_.at(begin_), static_cast<std::uint32_t>(size() - reactor::kFramePrefix));
  }
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  void put(std::uint16_t value) { put_integer(value); }
  void put(std::uint32_t value) { put_integer(value); }
  void put(std::uint64_t value) { put_integer(value); }
  void put(std::int64_t value) { put_integer(static_cast<std::uint64_t>(value)); }
  void put(std::string_view text) {
    put_integer(static_cast<std::uint32_t>(text.size()));
    if (text.empty()) return;
    if (text.size() > static_cast<std::size_t>(end_ - at_)) make_room(text.size() + kSomeFields);
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  template <typename Element>
  void put(const std::vector<Element>& list) {
    put(static_cast<std::uint32_t>(list.size()));
    for (const Element& element : list) put_fields(element);
  }
  template <typename Message>
  void put_fields(const Message& message) {
    std::apply([this](const auto&... field) { (put(field), ...); }, Message::fields(message));
  }

 private:
  static constexpr std::size_t kSomeFields = 512;

  template <typename Integer>
  void put_integer(Integer value) {
    if (sizeof value > static_cast<std::size_t>(end_ - at_)) make_room(kSomeFields);
    reactor::store(at_, value);
    at_ += sizeof value;
  }
  [[nodiscard]] std::size_t size() const { return output_.size() - begin_; }
  void commit() {
    output_.commit(static_cast<std::size_t>(at_ - written_));
    written_ = at_;
  }
  void make_room(std::size_t room) {
    if (at_ != nullptr) commit();
    const std::span<char> free = output_.prepare(room);
    at_ = written_ = free.data();
    end_ = at_ + free.size();
  }

  reactor::Buffer& output_;
  std::size_t begin_;        // of this frame, counted from the buffer's front
  char* at_ = nullptr;       // where the next field goes …
  char* end_ = nullptr;      // … and the end of the room for it
  char* written_ = nullptr;  // up to here the buffer knows of it
};

template <typename Message>
void encode(reactor::Buffer& output, std::uint32_t id, const Message& message) {
  FrameWriter(output, Message::kType, id).put_fields(message);
}

// ---- Frames as they are read
// ----------------------------------------------------------------------------------

struct Frame {
  Type type;  // any byte: not every value is a named one
  std::uint32_t id;
  std::string_view fields;
};

// Parts a frame's body, which has kSmallestFrame bytes or more: the framing saw to that.
[[nodiscard]] inline Frame parse_frame(std::string_view body) {
  return {static_cast<Type>(body[0]), reactor::load<std::uint32_t>(body.data() + 1), body.substr(kSmallestFrame)};
}

enum class DecodeError {
  kTooShort,     // a field reaches over the end of the frame
  kTooLong,      // bytes are left over after the last field
  kInvalidUtf8,  // a str is not UTF-8
};
[[nodiscard]] std::string_view describe(DecodeError error);

// Takes fields off a frame one by one; the first that does not fit makes it fail, and it stays so.
class FieldReader {
 public:
  explicit FieldReader(std::string_view fields) : rest_(fields) {}

  void get(std::uint16_t& value) { get_integer(value); }
  void get(std::uint32_t& value) { get_integer(value); }
  void get(std::uint64_t& value) { get_integer(value); }
  void get(std::int64_t& value) {
    std::uint64_t bits = 0;
    get_integer(bits);
    value = static_cast<std::int64_t>(bits);
  }
  void get(std::string_view& text) {
    std::uint32_t count = 0;
    get(count);
    text = take(count);
    if (error_ || valid_utf8(text)) return;
    error_ = true;
    reason_ = DecodeError::kInvalidUtf8;
  }
  template <typename Element>
  void get(std::vector<Element>& list) {
    std::uint32_t count = 0;
    get(count);
    // Nothing is reserved on the word of a count: a list grows only as its elements are there.
    for (std::uint32_t i = 0; i < count && !error_; ++i) get_fields(list.emplace_back());
  }
  template <typename Message>
  void get_fields(Message& message) {
    std::apply([this](auto&... field) { (get(field), ...); }, Message::fields(message));
  }

  // After the last field: the error, if any, of all that was read.
  [[nodiscard]] tl::expected<void, DecodeError> finish() const {
    if (error_) return tl::unexpected(reason_);
    if (!rest_.empty()) return tl::unexpected(DecodeError::kTooLong);
    return {};
  }

 private:
  template <typename Integer>
  void get_integer(Integer& value) {
    const std::string_view bytes = take(sizeof value);
    value = bytes.empty() ? Integer{0} : reactor::load<Integer>(bytes.data());
  }
  std::string_view take(std::size_t count) {
    if (error_ || rest_.size() < count) {
      error_ = true;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest_;
  DecodeError reason_ = DecodeError::kTooShort;
  bool error_ = false;
};

template <typename Message>
[[nodiscard]] tl::expected<Message, DecodeError> decode(std::string_view fields) {
  Message message;
  FieldReader reader(fields);
  reader.get_fields(message);
  return reader.finish().map([&message] { return std::move(message); });
}

}  // namespace dictd::wire
