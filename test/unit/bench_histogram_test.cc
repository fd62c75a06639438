#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "test/bench/dictbench/histogram.h"

namespace {

using dictbench::Histogram;

// Values of every size: small ones as often as large ones.
std::vector<std::uint64_t> values_of_every_size(std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> values;
  while (values.size() < count) values.push_back((random() >> (random() % 36)) % Histogram::kLargest);
  for (std::uint64_t& value : values) value = value >> (random() % 30);
  return values;
}

TEST(BenchHistogram, TellsPercentilesToThreeDigits) {
  std::vector<std::uint64_t> values = values_of_every_size(10'000);
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(share)), exact, exact / 1000) << share;
    EXPECT_GE(static_cast<double>(histogram.percentile(share)), exact) << share;
  }
  EXPECT_EQ(histogram.largest(), values.back());
  EXPECT_EQ(histogram.count(), values.size());
}

TEST(BenchHistogram, SmallValuesAreExact) {
  for (const std::uint64_t value : {0U, 1U, 2U, 1023U, 1024U, 2047U}) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(1'000'000);
    EXPECT_EQ(histogram.percentile(0.5), value);
  }
}

TEST(BenchHistogram, MergingIsRecordingAll) {
  Histogram all;
  Histogram odd;
  Histogram even;
  for (const std::uint64_t value : values_of_every_size(1'000)) {
    all.record(value);
    (value % 2 == 1 ? odd : even).record(value);
  }
  odd.merge(even);
  EXPECT_EQ(odd.count(), all.count());
  EXPECT_EQ(odd.largest(), all.largest());
  EXPECT_NEAR(odd.mean(), all.mean(), all.mean() * 1e-9);
  for (const double share : {0.1, 0.5, 0.99}) EXPECT_EQ(odd.percentile(share), all.percentile(share));
}

TEST(BenchHistogram, WhatIsTooLargeCountsAsTheLargest) {
  Histogram histogram;
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.percentile(1), Histogram::kLargest);
}

TEST(BenchHistogram, OfNothingIsZero) {
  EXPECT_EQ(Histogram().percentile(0.5), 0U);
  EXPECT_EQ(Histogram().mean(), 0);
}

}  // namespace
