// The codec against the bytes of PROTOCOL.md, written out by hand, in both directions.
#include "dictd/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace dictd::wire {
namespace {

// "00 0a" is two bytes; spaces part fields for the reader.
std::string bytes_of(std::string_view hex) {
  std::string bytes;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return bytes;
}

using Recoded = tl::expected<std::string, DecodeError>;

struct Golden {
  std::string name;
  std::string bytes;
  Type type;
  std::uint32_t id;
  std::string encoded;                              // what the codec makes of the message
  std::function<Recoded(std::string_view)> recode;  // decodes fields, and encodes again

  [[nodiscard]] std::string fields() const { return bytes.substr(reactor::kFramePrefix + kSmallestFrame); }
  [[nodiscard]] std::string frame(std::string_view fields) const {
    return bytes.substr(0, reactor::kFramePrefix + kSmallestFrame).append(fields);
  }
};

template <typename Message>
std::string encoded(std::uint32_t id, const Message& message) {
  reactor::Buffer buffer;
  encode(buffer, id, message);
  return std::string(buffer.view());
}

template <typename Message>
Golden golden(std::string name, std::string_view hex, std::uint32_t id, const Message& message) {
  return {std::move(name), bytes_of(hex), Message::kType, id, encoded(id, message), [id](std::string_view fields) {
            return decode<Message>(fields).map([id](const Message& decoded) { return encoded(id, decoded); });
          }};
}

std::vector<Golden> goldens() {
  return {
      golden("HELLO", "00000012 01 00000001  0001  00000007 64696374636c69", 1, HelloRequest{1, "dictcli"}),
      golden("HELLO answer", "00000018 81 00000001  0001  00000009 646963746420312e30  00010000", 1,
             HelloAnswer{1, "dictd 1.0", 65536}),
      golden("REGISTER", "00000019 02 00000002  00000006 e69d8ee99bb7  00000006 736563726574", 2,
             RegisterRequest{"李雷", "secret"}),
      golden("REGISTER answer", "00000005 82 00000002", 2, RegisterAnswer{}),
      golden("LOGIN", "00000017 03 fffffffe  00000001 61  00000009 7061737320776f7264", 0xfffffffe,
             LoginRequest{"a", "pass word"}),
      golden("LOGIN answer", "00000019 83 fffffffe  00000010 30313233343536373839616263646566", 0xfffffffe,
             LoginAnswer{"0123456789abcdef"}),
      golden("LOGOUT", "00000005 04 00000004", 4, LogoutRequest{}),
      golden("LOGOUT answer", "00000005 84 00000004", 4, LogoutAnswer{}),
      golden("QUERY", "0000000e 05 01020304  00000005 636166c3a9", 0x01020304, QueryRequest{"café"}),
      golden("QUERY answer",
             "00000038 85 01020304  00000002"
             "  00000005 656e2d7a68  00000005 636166c3a9  0000000c 6e2e20e59296e595a1e9a686"
             "  00000001 78  00000000  00000000",
             0x01020304, QueryAnswer{{{"en-zh", "café", "n. 咖啡馆"}, {"x", "", ""}}}),
      golden("QUERY answer, not found", "00000009 85 00000005  00000000", 5, QueryAnswer{}),
      golden("HISTORY", "00000011 06 00000006  0000000a  0102030405060708", 6, HistoryRequest{10, 0x0102030405060708}),
      golden("HISTORY answer",
             "00000037 86 00000006  00000002"
             "  fedcba9876543210  00060a24181e4000  00000005 6170706c65"
             "  0000000000000001  ffffffffffffffff  00000001 62",
             6, HistoryAnswer{{{0xfedcba9876543210, 1'700'000'000'000'000, "apple"}, {1, -1, "b"}}}),
      golden("MATCH", "00000019 07 00000007  00000006 707265666978  00000002 6170  00000014", 7,
             MatchRequest{"prefix", "ap", 20}),
      golden("MATCH answer", "0000001b 87 00000007  00000001  00000005 656e2d7a68  00000005 6170706c65", 7,
             MatchAnswer{{{"en-zh", "apple"}}}),
      golden("QUERY_IN", "00000010 0d 00000008  00000002 776e  00000001 61", 8, QueryInRequest{"wn", "a"}),
      golden("MATCH_IN", "0000001e 0e 00000008  00000001 2a  00000006 707265666978  00000002 6170  00000014", 8,
             MatchInRequest{"*", "prefix", "ap", 20}),
      golden("PING", "00000005 08 00000000", 0, PingRequest{}),
      golden("PING answer", "00000005 88 00000000", 0, PingAnswer{}),
      golden("CHANGE_PASSWORD", "0000001a 09 00000009  00000006 736563726574  00000007 73656372657432", 9,
             ChangePasswordRequest{"secret", "secret2"}),
      golden("CHANGE_PASSWORD answer", "00000005 89 00000009", 9, ChangePasswordAnswer{}),
      golden("FORGET", "0000000d 0a 0000000a  8000000000000001", 10, ForgetRequest{0x8000000000000001}),
      golden("FORGET answer", "0000000d 8a 0000000a  0000000000000003", 10, ForgetAnswer{3}),
      golden("DICTIONARIES", "00000005 0b 0000000b", 11, DictionariesRequest{}),
      golden("DICTIONARIES answer",
             "00000024 8b 0000000b  00000001  00000005 656e2d7a68  00000006 e88bb1e6b189  0000000000000bb8", 11,
             DictionariesAnswer{{{"en-zh", "英汉", 3000}}}),
      golden("RESUME", "00000019 0c 0000000c  00000010 30313233343536373839616263646566", 12,
             ResumeRequest{"0123456789abcdef"}),
      golden("RESUME answer", "0000000f 8c 0000000c  00000006 e69d8ee99bb7", 12, ResumeAnswer{"李雷"}),
      golden("ERROR", "0000000d ff 00000000  0005  00000002 6e6f", 0, ErrorAnswer{5, "no"}),
  };
}

TEST(WireTest, EncodesToTheBytesOfTheProtocol) {
  for (const Golden& message : goldens()) EXPECT_EQ(message.encoded, message.bytes) << message.name;
}

TEST(WireTest, DecodesTheBytesOfTheProtocol) {
  for (const Golden& message : goldens()) {
    SCOPED_TRACE(message.name);
    const reactor::FrameResult result = reactor::next_frame(message.bytes, {kSmallestFrame, kLargestAnswer});
    ASSERT_EQ(result.status, reactor::FrameResult::Status::kFrame);
    EXPECT_EQ(result.consumed, message.bytes.size());
    const Frame frame = parse_frame(result.body);
    EXPECT_EQ(frame.type, message.type);
    EXPECT_EQ(frame.id, message.id);
    EXPECT_EQ(frame.fields, message.fields());
    EXPECT_EQ(message.recode(frame.fields), Recoded(message.bytes));
  }
}

TEST(WireTest, ADecodedMessageHasTheFieldsOfTheFrame) {
  const std::string entries = bytes_of("00000001  00000001 61  00000002 6262  00000000");
  const auto query = decode<QueryAnswer>(entries);
  ASSERT_TRUE(query);
  ASSERT_EQ(query->entries.size(), 1U);
  EXPECT_EQ(query->entries[0].dictionary, "a");
  EXPECT_EQ(query->entries[0].headword, "bb");
  EXPECT_EQ(query->entries[0].meaning, "");
  const std::string events = bytes_of("00000001  0000000000000007  ffffffffffffff85  00000001 78");
  const auto history = decode<HistoryAnswer>(events);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->events.at(0).number, 7U);
  EXPECT_EQ(history->events.at(0).time_us, -123);
  EXPECT_EQ(history->events.at(0).word, "x");
}

TEST(WireTest, EveryTruncationIsAnError) {
  for (const Golden& message : goldens()) {
    const std::string fields = message.fields();
    for (std::size_t size = 0; size < fields.size(); ++size) {
      EXPECT_EQ(message.recode(fields.substr(0, size)), Recoded(tl::unexpect, DecodeError::kTooShort))
          << message.name << " cut to " << size;
    }
  }
}

TEST(WireTest, AByteLeftOverIsAnError) {
  for (const Golden& message : goldens()) {
    for (const char extra : {'\0', 'x'}) {
      EXPECT_EQ(message.recode(message.fields() + extra), Recoded(tl::unexpect, DecodeError::kTooLong)) << message.name;
    }
  }
}

// A byte that is changed makes an error or another message: no two frames mean the same.
TEST(WireTest, EveryByteMatters) {
  for (const Golden& message : goldens()) {
    const std::string fields = message.fields();
    for (std::size_t at = 0; at < fields.size(); ++at) {
      for (unsigned change = 1; change < 256; change = change * 2 + 1) {
        std::string changed = fields;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
        const Recoded recoded = message.recode(changed);
        if (!recoded) continue;
        std::string whole = message.frame(changed);
        EXPECT_EQ(*recoded, whole) << message.name << ", byte " << at << " changed by " << change;
      }
    }
  }
}

TEST(WireTest, ATextThatIsNotUtf8IsAnError) {
  const std::string_view cases[] = {
      "00000001 ff",     "00000001 80",       "00000001 c3",     "00000002 c080",
      "00000003 eda080", "00000004 f4908080", "00000003 e28228", "00000004 616263f0",
  };
  for (const std::string_view text : cases) {
    EXPECT_EQ(decode<QueryRequest>(bytes_of(text)).error(), DecodeError::kInvalidUtf8) << text;
    const std::string str = bytes_of(text), fine = bytes_of("00000001 61"), number = bytes_of("00000000");
    EXPECT_EQ(decode<LoginRequest>(str + fine).error(), DecodeError::kInvalidUtf8);
    EXPECT_EQ(decode<LoginRequest>(fine + str).error(), DecodeError::kInvalidUtf8);
    EXPECT_EQ(decode<MatchRequest>(fine + str + number).error(), DecodeError::kInvalidUtf8);
    EXPECT_EQ(decode<MatchAnswer>(bytes_of("00000001") + fine + str).error(), DecodeError::kInvalidUtf8);
  }
}

TEST(WireTest, TheFirstFieldThatDoesNotFitIsTheError) {
  EXPECT_EQ(decode<LoginRequest>(bytes_of("00000001 ff  000000ff 61")).error(), DecodeError::kInvalidUtf8);
  EXPECT_EQ(decode<LoginRequest>(bytes_of("000000ff 61  00000001 ff")).error(), DecodeError::kTooShort);
}

TEST(WireTest, ACountThatLiesIsAnErrorAndCostsNoMemory) {
  const std::string one = bytes_of("00000001 61  00000001 62");
  const struct {
    std::string_view count;
    tl::unexpected<DecodeError> error;
  } cases[] = {{"00000000", tl::unexpected(DecodeError::kTooLong)},
               {"00000002", tl::unexpected(DecodeError::kTooShort)},
               {"7fffffff", tl::unexpected(DecodeError::kTooShort)},
               {"ffffffff", tl::unexpected(DecodeError::kTooShort)}};
  for (const auto& [count, error] : cases) {
    const std::string fields = bytes_of(count) + one;
    EXPECT_EQ(decode<MatchAnswer>(fields).error(), error.value()) << count;
    std::vector<MatchAnswer::Entry> entries;
    FieldReader(fields).get(entries);
    EXPECT_LE(entries.capacity(), 4U) << count;
  }
  EXPECT_EQ(decode<QueryRequest>(bytes_of("ffffffff 61")).error(), DecodeError::kTooShort);
}

TEST(WireTest, FramesAreWrittenOneBehindTheOther) {
  reactor::Buffer buffer;
  buffer.append("sent already");
  encode(buffer, 1, PingAnswer{});
  buffer.consume(12);
  encode(buffer, 5, QueryAnswer{});
  EXPECT_EQ(buffer.view(), bytes_of("00000005 88 00000001  00000009 85 00000005 00000000"));
}

TEST(WireTest, EveryErrorHasItsSentence) {
  for (const DecodeError error : {DecodeError::kTooShort, DecodeError::kTooLong, DecodeError::kInvalidUtf8}) {
    EXPECT_NE(describe(error), "unknown");
  }
}

}  // namespace
}  // namespace dictd::wire
