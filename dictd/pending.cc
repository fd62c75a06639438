// A user's events are packed into one string, oldest first, each as
//
//   u64 number, i64 time, u16 size of the word, the word, u16 size of the word
//
// in this machine's byte order (they never leave memory). The size stands at both ends so that one can walk
// either way.
#include "dictd/pending.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "dictd/fold.h"

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

std::uint64_t number_at(std::string_view bytes, std::size_t at) { return load<std::uint64_t>(bytes, at); }

std::size_t size_at(std::string_view bytes, std::size_t at) { return kOverhead + load<WordSize>(bytes, at + 16); }

// Where the event begins that ends at `end`.
std::size_t begin_of(std::string_view bytes, std::size_t end) {
  return end - kOverhead - load<WordSize>(bytes, end - sizeof(WordSize));
}

}  // namespace

Pending::Pending(std::size_t per_user, std::size_t in_all) : per_user_(per_user), in_all_(in_all) {}

void Pending::add(const EventView& event) {
  if (last_user_ == nullptr || last_user_id_ != event.user_id) {
    last_user_ = &users_[event.user_id];
    last_user_id_ = event.user_id;
  }
  User& user = *last_user_;
  if (event.number <= user.newest) return;
  user.newest = event.number;
  if (user.count > 0 && (user.count >= per_user_ || size_ >= in_all_)) evict_oldest(user);
  if (user.count >= per_user_ || size_ >= in_all_) {
    user.evicted_through = event.number;
    return;
  }
  const auto size = static_cast<WordSize>(event.word.size());
  std::array<char, kOverhead + kMaxWordBytes> packed;  // as much as is used is written below
  std::memcpy(packed.data(), &event.number, sizeof event.number);
  std::memcpy(&packed[8], &event.time_us, sizeof event.time_us);
  std::memcpy(&packed[16], &size, sizeof size);
  std::memcpy(&packed[kBeforeWord], event.word.data(), size);
  std::memcpy(&packed[kBeforeWord + size], &size, sizeof size);
  user.bytes.append(packed.data(), kOverhead + size);
  ++user.count;
  ++size_;
}

void Pending::erase(Users::iterator user) {
  if (&user->second == last_user_) last_user_ = nullptr;
  users_.erase(user);
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

void Pending::drained(std::span<const Drained> users) {
  for (const auto& [user_id, through] : users) {
    const auto found = users_.find(user_id);
    if (found == users_.end()) continue;
    User& user = found->second;
    while (user.count > 0 && number_at(user.bytes, user.begin) <= through) drop_oldest(user);
    if (user.evicted_through <= through) user.evicted_through = 0;
    if (user.count == 0 && user.evicted_through == 0) erase(found);
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

void Pending::take_back(std::uint64_t first, std::uint64_t last) {
  for (auto& [user_id, user] : users_) {
    for (std::size_t at = user.begin; at < user.bytes.size();) {
      const std::uint64_t number = number_at(user.bytes, at);
      if (number < first || number > last) {
        at += size_at(user.bytes, at);
      } else {
        user.bytes.erase(at, size_at(user.bytes, at));
        --user.count;
        --size_;
      }
    }
  }
}

}  // namespace dictd
