// The command line that all models share.
#pragma once

#include <cstdint>
#include <string>

#include "dictd/database_options.h"

namespace model {

struct Options {
  std::uint16_t port = 0;  // 0: chosen by the system
  bool mysql = false;      // where words are looked up: else in an index in memory
  bool record = false;     // each look-up, by an INSERT of its own
  dictd::DatabaseOptions database;
  std::string words;  // a wordbook's path
};

// Ends the program with a line of usage if they cannot be understood.
[[nodiscard]] Options read_options(int argc, char** argv);

// Ends the program: a model that cannot work is of no use to a measurement.
[[noreturn]] void fail(const std::string& why);

}  // namespace model
