// The command line that all models share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dictd/database_options.h"

namespace model {

struct Options {
  std::uint16_t port = 0;   // 0: the system chooses
  bool asks_mysql = false;  // for each look-up; else the index in memory
  bool records = false;     // each look-up, in MySQL
  std::string words;        // path of the wordbook
  dictd::DatabaseOptions database;
};

// Nothing, when it is not understood; then the usage was printed.
[[nodiscard]] std::optional<Options> parse(int argc, char** argv);

}  // namespace model
