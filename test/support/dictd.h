// dictd as a process of its own, with a state directory of its own, for tests of what it does to the outside.
//
// It listens on a port that the system chose, learnt from its log, unless a test wants the one it had before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dictd/database_options.h"
#include "test/support/process.h"
#include "test/support/temp_dir.h"

namespace support {

// One thread at a time. What goes wrong is thrown: the test fails.
class Dictd {
 public:
  // What a test changes about each start: the environment, what the child does before it becomes dictd …
  using Change = std::function<void(Command& command, const std::filesystem::path& state_dir)>;

  // Starts it, and returns when the port is open. `options` are added to the command line.
  explicit Dictd(const dictd::DatabaseOptions& database, std::vector<std::string> options = {},
                 Change change = nullptr);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& state_dir() const { return state_.path(); }
  [[nodiscard]] Process& process() { return *process_; }

  // Of another port, whose line in the log has `mark` before the number.
  [[nodiscard]] std::uint16_t logged_port(const std::string& mark);

  // Begins without waiting for the port; wait_for_port() is the other half.
  void begin(std::uint16_t port);
  void wait_for_port();
  void start_on(std::uint16_t port);
  // In order; gives the exit code.
  int stop();
  // As a crash does.
  void kill();

  // The command that starts it, for tests that want to change it.
  [[nodiscard]] Command command(std::uint16_t port) const;

 private:
  dictd::DatabaseOptions database_;
  std::vector<std::string> options_;
  Change change_;
  TempDir state_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

// Puts a wordbook into the database with dictload; without a title it is called by its name.
void load_words(const dictd::DatabaseOptions& database, const std::string& dictionary, const std::string& lines,
                const std::string& title = "");

}  // namespace support
