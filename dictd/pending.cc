// A user's events are packed into one string, oldest first, each as
//
//   u64 number, i64 time, u16 size of the word, the word, u16 size of the word
//
// in this machine's byte order (they never leave memory). The size stands at both ends so that one can walk
// either way.
#include "dictd/pending.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace dictd {

namespace {

using WordSize = std::uint16_t;
constexpr std::size_t kBeforeWord = 8 + 8 + sizeof(WordSize);
constexpr std::size_t kOverhead = kBeforeWord + sizeof(WordSize);

template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void store(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) { return load<std::uint64_t>(bytes, at); }

std::size_t size_at(std::string_view bytes, std::size_t at) { return kOverhead + load<WordSize>(bytes, at + 16); }

// Where the event begins that ends at `end`.
std::size_t begin_of(std::string_view bytes, std::size_t end) {
  return end - kOverhead - load<WordSize>(bytes, end - sizeof(WordSize));
}

}  // namespace

Pending::Pending(std::size_t per_user, std::size_t in_all) : per_user_(per_user), in_all_(in_all) {}

void Pending::add(const Event& event) {
  User& user = users_[event.user_id];
  if (event.number <= user.newest) return;
  user.newest = event.number;
  if (user.count > 0 && (user.count >= per_user_ || size_ >= in_all_)) evict_oldest(user);
  if (user.count >= per_user_ || size_ >= in_all_) {
    user.evicted_through = event.number;
    return;
  }
  store(user.bytes, event.number);
  store(user.bytes, event.time_us);
  store(user.bytes, static_cast<WordSize>(event.word.size()));
  user.bytes += event.word;
  store(user.bytes, static_cast<WordSize>(event.word.size()));
  ++user.count;
  ++size_;
}

void Pending::evict_oldest(User& user) {
  user.evicted_through = number_at(user.bytes, user.begin);
  drop_oldest(user);
}

void Pending::drop_oldest(User& user) {
  user.begin += size_at(user.bytes, user.begin);
  --user.count;
  --size_;
  // Half of it unused is enough to pay for moving the rest.
  if (user.begin * 2 > user.bytes.size()) {
    user.bytes.erase(0, user.begin);
    user.begin = 0;
  }
}

void Pending::drained(std::span<const Event> events) {
  for (const Event& event : events) {
    const auto found = users_.find(event.user_id);
    if (found == users_.end()) continue;
    User& user = found->second;
    while (user.count > 0 && number_at(user.bytes, user.begin) <= event.number) drop_oldest(user);
    if (user.evicted_through <= event.number) user.evicted_through = 0;
    if (user.count == 0 && user.evicted_through == 0) users_.erase(found);
  }
}

Pending::Page Pending::newest(std::uint64_t user_id, std::size_t limit, std::uint64_t before) const {
  Page page;
  const auto found = users_.find(user_id);
  if (found == users_.end()) return page;
  const User& user = found->second;
  for (std::size_t end = user.bytes.size(); end > user.begin && page.events.size() < limit;) {
    const std::size_t at = begin_of(user.bytes, end);
    const std::uint64_t number = number_at(user.bytes, at);
    if (before == 0 || number < before) {
      page.events.push_back({number, user_id, load<std::int64_t>(user.bytes, at + 8),
                             user.bytes.substr(at + kBeforeWord, end - at - kOverhead)});
    }
    end = at;
  }
  page.complete = page.events.size() == limit || user.evicted_through == 0;
  return page;
}

std::size_t Pending::forget(std::uint64_t user_id, std::uint64_t number) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return 0;
  User& user = found->second;
  for (std::size_t at = user.begin; at < user.bytes.size(); at += size_at(user.bytes, at)) {
    if (number_at(user.bytes, at) != number) continue;
    user.bytes.erase(at, size_at(user.bytes, at));
    --user.count;
    --size_;
    return 1;
  }
  return 0;
}

std::size_t Pending::forget_through(std::uint64_t user_id, std::uint64_t number) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return 0;
  User& user = found->second;
  const std::size_t before = user.count;
  while (user.count > 0 && number_at(user.bytes, user.begin) <= number) drop_oldest(user);
  return before - user.count;
}

}  // namespace dictd
