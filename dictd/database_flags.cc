#include "dictd/database_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

namespace dictd {

void add_database_options(CLI::App& app, DatabaseOptions& database) {
  app.add_option("--db-host", database.host, "host of MySQL or MariaDB; none: this machine, by its unix socket")
      ->type_name("HOST");
  app.add_option("--db-port", database.port, "its port; none: 3306")->type_name("PORT");
  app.add_option("--db-socket", database.socket, "its unix socket, instead of host and port")->type_name("PATH");
  app.add_option("--db-user", database.user, "account there; none: your own name")->type_name("USER");
  app.add_option("--db-name", database.name, "database there")->capture_default_str()->type_name("NAME");
  app.add_option("--db-defaults-file", database.defaults_file,
                 "option file with all of these, and the password, in the groups [client] and [dictd]")
      ->type_name("FILE");
  app.add_option_function<int>(
         "--db-timeout",
         [&database](int seconds) {
           database.io_timeout = std::chrono::seconds(seconds);
           database.connect_timeout = std::min(database.connect_timeout, database.io_timeout);
         },
         "a database silent for so long counts as gone")
      ->check(CLI::Range(1, 3600).description(""))
      ->default_str(std::to_string(database.io_timeout.count()))
      ->type_name("SECONDS");
  // The program's first thread, before any other is made: nobody changes the environment meanwhile.
  if (const char* const password = std::getenv("DICTD_DB_PASSWORD")) {  // NOLINT(concurrency-mt-unsafe)
    database.password = password;
  }
}

}  // namespace dictd
