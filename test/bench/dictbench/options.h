// What dictbench is told on its command line. The options are explained by --help (options.cc).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace dictbench {

enum class Kind : std::uint8_t {
  kQuery,
  kMatchExact,
  kMatchPrefix,
  kMatchLev,
  kMatchRe,
  kMatchSoundex,
  kPing,
  kHistory
};
inline constexpr std::size_t kKinds = 8;

struct Share {
  Kind kind;
  double percent;
};

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8888;
  std::string protocol = "framed";
  std::size_t connections = 50;
  std::size_t pipeline = 1;
  double seconds = 5;
  double warmup = 1;
  double rate = 0;             // requests a second over all connections; 0: each answer asks for the next
  std::uint64_t requests = 0;  // 0: no limit
  std::vector<Share> mix = {{Kind::kQuery, 100}};
  std::string words;
  bool uniform = false;
  double zipf = 1.0;
  double misses = 0;  // share of the look-ups
  std::size_t users = 50;
  std::string user_prefix = "bench";
  bool anonymous = false;
  std::string save_tokens, tokens;  // files
  std::size_t idle = 0;
  std::size_t threads = 1;
  double logins = 0;  // a second
  bool come_back = false;
  bool reconnect = false;  // a connection for each request
  bool quick_ack = false;
  std::string json;  // file, "-" for standard output, or nothing
  bool quiet = false;
  std::size_t make_words = 0;
  std::size_t bytes = 100;
};

// The error is what to print, and the status to exit with.
struct UsageError {
  std::string text;
  int status;
};
[[nodiscard]] tl::expected<Options, UsageError> parse_options(int argc, const char* const* argv);

}  // namespace dictbench
