#include "test/bench/dictbench/framed_protocol.h"

#include <algorithm>

#include "dictd/fold.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;
using reactor::Buffer;

constexpr std::size_t kIdAt = reactor::kFramePrefix + 1;
constexpr std::size_t kFieldsAt = kIdAt + 4;
constexpr std::string_view kEmptyList("\0\0\0\0", 4);
std::string_view request_for(Kind kind, std::string_view word, Buffer& out) {
  out = {};
  switch (kind) {
    case Kind::kQuery: wire::encode(out, 0, wire::QueryRequest{word}); break;
    case Kind::kPing: wire::encode(out, 0, wire::PingRequest{}); break;
    case Kind::kHistory: wire::encode(out, 0, wire::HistoryRequest{}); break;
    default: {
      const auto [strategy, text] = matching(kind, word);
      wire::encode(out, 0, wire::MatchRequest{strategy, text, 0});
    }
  }
  return out.view();
}

wire::Type answer_type(Kind kind) {
  switch (kind) {
    case Kind::kQuery: return wire::QueryAnswer::kType;
    case Kind::kPing: return wire::PingAnswer::kType;
    case Kind::kHistory: return wire::HistoryAnswer::kType;
    default: return wire::MatchAnswer::kType;
  }
}

// What the right answer's only entry holds after the name of its dictionary: the same bytes as a frame with an entry
// whose dictionary has no name, less the list's count and the name's. Nothing for a word that is not there.
std::string_view entry_of(Kind kind, const Word& word, Buffer& out) {
  out = {};
  if (!word.is_there) return {};
  if (kind == Kind::kQuery) {
    wire::QueryAnswer answer;
    answer.entries.push_back({"", word.headword, word.meaning});
    wire::encode(out, 0, answer);
  } else {
    wire::MatchAnswer answer;
    answer.entries.push_back({"", word.headword});
    wire::encode(out, 0, answer);
  }
  return out.view().substr(kFieldsAt + 2 * sizeof(std::uint32_t));
}

class Framed final : public Protocol {
 public:
  Framed(const Options& options, const Workload& workload) : workload_(workload), echo_(options.protocol == "echo") {
    Buffer request, answer;
    for (const Share& share : options.mix) {
      for (const Word& word : workload.words()) {
        exchanges(share.kind)
            .add(request_for(share.kind, word.headword, request),
                 is_known_to_the_byte(share.kind) ? entry_of(share.kind, word, answer) : std::string_view());
      }
      exchanges(share.kind).settle();
    }
  }

  void ask(Item item, std::uint32_t id, std::string& out) override {
    const std::size_t at = out.size();
    out += exchanges(item.kind).request(item.word);
    reactor::store(out.data() + at + kIdAt, id);
  }

  Answer judge(std::string_view bytes, Item item, std::uint32_t id) override {
    const auto frame = reactor::next_frame(bytes, {wire::kSmallestFrame, wire::kLargestAnswer});
    if (frame.status == reactor::FrameResult::Status::kNeedMore) return {};
    if (frame.status != reactor::FrameResult::Status::kFrame) return {Answer::Kind::kWrong, bytes.size()};
    const wire::Frame answer = wire::parse_frame(frame.body);
    if (answer.type == wire::Type::kError) {
      const auto error = wire::decode<wire::ErrorAnswer>(answer.fields);
      return {Answer::Kind::kError, frame.consumed, error ? error->code : std::uint16_t{0}};
    }
    const bool right = answer.id == id && answer.type == answer_type(item.kind) && is_right(answer.fields, item);
    return {right ? Answer::Kind::kRight : Answer::Kind::kWrong, frame.consumed};
  }

 private:
  static bool is_known_to_the_byte(Kind kind) { return kind == Kind::kQuery || kind == Kind::kMatchExact; }

  bool is_right(std::string_view fields, Item item) {
    if (echo_) {
      if (echoed_.empty()) echoed_ = fields;
      return fields == echoed_;
    }
    switch (item.kind) {
      case Kind::kQuery:
      case Kind::kMatchExact: return is_the_entry(fields, exchanges(item.kind).answer(item.word), item.kind);
      case Kind::kMatchPrefix: return is_prefixed(fields, workload_.words()[item.word]);
      case Kind::kMatchLev:
      case Kind::kMatchRe:
      case Kind::kMatchSoundex: return wire::decode<wire::MatchAnswer>(fields).has_value();
      case Kind::kHistory: return wire::decode<wire::HistoryAnswer>(fields).has_value();
      default: return fields.empty();
    }
  }

  // Of the right answer only the name of the dictionary is not known beforehand: that of the first answer has to be
  // everyone's.
  bool is_the_entry(std::string_view fields, std::string_view right, Kind kind) {
    if (right.empty()) return fields == kEmptyList;
    if (before_entry_.empty() && !learn(fields, kind)) return false;
    return fields.size() == before_entry_.size() + right.size() && fields.ends_with(right) &&
           fields.starts_with(before_entry_);
  }

  bool learn(std::string_view fields, Kind kind) {
    std::string_view dictionary;
    if (kind == Kind::kQuery) {
      const auto answer = wire::decode<wire::QueryAnswer>(fields);
      if (!answer || answer->entries.size() != 1) return false;
      dictionary = answer->entries[0].dictionary;
    } else {
      const auto answer = wire::decode<wire::MatchAnswer>(fields);
      if (!answer || answer->entries.size() != 1) return false;
      dictionary = answer->entries[0].dictionary;
    }
    before_entry_ = fields.substr(0, 2 * sizeof(std::uint32_t) + dictionary.size());
    return true;
  }

  static bool is_prefixed(std::string_view fields, const Word& word) {
    const auto match = wire::decode<wire::MatchAnswer>(fields);
    if (!match || (word.is_there && match->entries.empty())) return false;
    std::string prefix, key;
    dictd::fold(matching(Kind::kMatchPrefix, word.headword).text, prefix);
    return std::ranges::all_of(match->entries, [&](const auto& entry) {
      dictd::fold(entry.headword, key);
      return key.starts_with(prefix);
    });
  }

  const Workload& workload_;
  const bool echo_;
  std::string before_entry_;  // of every answer with one entry: the list's count, and the dictionary's name
  std::string echoed_;
};

}  // namespace

std::unique_ptr<Protocol> make_framed(const Options& options, const Workload& workload) {
  return std::make_unique<Framed>(options, workload);
}

}  // namespace dictbench
