// dictd as a whole: makes the parts, wires them, starts and stops them. The order of both stands here and nowhere else.
//
// Start: addresses are bound (a taken port is found at once), the state directory is locked, the journal is opened and
// what an earlier run left is read back; then the loop runs. The words and this server's number come from the
// database, for which it waits as long as it takes; when they are there, the service is made and the ports open.
// Stop: the ports close; idle clients are told and closed, busy ones when they have their answer, all within
// --shutdown-timeout; the pools end; the journal is drained if the database answers, and synced.
#pragma once

#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "dictd/config.h"
#include "dictd/exit_code.h"

namespace dictd {

// Owned by main, and on its thread, which becomes the loop's.
class Server {
 public:
  // To be called before any thread is made: signals come to the loop, and to nobody else.
  static void take_signals();

  // Takes everything that can be taken without the database. Throws std::exception only when the system is out of
  // memory or descriptors.
  [[nodiscard]] static tl::expected<std::unique_ptr<Server>, StartError> start(const Config& config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until it is told to stop by a signal; gives the exit code.
  [[nodiscard]] int run();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace dictd
