// Numbers that never repeat: for events, and for users.
//
// A number is (microseconds since 2020-01-01 UTC) << 12 | server number. 52 bits of time last until 2162; the
// 4,096 server numbers are claimed in the database, one for each state directory, so that two servers never
// make the same. Not for anything secret: a number tells when it was made, and by whom.
#pragma once

#include <cstdint>

namespace dictd {

inline constexpr int kServerNumberBits = 12;
inline constexpr std::uint16_t kMaxServerNumber = (1U << kServerNumberBits) - 1;

// Makes strictly increasing numbers. One thread at a time (the loop).
class NumberSource {
 public:
  // `server_number` is at most kMaxServerNumber.
  explicit NumberSource(std::uint16_t server_number);

  // The next number; `now_us` is microseconds since the Unix epoch. A clock that stands still or was set back
  // costs nothing but truth: the number is then one microsecond after the last one.
  [[nodiscard]] std::uint64_t next(std::int64_t now_us);

  // Every later number will be greater than `number`, whichever server made that one.
  void advance_past(std::uint64_t number);

  // The same at a start, of the newest number that the journal tells of. A crash of the machine may have taken the
  // journal's tail when its events were in the database already. A clock that is past `newest` is past those as well; one
  // that is not would have their numbers made again, and new events taken for the old ones.
  void resume_after(std::uint64_t newest, std::int64_t now_us);

 private:
  std::uint64_t server_number_;
  std::uint64_t last_us_ = 0;  // since 2020
};

// When a number was made: microseconds since the Unix epoch.
[[nodiscard]] std::int64_t time_of_number(std::uint64_t number);

}  // namespace dictd
