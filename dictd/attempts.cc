#include "dictd/attempts.h"

#include <utility>

namespace dictd {

bool Attempts::begin(const HostKey& host, std::string_view name, Clock::time_point now) {
  expire(now);
  std::string of_name = key_of(host, name);
  std::string of_address = key_of(host);
  if (count(of_name) >= limits_.per_name || count(of_address) >= limits_.per_address) return false;
  ++window(std::move(of_name), now).count;
  ++window(std::move(of_address), now).count;
  return true;
}

void Attempts::succeeded(const HostKey& host, std::string_view name) {
  if (const auto found = windows_.find(key_of(host, name)); found != windows_.end()) remove(found);
  take_back(key_of(host));
}

void Attempts::undecided(const HostKey& host, std::string_view name) {
  take_back(key_of(host, name));
  take_back(key_of(host));
}

std::string Attempts::key_of(const HostKey& host) { return {reinterpret_cast<const char*>(host.data()), host.size()}; }

std::string Attempts::key_of(const HostKey& host, std::string_view name) {
  return key_of(host).append("/").append(name);
}

std::uint32_t Attempts::count(const std::string& key) const {
  const auto found = windows_.find(key);
  return found == windows_.end() ? 0 : found->second.count;
}

Attempts::Window& Attempts::window(std::string key, Clock::time_point now) {
  const auto [found, is_new] = windows_.try_emplace(std::move(key));
  if (is_new) {
    found->second.end = by_end_.emplace(now + limits_.window, found->first);
    if (windows_.size() > limits_.table) remove(windows_.find(by_end_.begin()->second));
  }
  return found->second;
}

void Attempts::take_back(const std::string& key) {
  const auto found = windows_.find(key);
  if (found == windows_.end()) return;  // its window ended meanwhile
  if (--found->second.count == 0) remove(found);
}

void Attempts::remove(Windows::iterator found) {
  by_end_.erase(found->second.end);
  windows_.erase(found);
}

void Attempts::expire(Clock::time_point now) {
  while (!by_end_.empty() && by_end_.begin()->first <= now) remove(windows_.find(by_end_.begin()->second));
}

}  // namespace dictd
