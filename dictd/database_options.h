// Where the database is and how long it may take to answer: what the --db options of every program say.
//
// What is empty here comes from the option file's groups [client] and [dictd], and failing that from the
// client library's own defaults. No other option file is read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dictd {

struct DatabaseOptions {
  std::string host;                         // empty: this machine, by the unix socket
  std::uint16_t port = 0;                   // 0: the library's own, 3306; a port given means TCP, even to localhost
  std::string socket;                       // path of the unix socket; given, it is used instead of host and port
  std::string user;                         // empty: the name of the user who runs the program
  std::string name = "dictd";               // of the database
  std::string defaults_file;                // option file, read anew at each connect
  std::string password;                     // never from a flag: DICTD_DB_PASSWORD, or else the option file
  std::chrono::seconds connect_timeout{3};  // until a connection stands; at least 1 s
  std::chrono::seconds io_timeout{10};      // for each read and each write; at least 1 s. A silence as long as
                                            // this counts as a lost connection
};

}  // namespace dictd
