// One look-up of one user: what the journal keeps, the history table stores and a user reads back.
#pragma once

#include <cstdint>
#include <string>

namespace dictd {

struct Event {
  std::uint64_t number = 0;  // unique across servers, grows with time; see number_source.h
  std::uint64_t user_id = 0;
  std::int64_t time_us = 0;  // microseconds since the Unix epoch, UTC
  std::string word;          // as the user typed it, without surrounding white space: 1 to 255 characters of UTF-8

  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace dictd
