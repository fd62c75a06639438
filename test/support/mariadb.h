// A private MariaDB for tests, brought up by dictd/private-mariadb.sh in a directory below the build
// directory.
//
// It dies with the thread that started it and leaves nothing behind. What goes wrong here is thrown: the test
// fails. A test that only needs a database takes shared_database(); one that kills or stops the server has
// one of its own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dictd/database_options.h"
#include "test/support/temp_dir.h"

namespace support {

// Where the sources lie: $SOURCE_ROOT, or else the current directory, as `make` runs the tests.
std::filesystem::path source_root();

// A server and its data. For one thread.
class Mariadb {
 public:
  explicit Mariadb(std::vector<std::string> server_options = {});  // returns when it takes connections
  ~Mariadb();
  Mariadb(const Mariadb&) = delete;
  Mariadb& operator=(const Mariadb&) = delete;

  void start();   // upon the data as it was left; returns when it takes connections
  void stop();    // in order, as by SIGTERM
  void kill();    // as by a crash
  void pause();   // it hangs: connections stand, nothing answers
  void resume();  // from a pause

  // Of the database `dictd` with schema.sql applied.
  [[nodiscard]] dictd::DatabaseOptions options() const;
  // Of a new, empty database; and of one with schema.sql applied.
  [[nodiscard]] dictd::DatabaseOptions empty_database();
  [[nodiscard]] dictd::DatabaseOptions fresh_database();
  void apply_schema(const std::string& database) const;

 private:
  void signal(int number) const;
  void wait_for_end();

  TempDir dir_;
  std::vector<std::string> server_options_;
  std::string socket_;
  pid_t pid_ = -1;  // -1: not running
  int databases_ = 0;
};

// The server that all tests of this program share, begun at the first call; and a fresh database in it.
Mariadb& shared_mariadb();
dictd::DatabaseOptions shared_database();

// Runs SQL by the client program `mariadb` and returns what it prints: a line for each row, fields parted by
// tabs.
std::string run_sql(const dictd::DatabaseOptions& database, const std::string& sql);

}  // namespace support
