// The index at four sizes, of words that are made up here: a look-up must not cost more as the dictionary grows,
// beyond what the memory's caches make of it.
//
// One index lives at a time, so all of one size runs before the next. Words are pronounceable, of 6 to 8 letters, and
// near enough to each other that a word has neighbours at distance one, as in a language. "hot" is: random words out of
// all of them, in an index that was gone through before. The counter `overhead` is what the index takes beyond the
// text of headwords and meanings, as a share of that text.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dictd/index.h"
#include "dictd/strategy.h"

namespace {

constexpr std::size_t kMeaningBytes = 93;  // with its headword some 100
constexpr std::size_t kMostKeys = 1U << 17U;

// The word of that number: a different one for each below `size`, spread over some eight times as many.
std::string make_word(std::size_t number, std::size_t size) {
  constexpr std::string_view kConsonants = "bcdfghjklmnprstv";
  constexpr std::string_view kVowels = "aeio";
  constexpr unsigned kSyllableBits = 6;
  const unsigned syllables = (static_cast<unsigned>(std::bit_width(size)) + 3 + kSyllableBits - 1) / kSyllableBits;
  const std::uint64_t mask = (std::uint64_t{1} << (syllables * kSyllableBits)) - 1;
  // Each step is one to one below the mask.
  std::uint64_t mixed = (number * 0x9E3779B97F4A7C15U) & mask;
  mixed ^= mixed >> (syllables * kSyllableBits / 2);
  mixed = (mixed * 0xBF58476D1CE4E5B9U) & mask;
  std::string word;
  for (unsigned i = 0; i < syllables; ++i, mixed >>= kSyllableBits) {
    word += kConsonants[mixed & 15U];
    word += kVowels[(mixed >> 4U) & 3U];
  }
  return word;
}

std::shared_ptr<const dictd::Index> build(std::size_t size) {
  dictd::IndexBuilder builder;
  bool good = builder.add_dictionary({.name = "bench", .title = "made up"}).has_value();
  std::string meaning(kMeaningBytes, 'm');
  for (std::size_t i = 0; i < size; ++i) {
    meaning[i % kMeaningBytes] = static_cast<char>('a' + i % 26);
    good = builder.add(make_word(i, size), meaning).has_value() && good;
  }
  return good ? std::move(builder).build() : nullptr;
}

// The index of the size asked for last, and what to ask of it.
struct Fixture {
  std::size_t size = 0;
  double overhead = 0;
  std::shared_ptr<const dictd::Index> index;
  std::vector<std::string> hits;    // in random order, as many as a power of two
  std::vector<std::string> misses;  // like words

  [[nodiscard]] static Fixture& of(std::size_t size) {
    static Fixture fixture;
    if (fixture.size != size) fixture.make(size);
    return fixture;
  }

 private:
  static std::size_t allocated() {
    const struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
  }
  void make(std::size_t wanted) {
    *this = Fixture();
    const std::size_t before = allocated();
    index = build(wanted);
    const std::size_t text = wanted * (make_word(0, wanted).size() + kMeaningBytes);
    overhead = (static_cast<double>(allocated() - before) - static_cast<double>(text)) / static_cast<double>(text);
    size = wanted;

    std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same words each time
    for (std::size_t i = 0; i < std::min(kMostKeys, std::bit_ceil(wanted)); ++i) {
      hits.push_back(make_word(random() % wanted, wanted));
      misses.push_back(make_word(wanted + random() % wanted, wanted));
    }
  }
};

void exact_of(benchmark::State& state, const Fixture& fixture, const std::vector<std::string>& keys, bool found,
              const char* database = "*") {
  const dictd::Index& index = *fixture.index;
  const dictd::Scope scope = *index.scope(database);
  std::vector<dictd::Entry> results;
  bool right = true;
  for (const std::string& key : keys) {
    index.entries(index.find(key), {key, key}, scope, results);
    right = right && results.empty() != found;
  }
  if (!right) return state.SkipWithError("the index answered wrongly");
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& key = keys[next++ & (keys.size() - 1)];
    index.entries(index.find(key), {key, key}, scope, results);
    benchmark::DoNotOptimize(results.data());
    benchmark::ClobberMemory();
  }
}
void exact_hot(benchmark::State& state, std::size_t size) {
  const Fixture& fixture = Fixture::of(size);
  exact_of(state, fixture, fixture.hits, true);
}
// Asked of a dictionary by its name, which may be one of many.
void exact_named(benchmark::State& state, std::size_t size) {
  const Fixture& fixture = Fixture::of(size);
  exact_of(state, fixture, fixture.hits, true, "bench");
}
void exact_miss(benchmark::State& state, std::size_t size) {
  const Fixture& fixture = Fixture::of(size);
  exact_of(state, fixture, fixture.misses, false);
}

