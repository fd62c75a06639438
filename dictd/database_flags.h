// The --db options, the same for every program that speaks with the database.
#pragma once

#include "dictd/database_options.h"

namespace CLI {
class App;
}

namespace dictd {

// Adds --db-host, --db-port, --db-socket, --db-user, --db-name, --db-defaults-file and --db-timeout, and takes the
// password from the environment: DICTD_DB_PASSWORD. `database` outlives the parsing.
void add_database_options(CLI::App& app, DatabaseOptions& database);

}  // namespace dictd
