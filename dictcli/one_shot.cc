#include "dictcli/one_shot.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "dictcli/align.h"
#include "dictcli/entry_view.h"
#include "dictcli/interrupt.h"
#include "dictcli/json.h"
#include "dictcli/line_reader.h"
#include "dictcli/screen.h"
#include "dictd/fold.h"
#include "reactor/fd.h"

namespace dictcli {
namespace {

constexpr std::uint32_t kMostNearWords = 10;

// One run; one thread.
class Run {
 public:
  Run(const OneShot& task, Client& client, const SessionFile& sessions)
      : task_(task), client_(client), sessions_(sessions) {}

  ExitStatus run() {
    if (!log_in()) return status_;
    for (const std::string& word : task_.words) {
      if (!(word == "-" ? look_up_lines() : look_up(word))) break;
    }
    if (!remembered_) (void)client_.log_out();  // the token would only wait for its end
    return status_;
  }

 private:
  bool log_in() {
    if (const auto login = sessions_.find(task_.user)) {
      const auto resumed = client_.resume(login->token);
      remembered_ = resumed.has_value();
      if (resumed) return true;
      if (!resumed.error().refused_as(dictd::ErrorCode::kBadCredentials)) return fail(resumed.error());
      say(text(task_.language, Text::kSessionEnded));
      (void)sessions_.forget(login->user);  // a file that cannot be written is told when something is remembered
    }
    const auto credentials = ask_credentials();
    if (!credentials) return false;
    const auto token = client_.log_in(credentials->name, credentials->password);
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

  // Both false when there is no going on.
  bool look_up_lines() {
    LineReader input(STDIN_FILENO);
    while (const Line line = input.read()) {
      const std::string_view word = dictd::trim(line.text);
      if (!word.empty() && !look_up(std::string(word))) return false;
    }
    return true;
  }

  bool look_up(const std::string& word) {
    const auto entries = client_.look_up(word);
    if (!entries) return fail(entries.error(), word);
    if (!entries->empty()) return print(task_.json ? json_found(word, *entries) : show(*entries));
    const auto near = client_.match("lev", word, kMostNearWords).value_or(std::vector<std::string>());
    if (status_ == kAllFound) status_ = kNotAllFound;
    return print(task_.json ? json_missed(word, near) : show_miss(word, near, task_.language));
  }

  static std::string show(const std::vector<Entry>& entries) { return show_entries(entries, screen_size().columns); }

  bool print(const std::string& answer) {
    const bool printed = std::fwrite(answer.data(), 1, answer.size(), stdout) == answer.size();
    return std::fflush(stdout) == 0 && printed;  // main() tells what went wrong with the output
  }

  // True when the next word may fare better.
  bool fail(const Failure& failure, std::string_view word = {}) {
    const std::string sentence = describe(failure, task_.language);
    say(word.empty() ? sentence : printable(word) + ": " + sentence);
    if (status_ <= kNotAllFound) status_ = exit_status(failure);
    return failure.refused_as(dictd::ErrorCode::kBadRequest);
  }

  static void say(std::string_view sentence) {
    (void)std::fprintf(stderr, "dictcli: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  }

  const OneShot& task_;
  Client& client_;
  const SessionFile& sessions_;
  ExitStatus status_ = kAllFound;
  bool remembered_ = false;
};

}  // namespace

ExitStatus run_one_shot(const OneShot& task, Client& client, const SessionFile& sessions) {
  return Run(task, client, sessions).run();
}

}  // namespace dictcli
