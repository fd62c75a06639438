// A hash table of places in a text, by whatever is at them: eight bytes a slot, and no text stored again.
//
// Open addressing with linear probing. The tag, half of the hash, keeps misses out of the text; whether a place with
// the right tag is one that is sought, who asks has to see for himself. Filled by one thread, then readable by all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace dictd {

class PlaceTable {
 public:
  using Place = std::uint32_t;
  using Hash = std::uint64_t;
  static constexpr Place kNowhere = std::numeric_limits<Place>::max();

  struct Slot {
    std::uint32_t tag = 0;
    Place place = kNowhere;
  };

  // Makes room for so many places; there are none yet.
  void reserve(std::size_t places) {
    if (places > 0) slots_.resize(places * 8 / 5 + 1);  // one must stay empty, for a miss to end there
  }
  void add(Hash hash, Place place) {
    std::size_t slot = home(hash);
    while (slots_[slot].place != kNowhere) slot = after(slot);
    slots_[slot] = {static_cast<std::uint32_t>(hash), place};
  }

  // The first place added with that hash (or one with the same tag nearby) for which is_it(place), or kNowhere.
  template <typename IsIt>
  [[nodiscard]] Place find(Hash hash, IsIt is_it) const {
    if (slots_.empty()) return kNowhere;
    for (std::size_t slot = home(hash);; slot = after(slot)) {
      const auto [tag, place] = slots_[slot];
      if (place == kNowhere || (tag == static_cast<std::uint32_t>(hash) && is_it(place))) return place;
    }
  }

  // Where a search begins, to be fetched beforehand. There is one, else programmer's error.
  [[nodiscard]] const Slot& first_slot(Hash hash) const { return slots_[home(hash)]; }
  [[nodiscard]] bool empty() const { return slots_.empty(); }
  [[nodiscard]] std::vector<Slot>& slots() { return slots_; }

 private:
  [[nodiscard]] std::size_t home(Hash hash) const { return ((hash >> 32U) * slots_.size()) >> 32U; }
  [[nodiscard]] std::size_t after(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }

  std::vector<Slot> slots_;
};

}  // namespace dictd
