// Latencies, counted in buckets whose width grows with the value: three significant digits from 1 ns to 100 s, in
// memory of a fixed size (the log-linear buckets of HdrHistogram, hdrhistogram.org).
//
// Recording costs a shift and an addition. Not for values that have to be exact.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace dictbench {

// One thread at a time.
class Histogram {
 public:
  static constexpr std::uint64_t kLargest = 100'000'000'000;  // ns; more counts as this

  void record(std::uint64_t ns) {
    ns = std::min(ns, kLargest);
    ++counts_[bucket_of(ns)];
    ++count_;
    sum_ += static_cast<double>(ns);
    largest_ = std::max(largest_, ns);
  }

  void merge(const Histogram& other) {
    for (std::size_t n = 0; n < counts_.size(); ++n) counts_[n] += other.counts_[n];
    count_ += other.count_;
    sum_ += other.sum_;
    largest_ = std::max(largest_, other.largest_);
  }

  // The value that `share` (0 to 1) of all values do not exceed, as exactly as its bucket tells. 0 when there are none.
  [[nodiscard]] std::uint64_t percentile(double share) const {
    const auto rank =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t n = 0; n < counts_.size(); ++n) {
      seen += counts_[n];
      if (seen >= rank) return std::min(last_of(n), largest_);
    }
    return largest_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }
  [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

 private:
  static constexpr int kDigits = 10;  // binary: a bucket is 1/1024 of its value wide, or less
  static constexpr std::size_t kStep = std::size_t{1} << kDigits;

  // Values below 2048 have a bucket each; then each doubling has 1024 buckets.
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kDigits - 1);
    return static_cast<std::size_t>(shift) * kStep + static_cast<std::size_t>(value >> shift);
  }
  static constexpr std::uint64_t last_of(std::size_t bucket) {
    const std::size_t shift = bucket < 2 * kStep ? 0 : bucket / kStep - 1;
    return ((bucket - shift * kStep + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(bucket_of(kLargest) + 1);
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
  double sum_ = 0;
};

}  // namespace dictbench
