#include "test/bench/dictbench/exchanges.h"

#include <sys/mman.h>

namespace dictbench {
namespace {

constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;
constexpr int kCollapse = 25;  // MADV_COLLAPSE, which older headers do not name

}  // namespace

// An advice: a kernel that has no large pages left, or is older than Linux 6.1, leaves things as they are.
void Exchanges::settle() const {
  const auto memory = reinterpret_cast<std::uintptr_t>(bytes_.data());
  const auto begin = (memory + kLargePage - 1) / kLargePage * kLargePage;
  const auto end = (memory + bytes_.size()) / kLargePage * kLargePage;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, kCollapse);
}

}  // namespace dictbench
