// dictload: the program that loads wordbooks into the database. What it reads stands in reader.h, how it
// replaces a dictionary in loader.h; here are its options, what it prints and its exit codes.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "dictd/database_flags.h"
#include "dictd/fold.h"
#include "dictd/wall_clock.h"
#include "words/loader.h"

namespace {

// Also written out in --help.
enum ExitCode { kAllLoaded = 0, kSomeLinesBad = 1, kUsage = 2, kNoInput = 3, kFailed = 4 };

constexpr const char* kDescription =
    "Loads wordbooks into the database of dictd, as one dictionary, in place of what it held before.\n"
    "One entry a line: headword, a tab or two spaces, meaning. Blank lines and lines that start with # are "
    "passed over.\n"
    "It is all or nothing: until the last moment the old words stay, and if the load fails or is stopped, "
    "for good.";
constexpr const char* kFooter =
    "The database's password comes from DICTD_DB_PASSWORD, or from [client] or [dictd] of the option "
    "file.\n\n"
    "Exit codes:\n"
    "  0  all is in\n"
    "  1  some lines were bad; the rest is in\n"
    "  2  wrong usage\n"
    "  3  a file could not be read, or there was nothing to load; the old words are untouched\n"
    "  4  the database (or this machine) failed; the old words are untouched\n";

constexpr std::size_t kMaxNameCharacters = 64;
constexpr std::size_t kMaxTitleCharacters = 255;

struct Options {
  dictd::DatabaseOptions database;
  std::string dictionary;
  std::string title;
  std::vector<std::string> files;
};

// Clients name a dictionary on a line of words, and `!` and `*` stand for several (RFC 2229).
std::string complaint_about_name(const std::string& name) {
  if (name == "!" || name == "*" || name.find_first_of("\"'\\") != std::string::npos || !dictd::valid_utf8(name)) {
    return "a dictionary cannot be named so: " + name;
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F) return "the name of a dictionary has no white space";
  }
  if (name.empty() || dictd::count_characters(name) > kMaxNameCharacters) {
    return "the name of a dictionary has 1 to 64 characters";
  }
  return "";
}

std::string complaint_about_title(const std::string& title) {
  return dictd::valid_utf8(title) && dictd::count_characters(title) <= kMaxTitleCharacters
             ? ""
             : "a title has at most 255 characters of UTF-8";
}

void add_options(CLI::App& app, Options& options) {
  options.database.io_timeout = std::chrono::minutes(1);  // nobody waits here for an answer; large deletes take a while
  dictd::add_database_options(app, options.database);
  app.add_option("--dictionary", options.dictionary, "Name of the dictionary (the first file's, without its ending)")
      ->check(complaint_about_name);
  app.add_option("--title", options.title, "What people call it (its name)")->check(complaint_about_title);
  app.add_option("FILE", options.files, "Wordbooks; - is the standard input")->required();
}

// What the options leave out. Throws CLI::ValidationError.
void complete(Options& options) {
  if (options.dictionary.empty()) {
    if (options.files.front() == "-") throw CLI::RequiredError("--dictionary, for the standard input");
    options.dictionary = std::filesystem::path(options.files.front()).stem().string();
    if (const std::string complaint = complaint_about_name(options.dictionary); !complaint.empty()) {
      throw CLI::ValidationError("--dictionary", complaint);
    }
  }
  if (options.title.empty()) options.title = options.dictionary;
}

// The one line that shows how far it got; on a terminal only.
class ProgressLine {
 public:
  void show(const words::LoadCounts& counts) {
    if (!terminal_) return;
    fmt::print(stderr, "\r{} entries", counts.entries);
    shown_ = true;
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
    shown_ = false;
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
};

ExitCode exit_code_of(words::LoadError::Kind kind) {
  return kind == words::LoadError::Kind::kDatabase ? kFailed : kNoInput;
}

ExitCode run(const Options& options) {
  dictd::Store store(options.database);
  ProgressLine progress;
  const words::LoadObserver observer{.bad_line =
                                         [&](const std::string& file, std::uint64_t line, const std::string& reason) {
                                           progress.clear();
                                           fmt::print(stderr, "{}:{}: {}\n", file, line, reason);
                                         },
                                     .progress = [&](const words::LoadCounts& counts) { progress.show(counts); }};
  const words::LoadJob job{.dictionary = options.dictionary,
                           .title = options.title,
                           .files = options.files,
                           .now_us = dictd::wall_clock_us()};
  const auto counts = words::load(store, job, observer);
  progress.clear();
  if (!counts) {
    fmt::print(stderr, "dictload: {}\n", counts.error().message);
    return exit_code_of(counts.error().kind);
  }
  fmt::print("{}: {} entries loaded, {} bad lines\n", options.dictionary, counts->entries, counts->bad_lines);
  return counts->bad_lines == 0 ? kAllLoaded : kSomeLinesBad;
}

// Reads the command line and does what it says. Throws when memory or the standard output fails.
int load(int argc, char** argv) {
  CLI::App app(kDescription, "dictload");
  app.footer(kFooter);
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
    complete(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAllLoaded : kUsage;
  }
  return run(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return load(argc, argv);
  } catch (const std::exception& error) {
    static_cast<void>(std::fputs(error.what(), stderr));
    return kFailed;
  }
}
