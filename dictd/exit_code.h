// What dictd's exit code tells. README.md and --help list the same.
#pragma once

#include <string>

namespace dictd {

enum ExitCode : int {
  kExitOk = 0,        // stopped by SIGTERM or SIGINT, and everything is in order
  kExitInternal = 1,  // something that should not happen; the log says what
  kExitUsage = 2,     // wrong options or configuration file
  kExitListen = 3,    // an address cannot be listened on: the port is taken, or not allowed
  kExitState = 4,     // the state directory is in use by another dictd, or cannot be used
  kExitDatabase = 5,  // the database refuses: wrong account, or schema.sql is not applied
};

// Why dictd cannot start, in one line, and with what code it exits.
struct StartError {
  int exit_code;
  std::string message;
};

}  // namespace dictd
