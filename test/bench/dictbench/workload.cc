#include "test/bench/dictbench/workload.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <unordered_set>

#include "dictd/fold.h"
#include "words/reader.h"

namespace dictbench {
namespace {

constexpr std::uint32_t kSeed = 20;  // any: the same work each time is what counts
constexpr std::size_t kMissingWords = 1000;

// How often the words are asked for, the most frequent one first: sums of the shares, up to 1.
std::vector<double> cumulated_shares(std::size_t words, bool uniform, double exponent) {
  std::vector<double> sums(words);
  double sum = 0;
  for (std::size_t rank = 0; rank < words; ++rank) {
    sums[rank] = sum += uniform ? 1 : 1 / std::pow(static_cast<double>(rank + 1), exponent);
  }
  for (double& value : sums) value /= sum;
  return sums;
}

}  // namespace

tl::expected<Workload, std::string> Workload::make(const Options& options) {
  Workload workload;
  if (const auto read = workload.read(options.words); !read) return tl::unexpected(read.error());
  workload.draw(options);
  return workload;
}

tl::expected<void, std::string> Workload::read(const std::string& file) {
  std::ifstream in(file);
  if (!in) return tl::unexpected("cannot read the wordbook " + file);
  // A word with several entries has several right answers to one request; the measurement does without it.
  std::unordered_set<std::string> seen, repeated;
  std::string line, key;
  std::size_t bytes = 0;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if ((bytes += line.size()) > kMostBytes) return tl::unexpected("more than 1 GiB of words in " + file);
    const words::Line parsed = words::read_line(line, number);
    const auto* const entry = std::get_if<words::Entry>(&parsed);
    if (entry == nullptr) continue;
    dictd::fold(entry->headword, key);
    if (!seen.insert(key).second) repeated.insert(key);
    words_.push_back({std::string(entry->headword), std::string(entry->meaning)});
  }
  std::erase_if(words_, [&](const Word& word) {
    dictd::fold(word.headword, key);
    return repeated.contains(key);
  });
  if (words_.empty()) return tl::unexpected("there are no words in " + file);
  return {};
}

void Workload::draw(const Options& options) {
  std::mt19937_64 random(kSeed);
  const std::size_t there = there_ = words_.size();
  // Which word is how frequent has nothing to do with its place in the book.
  std::vector<std::uint32_t> by_rank(there);
  std::iota(by_rank.begin(), by_rank.end(), 0U);
  std::shuffle(by_rank.begin(), by_rank.end(), random);
  for (std::size_t n = 0; n < kMissingWords; ++n) words_.push_back({"zzz-missing-" + std::to_string(n), "", false});

  const auto shares = cumulated_shares(there, options.uniform, options.zipf);
  const double all = std::accumulate(options.mix.begin(), options.mix.end(), 0.0,
                                     [](double sum, const Share& share) { return sum + share.percent; });
  std::uniform_real_distribution<double> unit(0, 1);
  sequence_.reserve(kSequence);
  while (sequence_.size() < kSequence) {
    double left = unit(random) * all;
    Kind kind = options.mix.back().kind;
    for (const Share& share : options.mix) {
      if ((left -= share.percent) < 0) {
        kind = share.kind;
        break;
      }
    }
    std::size_t word = there + random() % kMissingWords;
    if (unit(random) >= options.misses) {
      const auto rank = std::upper_bound(shares.begin(), shares.end(), unit(random)) - shares.begin();
      word = by_rank[std::min(static_cast<std::size_t>(rank), there - 1)];
    }
    sequence_.push_back({kind, static_cast<std::uint32_t>(word)});
  }
}

void write_made_up_words(std::size_t count, std::size_t bytes) {
  static constexpr std::string_view kConsonants = "bdfgklmnprstvz";
  static constexpr std::string_view kVowels = "aeiou";
  static constexpr std::string_view kFiller = "made up so that a look-up has something to carry; 为测量而造的词 ";
  std::string headword, meaning;
  for (std::size_t n = 0; n < count; ++n) {
    headword.clear();
    // The number in syllables, the least significant first, so that neighbours do not begin alike.
    std::size_t left = n * 2654435761U % 4294967296U;
    for (int syllable = 0; syllable < 5; ++syllable) {
      headword += kConsonants[left % kConsonants.size()];
      left /= kConsonants.size();
      headword += kVowels[left % kVowels.size()];
      left /= kVowels.size();
    }
    headword += std::to_string(n % 10);
    if (left > 0) headword += std::to_string(left);
    meaning = "n. entry " + std::to_string(n) + ", ";
    while (meaning.size() + kFiller.size() <= bytes) meaning += kFiller;
    meaning.resize(std::max(meaning.size(), bytes), '.');
    std::printf("%s\t%s\n", headword.c_str(), meaning.c_str());
  }
}

}  // namespace dictbench
