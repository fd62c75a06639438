// How look-ups of the past are shown: a table of name, word and local time, newest first. Pure but for the
// time zone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"

namespace dictcli {

// A head and a line for each look-up. Columns are as wide as their widest cell on a screen, within limits.
[[nodiscard]] std::string show_history(std::string_view user, const std::vector<LookUp>& look_ups, Language language);
// "YYYY-MM-DD HH:MM:SS" in local time; any count of microseconds, before 1970 as well.
[[nodiscard]] std::string local_time(std::int64_t time_us);

}  // namespace dictcli
