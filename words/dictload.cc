// dictload: the program that loads wordbooks into the database. What it reads stands in format.h, how it replaces a
// dictionary in loader.h, what else it does in commands.h; here are its options, what it prints and its exit codes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "dictd/database_flags.h"
#include "dictd/property.h"
#include "dictd/store.h"
#include "dictd/wall_clock.h"
#include "words/commands.h"
#include "words/entry.h"
#include "words/loader.h"

namespace {

namespace property = dictd::property;

// Also written out in --help.
enum ExitCode { kDone = 0, kSomeLinesBad = 1, kUsage = 2, kNoInput = 3, kFailed = 4 };

constexpr const char* kDescription =
    "Loads wordbooks into the database of dictd, each as a dictionary, in place of what it held before.\n"
    "It is all or nothing: until the last moment the old words stay, and if the load fails or is stopped, "
    "for good.\n\n"
    "Formats, found by a file's name and how it begins:\n"
    "  text      one entry a line: headword, a tab or two spaces, meaning; blank lines and lines that start\n"
    "            with # are passed over\n"
    "  tsv       headword, tab, meaning with \\n, \\t and \\\\ (.tsv .tab)\n"
    "  dictd     FILE.index with FILE.dict or .dict.dz\n"
    "  stardict  FILE.ifo with .idx, .dict or .dict.dz, and .syn\n"
    "  ecdict    ECDICT's CSV (.csv)\n"
    "  cedict    CC-CEDICT (.u8)\n"
    "  json      JSON Lines, as --export writes them (.jsonl)\n"
    "All but dictd and stardict may be packed by gzip (.gz).";
constexpr const char* kFooter =
    "The database's password comes from DICTD_DB_PASSWORD, or from [client] or [dictd] of the option "
    "file.\n\n"
    "Exit codes:\n"
    "  0  all is in\n"
    "  1  some lines were bad; the rest is in\n"
    "  2  wrong usage\n"
    "  3  a file could not be read, or is damaged, or there was nothing to load, or no such dictionary; the old\n"
    "     words are untouched\n"
    "  4  the database (or this machine) failed; the old words are untouched\n"
    "With several dictionaries, the greatest of their codes.";

struct Options {
  dictd::DatabaseOptions database;
  std::string dictionary;
  std::string title;
  std::string format;
  std::string charset;
  std::vector<std::string> assignments;
  std::string members;
  std::string virtual_dictionary;
  std::string exported;
  std::string removed;
  bool list = false;
  bool check = false;
  std::vector<std::string> files;

  std::map<std::string, std::string> properties;  // of the assignments
};

std::string complaint_about_format(const std::string& name) {
  return words::format_named(name) ? "" : "there is no format " + name;
}

bool is_yes_or_nothing(const std::string& value) { return value.empty() || value == property::kYes; }

std::string complaint_about_assignment(const std::string& assignment) {
  const std::string name = assignment.substr(0, assignment.find('='));
  if (name.size() == assignment.size()) return "it is NAME=VALUE";
  const std::string value = assignment.substr(name.size() + 1);
  if (std::find(property::kNames.begin(), property::kNames.end(), name) == property::kNames.end() ||
      name == property::kMembers) {
    return fmt::format("there is no property {} to be set", name);
  }
  if ((name == property::kHidden || name == property::kCaseSensitive) && !is_yes_or_nothing(value)) {
    return fmt::format("{} is yes or nothing", name);
  }
  if (name == property::kMatch && !value.empty() && value != property::kMatchExact &&
      value != property::kMatchFallback && value != property::kMatchLoose) {
    return "match is exact, fallback or loose";
  }
  std::string mended;
  return words::mend(value, mended).empty() && value.size() <= property::kMaxValueBytes
             ? ""
             : fmt::format("the value of {} is not UTF-8, has control characters, or is too long", name);
}

void add_options(CLI::App& app, Options& options) {
  options.database.io_timeout = std::chrono::minutes(1);  // nobody waits here for an answer; large deletes take a while
  dictd::add_database_options(app, options.database);
  app.add_option("FILE", options.files, "Wordbooks; - is the standard input; of a dictionary of several files, any");
  app.add_option("--dictionary", options.dictionary,
                 "All files become the dictionary of this name; without it, each becomes one, named after the file")
      ->check(words::complaint_about_name)
      ->type_name("NAME");
  app.add_option("--title", options.title, "What people call it (what the file says, or its name)")
      ->check(words::complaint_about_title)
      ->type_name("TEXT");
  app.add_option("--format", options.format, "Of the files: text, tsv, dictd, stardict, ecdict, cedict or json")
      ->check(complaint_about_format)
      ->type_name("FORMAT");
  app.add_option("--charset", options.charset, "Encoding of the files, as iconv names it (UTF-8)")->type_name("NAME");
  app.add_option("--set", options.assignments,
                 "A property: info, url, licence, source, mime-header, default-strategy, alphabet; hidden=yes; "
                 "case-sensitive=yes; match=exact, fallback (without regard to accents and punctuation if the exact "
                 "form is not there) or loose; nothing removes it. Of what is loaded, or without FILE of --dictionary")
      ->check(complaint_about_assignment)
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);  // several, each with the option before it
  app.add_option("--virtual", options.virtual_dictionary, "Make a dictionary of the --members, in their order")
      ->check(words::complaint_about_name)
      ->type_name("NAME");
  app.add_option("--members", options.members, "Of --virtual: names of dictionaries")->type_name("NAME,NAME…");
  app.add_flag("--check", options.check, "Read the files and say what would be loaded; needs no database");
  app.add_flag("--list", options.list, "List the dictionaries: name, headwords, time of the load, title, properties");
  app.add_option("--export", options.exported, "Write a dictionary to the standard output, as JSON Lines")
      ->type_name("NAME");
  app.add_option("--remove", options.removed, "Remove a dictionary")->type_name("NAME");
}