// As a run of pipelined requests is looked up; a time is that of one word.
void exact_in_runs(benchmark::State& state, std::size_t size) {
  constexpr std::size_t kRun = dictd::Index::kMostAtOnce;
  const Fixture& fixture = Fixture::of(size);
  const dictd::Scope scope = *fixture.index->scope("*");
  std::vector<dictd::Index::Place> places(kRun);
  std::vector<dictd::Entry> results;
  std::size_t next = 0;
  while (state.KeepRunningBatch(kRun)) {
    const auto words = std::span(fixture.hits).subspan(next & (fixture.hits.size() - 1), kRun);
    fixture.index->find_all(words, places);
    for (std::size_t n = 0; n < kRun; ++n) {
      fixture.index->entries(places[n], {words[n], words[n]}, scope, results);
      benchmark::DoNotOptimize(results.data());
      benchmark::ClobberMemory();
    }
    next += kRun;
  }
}

// `make_question` makes of a word what is asked for.
template <typename MakeQuestion>
void match(benchmark::State& state, std::size_t size, const char* name, MakeQuestion make_question) {
  const Fixture& fixture = Fixture::of(size);
  const dictd::Strategy strategy = *dictd::find_strategy(name);
  const dictd::Scope scope = *fixture.index->scope("*");
  const dictd::MatchLimits limits{20, std::chrono::steady_clock::time_point::max()};
  std::vector<dictd::Entry> results;
  std::size_t next = 0;
  std::size_t answered = 0;
  for (auto _ : state) {
    const auto word = make_question(std::string_view(fixture.hits[next++ & (fixture.hits.size() - 1)]));
    if (!dictd::match(*fixture.index, strategy, {word, word}, scope, limits, results)) return state.SkipWithError(name);
    answered += results.size();
  }
  state.counters["results"] = benchmark::Counter(static_cast<double>(answered), benchmark::Counter::kAvgIterations);
}
// Two letters begin some 20 words even of the smallest.
void prefix_20(benchmark::State& state, std::size_t size) {
  match(state, size, "prefix", [](std::string_view word) { return word.substr(0, 2); });
}
void whole_word(benchmark::State& state, std::size_t size, const char* strategy) {
  match(state, size, strategy, [](std::string_view word) { return word; });
}
void lev_1(benchmark::State& state, std::size_t size) { whole_word(state, size, "lev"); }
void lev_2(benchmark::State& state, std::size_t size) { whole_word(state, size, "lev2"); }
void soundex(benchmark::State& state, std::size_t size) { whole_word(state, size, "soundex"); }
void metaphone(benchmark::State& state, std::size_t size) { whole_word(state, size, "metaphone"); }
void substring(benchmark::State& state, std::size_t size) { whole_word(state, size, "substring"); }
// Patterns with a part that all of their matches have, with a beginning, and with neither.
void re_with_part(benchmark::State& state, std::size_t size) {
  match(state, size, "re", [](std::string_view word) { return std::string(word.substr(1, 4)) + ".?$"; });
}
void re_with_beginning(benchmark::State& state, std::size_t size) {
  match(state, size, "re", [](std::string_view word) { return '^' + std::string(word.substr(0, 2)) + ".*[ae]$"; });
}
void re_with_neither(benchmark::State& state, std::size_t size) {
  match(state, size, "re", [](std::string_view /*word*/) { return std::string_view("q[aeio]|[aeio]{2}"); });
}

// With the making-up of the words, which is little beside it.
void build_all(benchmark::State& state, std::size_t size) {
  for (auto _ : state) benchmark::DoNotOptimize(build(size));
  state.counters["overhead"] = Fixture::of(size).overhead;
}

const bool kRegistered = [] {
  for (const std::size_t size : {1'500U, 15'000U, 150'000U, 1'500'000U}) {
    const auto add = [size](const char* name, void (*function)(benchmark::State&, std::size_t)) {
      return benchmark::RegisterBenchmark((std::string(name) + "/" + std::to_string(size)).c_str(), function, size);
    };
    add("index_exact_hot", exact_hot);
    add("index_exact_in_runs", exact_in_runs);
    add("index_exact_named", exact_named);
    add("index_exact_miss", exact_miss);
    add("index_prefix_20", prefix_20);
    add("index_lev_1", lev_1);
    add("index_lev_2", lev_2);
    add("index_soundex", soundex);
    add("index_metaphone", metaphone);
    add("index_substring", substring);
    add("index_re_with_part", re_with_part);
    add("index_re_with_beginning", re_with_beginning);
    add("index_re_with_neither", re_with_neither);
    add("index_build", build_all)->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
