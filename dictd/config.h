// dictd's settings: from the command line and, below it, from a configuration file with the same names.
//
// The file is TOML-like, `name = value` a line, the name as the option's without its dashes. Nothing is read from the
// environment but the database's password, DICTD_DB_PASSWORD. Everything here is fixed while dictd runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "dictd/database_options.h"
#include "dictd/journal_sync.h"
#include "dictd/password.h"

namespace dictd {

struct Config {
  std::vector<std::string> listen = {"127.0.0.1:8888"};  // ADDR:PORT of the framed protocol
  std::vector<std::string> tls_listen;                   // the same over TLS; needs the two that follow
  std::vector<std::string> dict_listen;                  // of the DICT protocol (RFC 2229)
  std::vector<std::string> dict_tls_listen;              // the same over TLS
  std::string tls_certificate;                           // PEM files
  std::string tls_key;
  DatabaseOptions database;

  std::filesystem::path state_dir = "dictd-state";
  SyncMode journal_sync = SyncMode::kInterval;
  std::uint64_t journal_max = std::uint64_t{4} << 30;       // bytes
  std::uint64_t journal_segment = std::uint64_t{64} << 20;  // bytes
  std::uint64_t pending_events = std::uint64_t{1} << 20;    // held in memory

  bool daemon = false;
  std::filesystem::path pid_file;  // empty: none
  std::string log_level = "info";

  std::size_t max_connections = 10'000;
  std::size_t max_connections_per_address = 10'000;
  std::uint32_t largest_frame = 64 * 1024;
  std::uint32_t largest_anonymous_frame = 4096;
  std::uint32_t largest_answer = 16 * 1024 * 1024;
  std::uint64_t output_high_mark = 256 * 1024;
  std::chrono::seconds first_request_timeout{30};
  std::chrono::seconds frame_timeout{30};
  std::chrono::seconds idle_timeout{600};
  std::chrono::seconds slow_reader_timeout{30};
  std::chrono::seconds shutdown_timeout{5};

  std::size_t db_workers = 4;
  std::size_t db_queue = 16'384;
  std::size_t cpu_workers = 0;  // 0: one for each processor
  std::size_t cpu_queue = 256;

  PasswordCost password_cost;
  std::chrono::seconds token_lifetime = std::chrono::days(30);
  std::uint32_t login_failures = 10;
  std::uint32_t login_failures_per_address = 300;
  std::chrono::seconds login_window{60};
  bool anonymous = false;
  bool dict_login_only = false;
  bool dict_plain_unencrypted = false;

  std::vector<std::string> dictionaries;  // that a look-up asks, in this order; empty: all
  std::uint32_t most_matches = 10'000;
  std::chrono::seconds match_timeout{2};
};

// What main does next: go on with a configuration, or exit at once with `exit_code` after printing `text`.
struct ConfigExit {
  int exit_code;
  std::string text;
};

// Throws nothing; a wrong option or file is a ConfigExit with a line that says what is wrong, --help another.
[[nodiscard]] tl::expected<Config, ConfigExit> parse_config(int argc, const char* const* argv);

}  // namespace dictd
