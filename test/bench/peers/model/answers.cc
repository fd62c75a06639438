#include "test/bench/peers/model/answers.h"

#include "dictd/fold.h"
#include "dictd/wire.h"
#include "reactor/frame.h"

namespace model {
namespace {

namespace wire = dictd::wire;

constexpr reactor::FrameLimits kLimits{.smallest = wire::kSmallestFrame};
constexpr std::uint16_t kBadRequest = 1;
constexpr std::uint16_t kUnknownType = 2;
constexpr std::uint16_t kUnavailable = 9;

void query(const wire::Frame& frame, LookUp& look_up, reactor::Buffer& output) {
  const auto request = wire::decode<wire::QueryRequest>(frame.fields);
  if (!request) return wire::encode(output, frame.id, wire::ErrorAnswer{kBadRequest, "not a query"});
  wire::QueryAnswer answer;
  if (look_up.find(dictd::trim(request->word), answer)) return wire::encode(output, frame.id, answer);
  wire::encode(output, frame.id, wire::ErrorAnswer{kUnavailable, "the database does not answer"});
}

void answer(const wire::Frame& frame, LookUp& look_up, reactor::Buffer& output) {
  switch (frame.type) {
    case wire::Type::kQuery: return query(frame, look_up, output);
    case wire::Type::kHello:
      return wire::encode(output, frame.id, wire::HelloAnswer{.server = "model", .largest_frame = kLimits.largest});
    case wire::Type::kLogin: return wire::encode(output, frame.id, wire::LoginAnswer{.token = "token-of-a-model"});
    case wire::Type::kResume: return wire::encode(output, frame.id, wire::ResumeAnswer{.name = "bench"});
    case wire::Type::kHistory: return wire::encode(output, frame.id, wire::HistoryAnswer{});
    case wire::Type::kMatch: return wire::encode(output, frame.id, wire::MatchAnswer{});
    case wire::Type::kForget: return wire::encode(output, frame.id, wire::ForgetAnswer{});
    case wire::Type::kDictionaries: return wire::encode(output, frame.id, wire::DictionariesAnswer{});
    case wire::Type::kRegister:
    case wire::Type::kLogout:
    case wire::Type::kPing:
    case wire::Type::kChangePassword: {
      const wire::FrameWriter nothing(output, wire::answer_to(frame.type), frame.id);
      return;
    }
    case wire::Type::kQueryIn:
    case wire::Type::kMatchIn:
    case wire::Type::kError: break;
  }
  wire::encode(output, frame.id, wire::ErrorAnswer{kUnknownType, "there is no such request"});
}

}  // namespace

std::optional<std::size_t> answer_frames(std::string_view bytes, LookUp& look_up, reactor::Buffer& output) {
  std::size_t consumed = 0;
  for (;;) {
    const reactor::FrameResult frame = reactor::next_frame(bytes.substr(consumed), kLimits);
    if (frame.status == reactor::FrameResult::Status::kNeedMore) return consumed;
    if (frame.status != reactor::FrameResult::Status::kFrame) return std::nullopt;
    answer(wire::parse_frame(frame.body), look_up, output);
    consumed += frame.consumed;
  }
}

}  // namespace model
