#include "test/bench/dictbench/text_protocols.h"

#include <charconv>
#include <optional>

namespace dictbench {
namespace {

using Outcome = Answer::Kind;

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kEndOfValue = "\r\nEND\r\n";

std::string key_of(std::size_t word) { return "w" + std::to_string(word); }
std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

// The number that a line ends with.
std::optional<std::size_t> last_number(std::string_view line) {
  const std::string_view digits = line.substr(line.find_last_not_of("0123456789") + 1);
  std::size_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return number;
}

// What is asked and answered is made for all words at once.
class Prepared : public Protocol {
 public:
  explicit Prepared(const Workload& workload) : workload_(workload) {}

  void ask(Item item, std::uint32_t /*id*/, std::string& out) override {
    out += exchanges(Kind::kQuery).request(item.word);
  }
  Answer judge(std::string_view bytes, Item item, std::uint32_t /*id*/) override {
    return compare(bytes, exchanges(Kind::kQuery).answer(item.word));
  }
  bool preload(std::size_t n, std::string& out) override {
    if (n >= workload_.words().size() || !workload_.words()[n].is_there) return false;
    store(n, workload_.words()[n].meaning, out);
    return true;
  }
  Answer preloaded(std::string_view bytes) override { return compare(bytes, stored()); }

 protected:
  // Appends the request that stores a word's meaning; the answer to it; the bytes that follow the first line of an
  // answer, which is `line`; and whether that line tells an error.
  virtual void store(std::size_t word, std::string_view meaning, std::string& out) const = 0;
  [[nodiscard]] virtual std::string_view stored() const = 0;
  [[nodiscard]] virtual std::size_t bytes_after(std::string_view line) const = 0;
  [[nodiscard]] virtual bool is_error(std::string_view line) const = 0;

 private:
  // One that is not `right` is taken off as well, to its end, so that the next one can be judged.
  [[nodiscard]] Answer compare(std::string_view bytes, std::string_view right) const {
    if (bytes.starts_with(right)) return {Outcome::kRight, right.size()};
    const std::size_t end = bytes.find(kEnd);
    if (end == std::string_view::npos) return {};
    const std::string_view line = bytes.substr(0, end);
    const std::size_t whole = end + kEnd.size() + bytes_after(line);
    if (bytes.size() < whole) return {};
    return {is_error(line) ? Outcome::kError : Outcome::kWrong, whole};
  }

  const Workload& workload_;
};

class Redis final : public Prepared {
 public:
  Redis(const Workload& workload, bool set) : Prepared(workload) {
    std::string put;
    for (std::size_t n = 0; n < workload.words().size(); ++n) {
      const Word& word = workload.words()[n];
      put.clear();
      store(n, word.meaning, put);
      if (set) {
        exchanges(Kind::kQuery).add(put, stored());
      } else {
        exchanges(Kind::kQuery)
            .add("*2\r\n$3\r\nGET\r\n" + bulk(key_of(n)), word.is_there ? bulk(word.meaning) : "$-1\r\n");
      }
    }
    exchanges(Kind::kQuery).settle();
  }

 protected:
  void store(std::size_t word, std::string_view meaning, std::string& out) const override {
    out += "*3\r\n$3\r\nSET\r\n" + bulk(key_of(word)) + bulk(meaning);
  }
  std::string_view stored() const override { return "+OK\r\n"; }
  std::size_t bytes_after(std::string_view line) const override {
    const auto size = line.starts_with('$') && !line.starts_with("$-") ? last_number(line) : std::nullopt;
    return size ? *size + kEnd.size() : 0;
  }
  bool is_error(std::string_view line) const override { return line.starts_with('-'); }
};

class Memcached final : public Prepared {
 public:
  explicit Memcached(const Workload& workload) : Prepared(workload) {
    for (std::size_t n = 0; n < workload.words().size(); ++n) {
      const Word& word = workload.words()[n];
      exchanges(Kind::kQuery)
          .add("get " + key_of(n) + "\r\n", word.is_there
                                                ? "VALUE " + key_of(n) + " 0 " + std::to_string(word.meaning.size()) +
                                                      "\r\n" + word.meaning + std::string(kEndOfValue)
                                                : "END\r\n");
    }
    exchanges(Kind::kQuery).settle();
  }

 protected:
  void store(std::size_t word, std::string_view meaning, std::string& out) const override {
    out += "set " + key_of(word) + " 0 0 " + std::to_string(meaning.size()) + "\r\n";
    out.append(meaning).append(kEnd);
  }
  std::string_view stored() const override { return "STORED\r\n"; }
  std::size_t bytes_after(std::string_view line) const override {
    const auto size = line.starts_with("VALUE ") ? last_number(line) : std::nullopt;
    return size ? *size + kEndOfValue.size() : 0;
  }
  bool is_error(std::string_view line) const override {
    return line == "ERROR" || line.starts_with("SERVER_ERROR") || line.starts_with("CLIENT_ERROR");
  }
};

}  // namespace

std::unique_ptr<Protocol> make_redis(const Workload& workload, bool set) {
  return std::make_unique<Redis>(workload, set);
}
std::unique_ptr<Protocol> make_memcached(const Workload& workload) { return std::make_unique<Memcached>(workload); }

}  // namespace dictbench