// What one option cannot tell by itself. Throws CLI::ValidationError.
void complete(Options& options) {
  const bool only_sets = options.files.empty() && !options.dictionary.empty() && !options.assignments.empty();
  const bool makes_virtual = !options.virtual_dictionary.empty();
  const int actions = static_cast<int>(!options.files.empty()) + static_cast<int>(options.list) +
                      static_cast<int>(!options.exported.empty()) + static_cast<int>(!options.removed.empty()) +
                      static_cast<int>(makes_virtual) + static_cast<int>(only_sets);
  if (actions == 0) throw CLI::RequiredError("FILE, or --list, --export, --remove, --virtual or --set");
  if (actions > 1) throw CLI::ValidationError("dictload", "does one thing at a time");
  if (options.check && options.files.empty()) throw CLI::RequiredError("FILE, for --check");
  if (makes_virtual != !options.members.empty()) throw CLI::ValidationError("--virtual", "goes with --members");
  if (options.files.size() > 1 && options.dictionary.empty() && !options.title.empty()) {
    throw CLI::ValidationError("--title", "is of one dictionary: give it a --dictionary");
  }
  for (const std::string& assignment : options.assignments) {
    const std::size_t equals = assignment.find('=');
    options.properties.insert_or_assign(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
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

ExitCode failure(const words::LoadError& error) {
  fmt::print(stderr, "dictload: {}\n", error.message);
  switch (error.kind) {
    case words::LoadError::Kind::kUsage: return kUsage;
    case words::LoadError::Kind::kDatabase: return kFailed;
    default: return kNoInput;
  }
}

// The dictionaries to load. Files of one dictionary are one source.
std::vector<words::LoadJob> jobs_of(const Options& options) {
  std::vector<words::Source> sources;
  for (const std::string& file : options.files) {
    const auto format = options.format.empty() ? words::format_by_name(file) : words::format_named(options.format);
    const words::Source source{words::first_file(file, format), format, options.charset};
    const auto same = [&](const words::Source& other) { return file != "-" && other.path == source.path; };
    if (std::none_of(sources.begin(), sources.end(), same)) sources.push_back(source);
  }
  const words::LoadJob job{options.dictionary, options.title, {}, options.properties, dictd::wall_clock_us()};
  std::vector<words::LoadJob> jobs;
  for (const words::Source& source : sources) {
    if (options.dictionary.empty() || jobs.empty()) jobs.push_back(job);
    jobs.back().sources.push_back(source);
  }
  return jobs;
}

std::string counted(const words::LoadCounts& counts) {
  if (counts.aliases == 0) return fmt::format("{} entries", counts.entries);
  return fmt::format("{} entries and {} further headwords", counts.entries, counts.aliases);
}

void print_checked(const words::Loaded& loaded) {
  fmt::print("{}: {}, “{}”: {}, {} bad lines\n", loaded.dictionary, words::name_of(loaded.format), loaded.title,
             counted(loaded.counts), loaded.counts.bad_lines);
  for (const auto& [name, value] : loaded.properties) {
    if (value.empty()) continue;
    const std::string line = value.substr(0, value.find('\n'));
    fmt::print("  {}: {}{}\n", name, line, line.size() < value.size() ? " …" : "");
  }
}

ExitCode load_files(const Options& options) {
  dictd::Store store(options.database);
  ProgressLine progress;
  const words::LoadObserver observer{.bad_line =
                                         [&](const std::string& place, const std::string& reason) {
                                           progress.clear();
                                           fmt::print(stderr, "{}: {}\n", place, reason);
                                         },
                                     .progress = [&](const words::LoadCounts& counts) { progress.show(counts); }};
  ExitCode worst = kDone;
  for (const words::LoadJob& job : jobs_of(options)) {
    const auto loaded = options.check ? words::check(job, observer) : words::load(store, job, observer);
    progress.clear();
    if (!loaded) {
      worst = std::max(worst, failure(loaded.error()));
      continue;
    }
    if (options.check) {
      print_checked(*loaded);
    } else {
      fmt::print("{}: {} loaded, {} bad lines\n", loaded->dictionary, counted(loaded->counts),
                 loaded->counts.bad_lines);
    }
    if (loaded->counts.bad_lines != 0) worst = std::max(worst, kSomeLinesBad);
  }
  return worst;
}

words::LoadResult<void> change(const Options& options) {
  dictd::Store store(options.database);
  if (!options.exported.empty()) return words::export_dictionary(store, options.exported, stdout);
  if (!options.removed.empty()) return words::remove(store, options.removed);
  if (options.list) return words::list(store).map([](const std::string& lines) { fmt::print("{}", lines); });
  if (options.virtual_dictionary.empty()) {
    return words::set_properties(store, options.dictionary, options.properties);
  }
  const std::string& name = options.virtual_dictionary;
  const words::VirtualDictionary made{name, options.title.empty() ? name : options.title, options.members};
  return words::make_virtual(store, made, options.properties, dictd::wall_clock_us());
}

ExitCode run(const Options& options) {
  if (!options.files.empty()) return load_files(options);
  const auto done = change(options);
  return done ? kDone : failure(done.error());
}

// Reads the command line and does what it says. Throws when memory or the standard output fails.
int dictload(int argc, char** argv) {
  CLI::App app(kDescription, "dictload");
  app.footer(kFooter);
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
    complete(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return run(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dictload(argc, argv);
  } catch (const std::exception& error) {
    static_cast<void>(std::fputs(error.what(), stderr));
    return kFailed;
  }
}
