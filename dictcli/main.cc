// dictcli, the client of dictd: menus for a person, or answers to the words on the command line.
//
// Here: the options, the locale, and which of the two it is. See --help for exit statuses.
#include <langinfo.h>

// g++ 12 sees a null pointer in its own std::string where CLI11 is inlined.
#include <CLI/CLI.hpp>

#include <charconv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

#include "dictcli/client.h"
#include "dictcli/interrupt.h"
#include "dictcli/menu.h"
#include "dictcli/one_shot.h"

namespace dictcli {
namespace {

struct Options {
  std::string host = "127.0.0.1";
  std::string port = "8888";
  bool tls = false;
  std::string tls_ca;
  std::optional<std::string> user;
  std::optional<std::string> dictionary;
  std::optional<std::string> strategy;
  bool list = false;
  std::optional<std::string> language_name;
  bool json = false;
  bool help = false;
  std::vector<std::string> words;
};

// CLI11 throws; its messages are English, so that only the fact is kept.
bool parse(int argc, char** argv, Options& options) {
  CLI::App app;
  app.set_help_flag();
  app.option_defaults()->take_last();
  app.add_option("--host", options.host);
  app.add_option("--port", options.port);
  app.add_option("--tls-ca", options.tls_ca)->needs(app.add_flag("--tls", options.tls));
  app.add_option("--user", options.user);
  CLI::Option* const dictionary = app.add_option("--dictionary", options.dictionary);
  CLI::Option* const match = app.add_option("--match", options.strategy);
  CLI::Option* const list = app.add_flag("--list", options.list)->excludes(dictionary, match);
  app.add_option("--lang", options.language_name);
  app.add_flag("--json", options.json);
  app.add_flag("-h,--help", options.help);
  app.option_defaults()->take_all();
  app.add_option("words", options.words)->excludes(list);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError&) {
    return false;
  }
  return true;
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// NOLINTBEGIN(concurrency-mt-unsafe): there is one thread.
const char* environment(const char* name) { return std::getenv(name); }

// All text is UTF-8, in a terminal of any locale: readline, which looks at the environment itself, has to count
// characters and not bytes, and a pager as well.
void set_locale() {
  if (std::setlocale(LC_ALL, "") != nullptr && std::string_view(::nl_langinfo(CODESET)) == "UTF-8") return;
  ::setenv("LC_ALL", "C.UTF-8", 1);
  (void)std::setlocale(LC_ALL, "");
}
// NOLINTEND(concurrency-mt-unsafe)

ExitStatus refuse(Language language, Text why) {
  (void)std::fprintf(stderr, "dictcli: %s\n", std::string(text(language, why)).c_str());
  return kWrongUsage;
}

ExitStatus run(const Options& options, std::uint16_t port, Language language) {
  const Endpoint server{options.host, port, options.tls, options.tls_ca};
  Client client(server, options.dictionary);
  const StateDirectory directory = StateDirectory::of(environment("XDG_STATE_HOME"), environment("HOME"));
  const SessionFile sessions(directory, server.text());
  if (options.list || !options.words.empty()) {
    const OneShot task{.words = options.words,
                       .strategy = options.strategy,
                       .user = options.user,
                       .password = environment("DICTCLI_PASSWORD"),
                       .json = options.json,
                       .language = language};
    return run_one_shot(task, client, sessions);
  }
  const SignalWatch watch;
  WordHistory words(directory);
  LineInput input;
  return Menu(client, sessions, words, input, language).run(options.user);
}

int start(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_DFL);  // `dictcli … | head` ends quietly, whoever started it
  Options options;
  const bool parsed = parse(argc, argv, options);
  Language language = language_of_locale(environment("LC_ALL"), environment("LC_MESSAGES"), environment("LANG"));
  set_locale();
  if (options.language_name) {
    const auto chosen = parse_language(*options.language_name);
    if (!chosen) return refuse(language, Text::kUnknownLanguage);
    language = *chosen;
  }
  if (!parsed) return refuse(language, Text::kUsageError);
  if (options.help) return std::fputs(std::string(text(language, Text::kHelp)).c_str(), stdout) < 0 ? kNoOutput : 0;
  const auto port = parse_port(options.port);
  if (!port) return refuse(language, Text::kPortOutOfRange);
  if (options.words.empty() && options.strategy) return refuse(language, Text::kMatchNeedsWords);
  if (options.words.empty() && options.json && !options.list) return refuse(language, Text::kJsonNeedsWords);

  const ExitStatus status = run(options, *port, language);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  (void)std::fprintf(stderr, "dictcli: %s\n", std::string(text(language, Text::kOutputFailed)).c_str());
  return kNoOutput;
}

}  // namespace
}  // namespace dictcli

int main(int argc, char** argv) {
  try {
    return dictcli::start(argc, argv);
  } catch (const std::exception& exception) {  // memory has run out: nothing else throws this far
    (void)std::fprintf(stderr, "dictcli: %s\n", exception.what());
    return dictcli::kNoOutput;
  }
}
