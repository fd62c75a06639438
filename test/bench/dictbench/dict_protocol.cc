#include "test/bench/dictbench/dict_protocol.h"

namespace dictbench {
namespace {

using Outcome = Answer::Kind;

constexpr std::string_view kEnd = "\r\n";

std::string quoted(std::string_view text) {
  std::string string = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') string += '\\';
    string += c;
  }
  return string + '"';
}

std::string request_for(Kind kind, const std::string& word) {
  if (kind == Kind::kQuery) return "DEFINE * " + quoted(word) + "\r\n";
  const auto [strategy, text] = matching(kind, word);
  return "MATCH * " + std::string(strategy) + " " + quoted(text) + "\r\n";
}

// Whether an answer may end here: an answer that comes in many pieces is not read anew with each.
bool ends_with_status(std::string_view bytes) {
  if (!bytes.ends_with(kEnd)) return false;
  const std::size_t end = bytes.rfind(kEnd, bytes.size() - kEnd.size() - 1);
  const std::size_t line = end == std::string_view::npos ? 0 : end + kEnd.size();
  return bytes[line] >= '2' && bytes[line] <= '5';
}

// DEFINE is answered by 150, and for each definition 151 and a text; MATCH by 152 and a text; then 250 follows. Or there
// is nothing: 552. A text ends with a line of one dot. Servers differ in what they put around a definition and in what
// else they match: the meaning has to be in there, or the headword as a line has it.
class Dict final : public Protocol {
 public:
  Dict(const Options& options, const Workload& workload) : workload_(workload) {
    for (const Share& share : options.mix) {
      for (const Word& word : workload.words()) {
        exchanges(share.kind)
            .add(request_for(share.kind, word.headword),
                 share.kind == Kind::kQuery ? word.meaning : " " + quoted(word.headword) + "\r\n");
      }
      exchanges(share.kind).settle();
    }
  }

  [[nodiscard]] bool greets() const override { return true; }
  [[nodiscard]] std::size_t greeting(std::string_view bytes) const override {
    const std::size_t end = bytes.find(kEnd);
    return end == std::string_view::npos ? 0 : end + kEnd.size();
  }
  [[nodiscard]] std::string_view farewell() const override { return "QUIT\r\n"; }
  void ask(Item item, std::uint32_t /*id*/, std::string& out) override {
    out += exchanges(item.kind).request(item.word);
  }

  [[nodiscard]] Answer judge(std::string_view bytes, Item item, std::uint32_t /*id*/) override {
    if (!ends_with_status(bytes)) return {};
    const bool is_there = workload_.is_there(item.word);
    bool in_text = false;
    for (std::size_t at = 0;;) {
      const std::size_t end = bytes.find(kEnd, at);
      if (end == std::string_view::npos) return {};
      const std::string_view line = bytes.substr(at, end - at);
      at = end + kEnd.size();
      if (in_text) {
        in_text = line != ".";
      } else if (line.starts_with("151") || line.starts_with("152")) {
        in_text = true;
      } else if (line.starts_with("250")) {
        const bool has_it = bytes.substr(0, at).find(exchanges(item.kind).answer(item.word)) != std::string_view::npos;
        return {is_there && has_it ? Outcome::kRight : Outcome::kWrong, at};
      } else if (line.starts_with("552")) {
        return {is_there ? Outcome::kWrong : Outcome::kRight, at};
      } else if (!line.starts_with("150")) {
        return {Outcome::kError, at};
      }
    }
  }

 private:
  const Workload& workload_;
};

}  // namespace

std::unique_ptr<Protocol> make_dict(const Options& options, const Workload& workload) {
  return std::make_unique<Dict>(options, workload);
}

}  // namespace dictbench
