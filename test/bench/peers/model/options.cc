#include "test/bench/peers/model/options.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace model {
namespace {

// Whether the option takes that value.
bool set(Options& options, std::string_view option, const char* value) {
  if (option == "--port") {
    char* end = nullptr;
    const unsigned long port = std::strtoul(value, &end, 10);
    options.port = static_cast<std::uint16_t>(port);
    return end != value && *end == '\0' && port <= UINT16_MAX;
  }
  if (option == "--look-up") {
    options.asks_mysql = value == std::string_view("mysql");
    return options.asks_mysql || value == std::string_view("index");
  }
  std::string* const text = option == "--words"       ? &options.words
                            : option == "--db-socket" ? &options.database.socket
                            : option == "--db-user"   ? &options.database.user
                            : option == "--db-name"   ? &options.database.name
                                                      : nullptr;
  if (text != nullptr) *text = value;
  return text != nullptr;
}

}  // namespace

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  bool good = true;
  for (int i = 1; good && i < argc; ++i) {
    if (argv[i] == std::string_view("--record")) {
      options.records = true;
    } else {
      good = i + 1 < argc && set(options, argv[i], argv[i + 1]);
      ++i;
    }
  }
  if (const char* const password = std::getenv("DICTD_DB_PASSWORD")) options.database.password = password;
  if (good && !options.words.empty()) return options;
  std::fprintf(stderr,
               "usage: %s --words FILE [--port P] [--look-up index|mysql] [--record]\n"
               "       [--db-socket PATH] [--db-user NAME] [--db-name NAME]\n",
               argv[0]);
  return std::nullopt;
}

}  // namespace model
