#include "dictd/config.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <sstream>

#include "dictd/database_flags.h"
#include "dictd/exit_code.h"

namespace dictd {
namespace {

constexpr const char* kFooter =
    "The database's password comes from DICTD_DB_PASSWORD or from the option file, never from a flag.\n"
    "Sizes take K, M and G (powers of 1024); times are in seconds.\n"
    "SIGHUP loads the words, the certificate and its key anew; SIGTERM and SIGINT stop in order, a second one stops at "
    "once.\n"
    "Exit codes: 0 stopped in order, 1 internal error, 2 usage, 3 cannot listen, 4 state directory in use or\n"
    "unusable, 5 the database refuses (account or schema).";

// What a value may be is said when it is not; in --help it would only be in the way.
CLI::Validator unnamed(CLI::Validator validator) {
  validator.description("");
  return validator;
}

template <typename Rep>
void add_seconds(CLI::App& app, const std::string& name, std::chrono::duration<Rep>& value, const std::string& what) {
  app.add_option_function<std::int64_t>(
         name, [&value](std::int64_t seconds) { value = std::chrono::seconds(seconds); }, what)
      ->check(unnamed(CLI::Range(std::int64_t{1}, std::int64_t{10} * 365 * 86'400)))
      ->default_str(std::to_string(value.count()))
      ->type_name("SECONDS");
}

template <typename Integer>
void add_size(CLI::App& app, const std::string& name, Integer& value, std::uint64_t least, std::uint64_t most,
              const std::string& what) {
  app.add_option(name, value, what)
      ->transform(unnamed(CLI::AsSizeValue(false)))
      ->check(unnamed(CLI::Range(least, most)))
      ->capture_default_str()
      ->type_name("SIZE");
}

template <typename Integer>
void add_count(CLI::App& app, const std::string& name, Integer& value, std::uint64_t least, std::uint64_t most,
               const std::string& what) {
  app.add_option(name, value, what)->check(unnamed(CLI::Range(least, most)))->capture_default_str()->type_name("COUNT");
}

void add_server_options(CLI::App& app, Config& config) {
  app.add_option("--listen", config.listen, "address of the framed protocol; may be given several times")
      ->capture_default_str()
      ->type_name("ADDR:PORT");
  app.add_option("--tls-listen", config.tls_listen, "the same over TLS; needs --tls-cert and --tls-key")
      ->type_name("ADDR:PORT");
  app.add_option("--dict-listen", config.dict_listen,
                 "address of the DICT protocol (RFC 2229), whose port is 2628; may be given several times")
      ->type_name("ADDR:PORT");
  app.add_option("--dict-tls-listen", config.dict_tls_listen, "the same over TLS")->type_name("ADDR:PORT");
  app.add_option("--tls-cert", config.tls_certificate, "PEM file: the certificate, then those that lead to its root")
      ->type_name("FILE");
  app.add_option("--tls-key", config.tls_key, "PEM file: its key, without a passphrase")->type_name("FILE");
  app.add_flag("--daemon", config.daemon, "go to the background, once the addresses and the state directory are taken");
  app.add_option("--pid-file", config.pid_file, "write the process id there, for as long as dictd runs")
      ->type_name("FILE");
  app.add_option("--log-level", config.log_level, "how much is logged, to standard error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->capture_default_str()
      ->type_name("LEVEL");
  app.add_flag("--anonymous", config.anonymous, "MATCH and DICTIONARIES of the framed protocol need no login");
}

void add_dictionary_options(CLI::App& app, Config& config) {
  app.add_option("--dictionaries", config.dictionaries,
                 "those that a look-up asks when it names none, in the order they answer in (all, as they were first "
                 "loaded); the others are asked by name")
      ->delimiter(',')
      ->type_name("NAME,...");
  app.add_flag("--dict-login-only", config.dict_login_only, "DEFINE and MATCH of the DICT protocol need a login");
  app.add_flag("--dict-plain-unencrypted", config.dict_plain_unencrypted,
               "passwords may come (SASLAUTH PLAIN) to --dict-listen, where others on the way can read them");
  add_count(app, "--most-matches", config.most_matches, 1, 1'000'000,
            "headwords that one MATCH of the DICT protocol lists");
  add_seconds(app, "--match-timeout", config.match_timeout,
              "for a MATCH that looks at many headwords, such as a regular expression");
}

void add_state_options(CLI::App& app, Config& config) {
  app.add_option("--state-dir", config.state_dir, "where the journal is; a directory of this dictd's own")
      ->capture_default_str()
      ->type_name("DIR");
  static const std::map<std::string, SyncMode> modes{
      {"off", SyncMode::kOff}, {"interval", SyncMode::kInterval}, {"always", SyncMode::kAlways}};
  app.add_option("--journal-sync", config.journal_sync,
                 "when a look-up is synced to the disk: by the kernel in its own time, every second, or before it is "
                 "answered; a crash of dictd alone loses nothing in any of them")
      ->transform(CLI::CheckedTransformer(modes).description(""))
      ->default_str("interval")
      ->type_name("off|interval|always");
  add_size(app, "--journal-max", config.journal_max, 256 * 1024, std::uint64_t{1} << 50,
           "disk space for look-ups that are not in the database yet; when it is full they are refused");
  add_size(app, "--journal-segment", config.journal_segment, 64 * 1024, std::uint64_t{1} << 40,
           "size of one file of the journal");
  add_count(app, "--pending-events", config.pending_events, 1000, std::uint64_t{1} << 32,
            "such look-ups held in memory, for HISTORY");
}

void add_connection_options(CLI::App& app, Config& config) {
  add_count(app, "--max-connections", config.max_connections, 1, 10'000'000, "connections in all");
  add_count(app, "--max-connections-per-address", config.max_connections_per_address, 1, 10'000'000,
            "connections from one address");
  add_size(app, "--largest-frame", config.largest_frame, 4096, 16 * 1024 * 1024, "from a client that is logged in");
  add_size(app, "--largest-anonymous-frame", config.largest_anonymous_frame, 1024, 16 * 1024 * 1024,
           "from a client that is not logged in");
  add_size(app, "--largest-answer", config.largest_answer, 64 * 1024, 16 * 1024 * 1024, "one answer to a client");
  add_size(app, "--output-high-mark", config.output_high_mark, 4096, 1024 * 1024 * 1024,
           "unsent answers at which dictd stops reading from a client");
  add_seconds(app, "--first-request-timeout", config.first_request_timeout, "from connecting to the first request");
  add_seconds(app, "--frame-timeout", config.frame_timeout, "from the first byte of a request to its last");
  add_seconds(app, "--idle-timeout", config.idle_timeout, "without any request");
  add_seconds(app, "--slow-reader-timeout", config.slow_reader_timeout, "with output over the high mark");
  add_seconds(app, "--shutdown-timeout", config.shutdown_timeout,
              "for requests under way, and again for the drain of the journal, after SIGTERM");
}

void add_pool_options(CLI::App& app, Config& config) {
  add_count(app, "--db-workers", config.db_workers, 1, 1000, "threads, and connections to the database");
  add_count(app, "--db-queue", config.db_queue, 1, 10'000'000, "requests that may wait for them");
  add_count(app, "--cpu-workers", config.cpu_workers, 0, 1000,
            "threads that hash passwords and search headwords; 0: one each processor that dictd may use");
  add_count(app, "--cpu-queue", config.cpu_queue, 1, 1'000'000, "requests that may wait for them");
}

void add_account_options(CLI::App& app, Config& config) {
  add_count(app, "--password-memory", config.password_cost.memory_kib, 8, 4 * 1024 * 1024,
            "KiB for one hash, kept by each CPU worker that has made one");
  add_count(app, "--password-passes", config.password_cost.passes, 1, 1000, "passes over it");
  add_seconds(app, "--token-lifetime", config.token_lifetime, "a login can be resumed, since its last use");
  add_count(app, "--login-failures", config.login_failures, 1, 1'000'000,
            "wrong passwords, and log-ins under way, from one address for one name within the window");
  add_count(app, "--login-failures-per-address", config.login_failures_per_address, 1, 1'000'000,
            "the same from one address in all");
  add_seconds(app, "--login-window", config.login_window, "the window they are counted in");
}

}  // namespace

tl::expected<Config, ConfigExit> parse_config(int argc, const char* const* argv) {
  Config config;
  CLI::App app("dictd - an online dictionary that remembers what its users looked up", "dictd");
  app.footer(kFooter);
  app.set_version_flag("--version", "dictd 1.0");
  app.set_config("--config", "", "read options from this file: name = value, without the dashes")->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.get_formatter()->column_width(36);
  add_server_options(app, config);
  add_database_options(app, config.database);
  add_dictionary_options(app, config);
  add_state_options(app, config);
  add_connection_options(app, config);
  add_pool_options(app, config);
  add_account_options(app, config);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err) == 0 ? kExitOk : kExitUsage;
    return tl::unexpected(ConfigExit{code, out.str() + err.str()});
  }
  const bool tls = !config.tls_listen.empty() || !config.dict_tls_listen.empty();
  if (tls && (config.tls_certificate.empty() || config.tls_key.empty())) {
    const std::string option = config.tls_listen.empty() ? "--dict-tls-listen" : "--tls-listen";
    return tl::unexpected(ConfigExit{kExitUsage, "dictd: " + option + " needs --tls-cert FILE and --tls-key FILE\n"});
  }
  return config;
}

}  // namespace dictd
