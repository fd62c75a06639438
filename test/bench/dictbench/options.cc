#include "test/bench/dictbench/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

namespace dictbench {
namespace {

const std::map<std::string, Kind> kKinds = {
    {"query", Kind::kQuery},        {"match-exact", Kind::kMatchExact}, {"match-prefix", Kind::kMatchPrefix},
    {"match-lev", Kind::kMatchLev}, {"match-re", Kind::kMatchRe},       {"match-soundex", Kind::kMatchSoundex},
    {"ping", Kind::kPing},          {"history", Kind::kHistory}};

std::vector<Share> parse_mix(const std::vector<std::string>& texts) {
  std::vector<Share> mix;
  for (const std::string& text : texts) {
    const auto sign = text.find('=');
    const auto kind = kKinds.find(text.substr(0, sign));
    double percent = 0;
    if (sign == std::string::npos || kind == kKinds.end() ||
        !CLI::detail::lexical_cast(text.substr(sign + 1), percent)) {
      throw CLI::ValidationError("--mix", "'" + text +
                                              "' is not KIND=PERCENT; kinds are query, match-exact, "
                                              "match-prefix, match-lev, match-re, match-soundex, ping and history");
    }
    if (!(percent > 0 && percent <= 100)) throw CLI::ValidationError("--mix", "'" + text + "' is no share");
    if (std::ranges::any_of(mix, [&](const Share& other) { return other.kind == kind->second; })) {
      throw CLI::ValidationError("--mix", kind->first + " is there twice");
    }
    mix.push_back({kind->second, percent});
  }
  return mix;
}

void add_options(CLI::App& app, Options& o, std::vector<std::string>& mix, std::string& distribution) {
  app.add_option("--host", o.host, "Server")->capture_default_str();
  app.add_option("--port", o.port, "Its port")->capture_default_str();
  app.add_option("--protocol", o.protocol, "What it speaks")
      ->check(CLI::IsMember({"framed", "echo", "redis-get", "redis-set", "memcached", "dict"}))
      ->capture_default_str();
  app.add_option("--connections", o.connections, "Connections that ask")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  app.add_option("--pipeline", o.pipeline, "Requests under way on each")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "How long to measure")->check(CLI::Range(0.1, 1e6))->capture_default_str();
  app.add_option("--warmup", o.warmup, "Seconds before that")->check(CLI::Range(0.0, 1e6))->capture_default_str();
  app.add_option("--rate", o.rate,
                 "Requests a second over all connections, each due at a fixed time; its latency counts "
                 "from then, and --pipeline says nothing. 0: an answer asks for the next")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--requests", o.requests, "Stop after so many answers, however long they take");
  app.add_option("--mix", mix, "What is asked, in percent: query=90,match-lev=10")->delimiter(',');
  app.add_option("--words", o.words, "Wordbook that the server has loaded, as words/dict.txt");
  app.add_option("--distribution", distribution, "How often which word")
      ->check(CLI::IsMember({"zipf", "uniform"}))
      ->capture_default_str();
  app.add_option("--zipf", o.zipf, "Exponent of Zipf's law")->check(CLI::Range(0.0, 5.0))->capture_default_str();
  app.add_option("--misses", o.misses, "Share of look-ups of words that are not there")->check(CLI::Range(0.0, 1.0));
  app.add_option("--users", o.users,
                 "Users, registered if they are missing; each logs in once and its connections resume")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--user-prefix", o.user_prefix, "Their names are this and a number")->capture_default_str();
  app.add_flag("--anonymous", o.anonymous, "No log-in at all");
  app.add_option("--save-tokens", o.save_tokens, "Write the users' tokens to this file");
  app.add_option("--tokens", o.tokens, "Resume with the tokens of this file instead of logging in");
  app.add_option("--idle", o.idle, "Further connections, which only stay")->check(CLI::Range(0, 60'000));
  app.add_option("--threads", o.threads, "Threads that the connections are spread over")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--logins", o.logins, "Log-ins a second beside")->check(CLI::Range(0.0, 1000.0));
  app.add_flag("--return", o.come_back,
               "All connect at once, resume, and look one word up; measures until the last answer");
  app.add_flag("--reconnect", o.reconnect,
               "A connection for each request: its latency counts from the connecting to the answer");
  app.add_flag("--quick-ack", o.quick_ack,
               "Acknowledge what comes at once: a server that writes an answer in pieces may wait for that");
  app.add_option("--json", o.json, "Write the result as JSON to this file, - for standard output");
  app.add_flag("--quiet,!--progress", o.quiet, "No line each second on standard error");
  app.add_option("--make-words", o.make_words, "Only write a wordbook of so many made-up words to standard output");
  app.add_option("--bytes", o.bytes, "Bytes of a made-up meaning")
      ->check(CLI::Range(8, 100'000))
      ->capture_default_str();
}

void need(bool holds, const char* text) {
  if (!holds) throw CLI::ValidationError(text);
}

void check_what_dict_can(const Options& o) {
  const auto is_framed_only = [](const Share& share) {
    return share.kind == Kind::kMatchExact || share.kind == Kind::kPing || share.kind == Kind::kHistory;
  };
  need(o.protocol != "dict" || std::ranges::none_of(o.mix, is_framed_only),
       "--protocol dict has no match-exact, ping and history");
  if (!o.reconnect) return;
  need(o.protocol == "dict", "--reconnect needs --protocol dict");
  need(o.pipeline == 1 && o.rate == 0 && o.idle == 0, "--reconnect excludes --pipeline, --rate and --idle");
}

// What one option makes of another: the first pair that does not fit is said.
void check_together(const CLI::App& app, const Options& o) {
  const auto given = [&](const char* name) { return app.count(name) > 0; };
  if (o.make_words > 0) return;
  need(!o.words.empty(), "--words is required");
  const bool logs_in = o.protocol == "framed" && !o.anonymous;
  for (const char* const name : {"--users", "--tokens", "--save-tokens", "--logins", "--return"}) {
    need(logs_in || !given(name),
         (std::string(name) + " needs log-ins: --protocol framed without --anonymous").c_str());
  }
  need(o.protocol == "framed" || o.protocol == "dict" || !given("--mix"), "--mix needs --protocol framed or dict");
  check_what_dict_can(o);
  need(o.connections + o.idle > 0 || o.logins > 0, "there is nothing to do without --connections, --idle and --logins");
  need(o.tokens.empty() || o.save_tokens.empty(), "--tokens and --save-tokens exclude each other");
  if (!o.come_back) return;
  need(!o.tokens.empty(), "--return needs --tokens");
  need(o.connections > 0, "--return needs --connections");
  for (const char* const name : {"--rate", "--requests", "--idle", "--logins"}) {
    need(!given(name), (std::string("--return and ") + name + " exclude each other").c_str());
  }
}

}  // namespace

tl::expected<Options, UsageError> parse_options(int argc, const char* const* argv) {
  CLI::App app(
      "A load on dictd and its peers: measures, and checks that every answer is the right one.\n"
      "Exit status: 0 all answers were right, 1 some were not or were errors, 2 wrong usage, 3 no connection or "
      "log-in.",
      "dictbench");
  Options options;
  std::vector<std::string> mix;
  std::string distribution = "zipf";
  add_options(app, options, mix, distribution);
  try {
    app.parse(argc, argv);
    if (!mix.empty()) options.mix = parse_mix(mix);
    options.uniform = distribution == "uniform";
    check_together(app, options);
    if (options.protocol != "framed") options.anonymous = true;
  } catch (const CLI::ParseError& error) {
    const int status = error.get_exit_code() == 0 ? 0 : 2;
    return tl::unexpected(
        UsageError{status == 0 ? app.help() : "dictbench: " + std::string(error.what()) + "\n", status});
  }
  return options;
}

}  // namespace dictbench
