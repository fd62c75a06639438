#include "test/bench/dictbench/text_protocols.h"

#include <vector>

namespace dictbench {
namespace {

using Outcome = Answer::Kind;

constexpr std::string_view kEnd = "\r\n";

std::string key_of(std::size_t word) { return "w" + std::to_string(word); }
std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

// The answer if it is `right`; else it is judged by its first line.
Answer compare(std::string_view bytes, std::string_view right) {
  if (bytes.starts_with(right)) return {Outcome::kRight, right.size()};
  if (right.starts_with(bytes)) return {};
  const std::size_t end = bytes.find(kEnd);
  if (end == std::string_view::npos) return {};
  const bool error = bytes.starts_with('-') || bytes.starts_with("ERROR") || bytes.starts_with("SERVER_ERROR");
  return {error ? Outcome::kError : Outcome::kWrong, end + kEnd.size()};
}

// What is asked and answered is made for all words at once.
class Prepared : public Protocol {
 public:
  explicit Prepared(const Workload& workload) : workload_(workload) {}

  void ask(Item item, std::uint32_t /*id*/, std::string& out) override { out += requests_[item.word]; }
  Answer judge(std::string_view bytes, Item item, std::uint32_t /*id*/) override {
    return compare(bytes, answers_[item.word]);
  }
  bool preload(std::size_t n, std::string& out) override {
    if (n >= workload_.words().size() || !workload_.words()[n].is_there) return false;
    out += store_[n];
    return true;
  }
  Answer preloaded(std::string_view bytes) override { return compare(bytes, stored_); }

 protected:
  void add(std::string request, std::string answer, std::string store) {
    requests_.push_back(std::move(request));
    answers_.push_back(std::move(answer));
    store_.push_back(std::move(store));
  }
  const Workload& workload_;
  std::string stored_;  // the answer to a value that was stored

 private:
  std::vector<std::string> requests_, answers_, store_;
};

class Redis final : public Prepared {
 public:
  Redis(const Workload& workload, bool set) : Prepared(workload) {
    stored_ = "+OK\r\n";
    for (std::size_t n = 0; n < workload.words().size(); ++n) {
      const Word& word = workload.words()[n];
      const std::string put = "*3\r\n$3\r\nSET\r\n" + bulk(key_of(n)) + bulk(word.meaning);
      if (set) {
        add(put, stored_, put);
      } else {
        add("*2\r\n$3\r\nGET\r\n" + bulk(key_of(n)), word.is_there ? bulk(word.meaning) : "$-1\r\n", put);
      }
    }
  }
};

class Memcached final : public Prepared {
 public:
  explicit Memcached(const Workload& workload) : Prepared(workload) {
    stored_ = "STORED\r\n";
    for (std::size_t n = 0; n < workload.words().size(); ++n) {
      const Word& word = workload.words()[n];
      const std::string size = std::to_string(word.meaning.size());
      const std::string value = word.meaning + "\r\n";
      add("get " + key_of(n) + "\r\n",
          word.is_there ? "VALUE " + key_of(n) + " 0 " + size + "\r\n" + value + "END\r\n" : "END\r\n",
          "set " + key_of(n) + " 0 0 " + size + "\r\n" + value);
    }
  }
};

// RFC 2229: DEFINE is answered by 150, for each definition 151 and a text that ends with a line of one dot, then 250; or
// by 552. Where a definition is in between is not compared to the byte: servers differ in what they put around it.
class Dict final : public Protocol {
 public:
  explicit Dict(const Workload& workload) : workload_(workload) {}

  bool greets() const override { return true; }
  std::size_t greeting(std::string_view bytes) const override {
    const std::size_t end = bytes.find(kEnd);
    return end == std::string_view::npos ? 0 : end + kEnd.size();
  }
  void ask(Item item, std::uint32_t /*id*/, std::string& out) override {
    out.append("DEFINE * \"").append(workload_.words()[item.word].headword).append("\"\r\n");
  }
  Answer judge(std::string_view bytes, Item item, std::uint32_t /*id*/) override {
    const Word& word = workload_.words()[item.word];
    bool in_text = false;
    for (std::size_t at = 0;;) {
      const std::size_t end = bytes.find(kEnd, at);
      if (end == std::string_view::npos) return {};
      const std::string_view line = bytes.substr(at, end - at);
      at = end + kEnd.size();
      if (in_text) {
        in_text = line != ".";
      } else if (line.starts_with("151")) {
        in_text = true;
      } else if (line.starts_with("250")) {
        const bool has_it = bytes.substr(0, at).find(word.meaning) != std::string_view::npos;
        return {word.is_there && has_it ? Outcome::kRight : Outcome::kWrong, at};
      } else if (line.starts_with("552")) {
        return {word.is_there ? Outcome::kWrong : Outcome::kRight, at};
      } else if (!line.starts_with("150")) {
        return {Outcome::kError, at};
      }
    }
  }

 private:
  const Workload& workload_;
};

}  // namespace

std::unique_ptr<Protocol> make_redis(const Workload& workload, bool set) {
  return std::make_unique<Redis>(workload, set);
}
std::unique_ptr<Protocol> make_memcached(const Workload& workload) { return std::make_unique<Memcached>(workload); }
std::unique_ptr<Protocol> make_dict(const Workload& workload) { return std::make_unique<Dict>(workload); }

}  // namespace dictbench
