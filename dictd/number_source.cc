#include "dictd/number_source.h"

#include <algorithm>
#include <cassert>

namespace dictd {

namespace {

constexpr std::int64_t kEpochUs = 1'577'836'800'000'000;  // 2020-01-01 UTC, counted from 1970
// More than a system keeps from its disk; at one microsecond each, sixty million events.
constexpr std::uint64_t kLostUs = 60'000'000;

}  // namespace

NumberSource::NumberSource(std::uint16_t server_number) : server_number_(server_number) {
  assert(server_number <= kMaxServerNumber);
}

std::uint64_t NumberSource::next(std::int64_t now_us) {
  const auto since_epoch = static_cast<std::uint64_t>(std::max<std::int64_t>(now_us - kEpochUs, 0));
  last_us_ = std::max(since_epoch, last_us_ + 1);
  return last_us_ << kServerNumberBits | server_number_;
}

void NumberSource::advance_past(std::uint64_t number) { last_us_ = std::max(last_us_, number >> kServerNumberBits); }

void NumberSource::resume_after(std::uint64_t newest, std::int64_t now_us) {
  const bool clock_is_behind = time_of_number(newest) >= now_us;
  advance_past(clock_is_behind ? newest + (kLostUs << kServerNumberBits) : newest);
}

std::int64_t time_of_number(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> kServerNumberBits) + kEpochUs;
}

}  // namespace dictd
