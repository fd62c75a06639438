// What is asked, and what has to be answered: the wordbook, the order in which its words are looked up, and the bytes of
// each request and its answer, made before the measurement begins.
//
// Not for how bytes travel (session.h) nor for what a protocol looks like (protocol.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "test/bench/dictbench/options.h"

namespace dictbench {

struct Word {
  std::string headword;
  std::string meaning;
  bool is_there = true;  // false: one that has to be missed
};

// Something to ask.
struct Item {
  Kind kind;
  std::uint32_t word;
};

// Immutable once made; any thread.
class Workload {
 public:
  // The error says what is wrong with the wordbook.
  [[nodiscard]] static tl::expected<Workload, std::string> make(const Options& options);

  // Those that are there, then those that have to be missed.
  [[nodiscard]] const std::vector<Word>& words() const { return words_; }
  [[nodiscard]] bool is_there(std::uint32_t word) const { return word < there_; }
  // The n-th of an endless sequence.
  [[nodiscard]] Item item(std::uint64_t n) const { return sequence_[n & (kSequence - 1)]; }

 private:
  static constexpr std::size_t kSequence = std::size_t{1} << 20;   // a power of two
  static constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of a wordbook

  [[nodiscard]] tl::expected<void, std::string> read(const std::string& file);
  void draw(const Options& options);

  std::vector<Word> words_;
  std::size_t there_ = 0;
  std::vector<Item> sequence_;
};

// Writes a wordbook of `count` made-up entries to standard output: the same each time.
void write_made_up_words(std::size_t count, std::size_t bytes);

}  // namespace dictbench
