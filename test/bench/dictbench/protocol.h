// The protocols that dictbench can speak, as pure functions over bytes: the request for an item, and what an answer is
// worth.
//
// Requests and right answers are made once, before the measurement; then sending is a copy, and checking a comparison.
// Not for sockets (session.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "test/bench/dictbench/exchanges.h"
#include "test/bench/dictbench/workload.h"

namespace dictbench {

struct Answer {
  enum class Kind : std::uint8_t { kNeedMore, kRight, kWrong, kError };
  Kind kind = Kind::kNeedMore;
  std::size_t bytes = 0;
  std::uint16_t code = 0;  // of an error
};

// What MATCH is asked of a word for, so that it is among what is found.
struct Matching {
  std::string_view strategy;
  std::string text;
};
[[nodiscard]] Matching matching(Kind kind, std::string_view word);

// One thread at a time: each has its own.
class Protocol {
 public:
  // `options.protocol` names it; it can ask what is in `options.mix`. The workload outlives it.
  [[nodiscard]] static std::unique_ptr<Protocol> make(const Options& options, const Workload& workload);

  Protocol() = default;
  virtual ~Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  // Appends the request; `id` goes into it where the protocol has ids.
  virtual void ask(Item item, std::uint32_t id, std::string& out) = 0;
  // Judges the first answer in `bytes`, which is to this item and id.
  [[nodiscard]] virtual Answer judge(std::string_view bytes, Item item, std::uint32_t id) = 0;
  // Bytes of a greeting at the front, which a server may send unasked; nothing if they are not all there yet.
  [[nodiscard]] virtual std::size_t greeting(std::string_view /*bytes*/) const { return 0; }
  [[nodiscard]] virtual bool greets() const { return false; }
  // What a client says at last, whereupon the server closes the connection; nothing if it waits to be left.
  [[nodiscard]] virtual std::string_view farewell() const { return {}; }
  // What has to be asked, and answered, on one connection before the measurement: the n-th; false after the last.
  virtual bool preload(std::size_t /*n*/, std::string& /*out*/) { return false; }
  // Judges the answer to something of preload().
  [[nodiscard]] virtual Answer preloaded(std::string_view /*bytes*/) { return {}; }

  // These will be asked for, and judged, soon: prefetch_place() some time before the others.
  void prefetch_place(Item item) const { exchanges(item.kind).prefetch_place(item.word); }
  void prefetch_request(Item item) const { exchanges(item.kind).prefetch_request(item.word); }
  void prefetch_answer(Item item) const { exchanges(item.kind).prefetch_answer(item.word); }

 protected:
  [[nodiscard]] const Exchanges& exchanges(Kind kind) const { return exchanges_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] Exchanges& exchanges(Kind kind) { return exchanges_[static_cast<std::size_t>(kind)]; }

 private:
  std::array<Exchanges, kKinds> exchanges_;
};

}  // namespace dictbench
