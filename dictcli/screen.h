// Where output goes: its size when it is a terminal, and a pager for what does not fit.
#pragma once

#include <cstddef>
#include <string_view>

namespace dictcli {

struct ScreenSize {
  std::size_t rows = 0, columns = 0;  // both 0: not a terminal, nothing needs to fit
};
[[nodiscard]] ScreenSize screen_size();

// Prints to standard output; on a terminal that it does not fit, by $PAGER, else less. Without a pager it is
// printed.
void show_paged(std::string_view text);

}  // namespace dictcli
