// One look-up of one user: what the journal keeps, the history table stores and a user reads back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dictd {

struct Event {
  std::uint64_t number = 0;  // unique across servers, grows with time; see number_source.h
  std::uint64_t user_id = 0;
  std::int64_t time_us = 0;  // microseconds since the Unix epoch, UTC
  std::string word;          // as the user typed it, without surrounding white space: 1 to 255 characters of UTF-8

  friend bool operator==(const Event&, const Event&) = default;
};

// The same without a word of its own.
struct EventView {
  std::uint64_t number;
  std::uint64_t user_id;
  std::int64_t time_us;
  std::string_view word;

  EventView(std::uint64_t event_number, std::uint64_t user, std::int64_t time, std::string_view looked_up)
      : number(event_number), user_id(user), time_us(time), word(looked_up) {}
  EventView(const Event& event)  // NOLINT(google-explicit-constructor): as std::string_view is of std::string
      : EventView(event.number, event.user_id, event.time_us, event.word) {}
};

}  // namespace dictd
