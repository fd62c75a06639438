#include "test/bench/peers/model/options.h"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>

namespace model {

Options read_options(int argc, char** argv) {
  const option known[] = {{"port", required_argument, nullptr, 'p'},    {"look-up", required_argument, nullptr, 'l'},
                          {"record", no_argument, nullptr, 'r'},        {"db-socket", required_argument, nullptr, 's'},
                          {"db-user", required_argument, nullptr, 'u'}, {"db-name", required_argument, nullptr, 'n'},
                          {"words", required_argument, nullptr, 'w'},   {}};
  Options options;
  bool understood = true;
  for (int c = 0; (c = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    const std::string value = optarg != nullptr ? optarg : "";
    switch (c) {
      case 'p': options.port = static_cast<std::uint16_t>(std::strtoul(optarg, nullptr, 10)); break;
      case 'l':
        options.mysql = value == "mysql";
        understood &= options.mysql || value == "index";
        break;
      case 'r': options.record = true; break;
      case 's': options.database.socket = value; break;
      case 'u': options.database.user = value; break;
      case 'n': options.database.name = value; break;
      case 'w': options.words = value; break;
      default: understood = false;
    }
  }
  if (!understood || optind != argc || options.words.empty()) {
    fail(
        "usage: --words FILE [--port P] [--look-up index|mysql] [--record] [--db-socket S] [--db-user U] [--db-name "
        "D]");
  }
  return options;
}

void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

}  // namespace model
