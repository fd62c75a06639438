#include "test/bench/dictbench/framed_protocol.h"

#include <array>
#include <optional>
#include <vector>

#include "dictd/wire.h"
#include "reactor/buffer.h"

namespace dictbench {
namespace {

namespace wire = dictd::wire;
using reactor::Buffer;

constexpr std::size_t kIdAt = reactor::kFramePrefix + 1;
constexpr std::size_t kFieldsAt = kIdAt + 4;

// What is asked of each word, and what has to come back: everything of the answer but its id. In one piece of memory,
// side by side, as they are used.
class Exchanges {
 public:
  explicit Exchanges(std::size_t words) : places_(words) {}

  [[nodiscard]] bool has_request(std::size_t word) const { return places_[word].request_size > 0; }
  [[nodiscard]] bool has_fields(std::size_t word) const { return places_[word].fields_size > 0; }
  [[nodiscard]] std::string_view request(std::size_t word) const {
    return std::string_view(bytes_).substr(places_[word].at, places_[word].request_size);
  }
  [[nodiscard]] std::string_view fields(std::size_t word) const {
    return std::string_view(bytes_).substr(places_[word].at + places_[word].request_size, places_[word].fields_size);
  }
  void set(std::size_t word, std::string_view request, std::string_view fields) {
    places_[word] = {bytes_.size(), static_cast<std::uint32_t>(request.size()),
                     static_cast<std::uint32_t>(fields.size())};
    bytes_.append(request).append(fields);
  }

 private:
  struct Place {
    std::size_t at = 0;
    std::uint32_t request_size = 0;
    std::uint32_t fields_size = 0;
  };
  std::vector<Place> places_;
  std::string bytes_;
};

std::string bytes_of(const Buffer& buffer) { return std::string(buffer.view()); }

std::string request_for(Kind kind, const std::string& word) {
  Buffer out;
  switch (kind) {
    case Kind::kQuery: wire::encode(out, 0, wire::QueryRequest{word}); break;
    case Kind::kMatchExact: wire::encode(out, 0, wire::MatchRequest{"exact", word, 0}); break;
    case Kind::kMatchPrefix: wire::encode(out, 0, wire::MatchRequest{"prefix", word.substr(0, 3), 0}); break;
    case Kind::kMatchLev: wire::encode(out, 0, wire::MatchRequest{"lev", word, 0}); break;
    case Kind::kPing: wire::encode(out, 0, wire::PingRequest{}); break;
    case Kind::kHistory: wire::encode(out, 0, wire::HistoryRequest{}); break;
    case Kind::kOther: break;
  }
  return bytes_of(out);
}

wire::Type answer_type(Kind kind) {
  switch (kind) {
    case Kind::kQuery: return wire::QueryAnswer::kType;
    case Kind::kPing: return wire::PingAnswer::kType;
    case Kind::kHistory: return wire::HistoryAnswer::kType;
    default: return wire::MatchAnswer::kType;
  }
}

class Framed final : public Protocol {
 public:
  Framed(const Workload& workload, bool echo) : workload_(workload), echo_(echo) {}

  void ask(Item item, std::uint32_t id, std::string& out) override {
    Exchanges& known = exchanges(item.kind);
    if (!known.has_request(item.word)) {
      known.set(item.word, request_for(item.kind, workload_.words()[item.word].headword), {});
    }
    const std::size_t at = out.size();
    out += known.request(item.word);
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
  bool is_right(std::string_view fields, Item item) {
    if (echo_) {
      if (echo_fields_.empty()) echo_fields_ = fields;
      return fields == echo_fields_;
    }
    const Word& word = workload_.words()[item.word];
    switch (item.kind) {
      case Kind::kQuery: {
        Exchanges& known = exchanges(Kind::kQuery);
        if (!known.has_fields(item.word)) {
          const std::string right = right_fields(fields, word);
          if (right.empty()) return false;
          known.set(item.word, std::string(known.request(item.word)), right);
        }
        return fields == known.fields(item.word);
      }
      case Kind::kMatchExact: {
        const auto match = wire::decode<wire::MatchAnswer>(fields);
        return match && match->entries.size() == (word.is_there ? 1U : 0U) &&
               (!word.is_there || match->entries[0].headword == word.headword);
      }
      case Kind::kMatchPrefix:
      case Kind::kMatchLev: return wire::decode<wire::MatchAnswer>(fields).has_value();
      case Kind::kHistory: return wire::decode<wire::HistoryAnswer>(fields).has_value();
      default: return fields.empty();
    }
  }

  // Of the right answer only the name of the dictionary is not known beforehand: that of the first answer has to be
  // everyone's.
  std::string right_fields(std::string_view first_answer, const Word& word) {
    wire::QueryAnswer right;
    if (word.is_there) {
      if (dictionary_.empty()) {
        const auto answer = wire::decode<wire::QueryAnswer>(first_answer);
        if (!answer || answer->entries.size() != 1) return {};
        dictionary_ = answer->entries[0].dictionary;
      }
      right.entries.push_back({dictionary_, word.headword, word.meaning});
    }
    Buffer frame;
    wire::encode(frame, 0, right);
    return std::string(frame.view().substr(kFieldsAt));
  }

  Exchanges& exchanges(Kind kind) {
    auto& known = exchanges_.at(static_cast<std::size_t>(kind));
    if (!known) known.emplace(workload_.words().size());
    return *known;
  }

  const Workload& workload_;
  const bool echo_;
  std::array<std::optional<Exchanges>, static_cast<std::size_t>(Kind::kOther) + 1> exchanges_;
  std::string dictionary_;
  std::string echo_fields_;
};

}  // namespace

std::unique_ptr<Protocol> make_framed(const Workload& workload, bool echo) {
  return std::make_unique<Framed>(workload, echo);
}

}  // namespace dictbench
