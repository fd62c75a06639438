#include "dictcli/one_shot.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "dictcli/align.h"
#include "dictcli/entry_view.h"
#include "dictcli/interrupt.h"
#include "dictcli/json.h"
#include "dictcli/line_reader.h"
#include "dictcli/list_view.h"
#include "dictcli/screen.h"
#include "dictd/fold.h"
#include "reactor/fd.h"

namespace dictcli {
namespace {

// One run; one thread.
class Run {
 public:
  Run(const OneShot& task, Client& client, const SessionFile& sessions)
      : task_(task), client_(client), sessions_(sessions) {}

  ExitStatus run() {
    if (!log_in()) return status_;
    if (task_.words.empty()) {
      (void)list();
    } else {
      answer_all();
    }
    if (by_password_) (void)client_.log_out();  // the token would only wait for its end
    return status_;
  }

 private:
  bool log_in() {
    if (const auto login = sessions_.find(task_.user)) {
      const auto resumed = client_.resume(login->token);
      if (resumed) return true;
      if (!resumed.error().refused_as(dictd::ErrorCode::kBadCredentials)) return fail(resumed.error());
      say(text(task_.language, Text::kSessionEnded));
      (void)sessions_.forget(login->user);  // a file that cannot be written is told when something is remembered
    }
    if (task_.words.empty() || task_.strategy) {
      const auto asked = client_.dictionaries();
      if (asked) return true;  // the server tells everybody
      if (!asked.error().refused_as(dictd::ErrorCode::kNotLoggedIn)) return fail(asked.error());
    }
    const auto credentials = ask_credentials();
    if (!credentials) return false;
    const auto token = client_.log_in(credentials->name, credentials->password);
    by_password_ = token.has_value();
    return token ? true : fail(token.error());
  }

  struct Credentials {
    std::string name, password;
  };

  // What was not given is asked of the terminal: standard input may hold the words.
  std::optional<Credentials> ask_credentials() {
    if (task_.user && task_.password != nullptr) return Credentials{*task_.user, task_.password};
    const reactor::Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
    if (!terminal) {
      say(text(task_.language, Text::kHowToLogIn));
      status_ = kNoLogin;
      return std::nullopt;
    }
    const SignalWatch watch;
    Line name{Line::Status::kText, task_.user.value_or("")};
    if (!task_.user) name = ask(terminal, Text::kName, true);
    Line password{Line::Status::kText, task_.password == nullptr ? "" : task_.password};
    if (name && task_.password == nullptr) password = ask(terminal, Text::kPassword, false);
    if (name && password) return Credentials{name.text, password.text};
    const bool interrupted = (name ? password : name).status == Line::Status::kInterrupted;
    status_ = interrupted ? kStopped : kNoLogin;
    return std::nullopt;
  }

  Line ask(const reactor::Fd& terminal, Text question, bool echo) const {
    return ask_terminal(terminal.get(), terminal.get(), text(task_.language, question), echo);
  }

  void answer_all() {
    // What the dictionaries are called is a kindness: without it entries still have their names.
    if (!task_.strategy && !task_.json) dictionaries_ = client_.dictionaries().value_or(std::vector<Dictionary>());
    for (const std::string& word : task_.words) {
      if (!(word == "-" ? answer_lines() : answer(word))) return;
    }
  }

  // All false when there is no going on.
  bool answer_lines() {
    LineReader input(STDIN_FILENO);
    while (const Line line = input.read()) {
      const std::string_view word = dictd::trim(line.text);
      if (!word.empty() && !answer(std::string(word))) return false;
    }
    return true;
  }

  bool answer(const std::string& word) { return task_.strategy ? match(word) : look_up(word); }

  bool look_up(const std::string& word) {
    const auto entries = client_.look_up(word);
    if (!entries) return fail(entries.error(), word);
    if (!entries->empty()) return print(task_.json ? json_found(word, *entries) : apart(show(*entries)));
    note_miss();
    const std::vector<std::string> near = client_.words_near(word);
    return print(task_.json ? json_missed(word, near) : apart(show_miss(word, near, task_.language)));
  }

  bool match(const std::string& word) {
    const auto matches = client_.match(*task_.strategy, word, kMostMatches);
    if (!matches) return fail(matches.error(), word);
    if (matches->empty()) note_miss();
    if (matches->empty() && !task_.json) say(fill(task_.language, Text::kNothingMatches, {printable(word)}));
    if (matches->size() >= kMostMatches) {
      say(fill(task_.language, Text::kMatchesCut, {printable(word), std::to_string(kMostMatches)}));
    }
    return print(task_.json ? json_matches(word, *matches) : show_matches(*matches, client_.asks_one_dictionary()));
  }

  bool list() {
    const auto dictionaries = client_.dictionaries();
    if (!dictionaries) return fail(dictionaries.error());
    if (!task_.json) return print(show_dictionaries(*dictionaries, task_.language));
    std::string lines;
    for (const Dictionary& dictionary : *dictionaries) lines += json_dictionary(dictionary);
    return print(lines);
  }

  std::string show(const std::vector<Entry>& entries) const {
    return show_entries(entries, dictionaries_, screen_size().columns);
  }

  // One after the other, short answers need nothing between them; those with the names of dictionaries do.
  std::string apart(std::string answer) {
    if (dictionaries_.size() > 1 && std::exchange(answered_, true)) answer.insert(0, "\n");
    return answer;
  }

  static bool print(const std::string& answer) {
    show_paged(answer);
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;  // main() tells what went wrong with the output
  }

  void note_miss() {
    if (status_ == kAllFound) status_ = kNotAllFound;
  }

  // True when the next word may fare better.
  bool fail(const Failure& failure, std::string_view word = {}) {
    const std::string sentence = describe(failure, task_.language);
    const bool about_word = !word.empty() && failure.kind != Failure::Kind::kNoDictionary;
    say(about_word ? printable(word) + ": " + sentence : sentence);
    if (status_ <= kNotAllFound) status_ = exit_status(failure);
    return failure.is_bad_word();
  }

  static void say(std::string_view sentence) {
    (void)std::fprintf(stderr, "dictcli: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  }

  const OneShot& task_;
  Client& client_;
  const SessionFile& sessions_;
  std::vector<Dictionary> dictionaries_;  // those that the server lists, for their titles
  ExitStatus status_ = kAllFound;
  bool by_password_ = false;
  bool answered_ = false;
};

}  // namespace

ExitStatus run_one_shot(const OneShot& task, Client& client, const SessionFile& sessions) {
  return Run(task, client, sessions).run();
}

}  // namespace dictcli
