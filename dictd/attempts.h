// How often somebody may guess a password.
//
// Failed log-ins are counted per address and name, and per address, in fixed windows of time. An attempt
// counts from its beginning, so that many at once are no way around; a success wipes the count of its name.
// The table is bounded: when it is full of windows that still run, the one that ends first makes room.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace dictd {

// The loop thread's.
class Attempts {
 public:
  using Clock = std::chrono::steady_clock;
  using HostKey = std::array<std::uint8_t, 16>;  // reactor::Address::host_key()

  struct Limits {
    std::uint32_t per_name = 10;      // failures from one address for one name
    std::uint32_t per_address = 300;  // failures from one address in all
    std::chrono::seconds window{60};
    std::size_t table = 65'536;
  };

  explicit Attempts(const Limits& limits) : limits_(limits) {}

  // Counts an attempt, or answers false: it must not be made now.
  [[nodiscard]] bool begin(const HostKey& host, std::string_view name, Clock::time_point now);
  // The attempt succeeded, or failed for no fault of the guesser: it does not count.
  void succeeded(const HostKey& host, std::string_view name);
  void undecided(const HostKey& host, std::string_view name);

  [[nodiscard]] std::size_t size() const { return windows_.size(); }

 private:
  struct Window {
    std::uint32_t count = 0;
    std::multimap<Clock::time_point, std::string>::iterator end;  // in by_end_
  };
  using Windows = std::map<std::string, Window, std::less<>>;

  [[nodiscard]] static std::string key_of(const HostKey& host);
  [[nodiscard]] static std::string key_of(const HostKey& host, std::string_view name);
  Window& window(std::string key, Clock::time_point now);
  [[nodiscard]] std::uint32_t count(const std::string& key) const;
  void take_back(const std::string& key);
  void remove(Windows::iterator found);
  void expire(Clock::time_point now);

  Limits limits_;
  Windows windows_;
  std::multimap<Clock::time_point, std::string> by_end_;
};

}  // namespace dictd
