#include "dictcli/menu.h"

#include <cstdio>
#include <iterator>
#include <utility>

#include "dictcli/align.h"
#include "dictcli/entry_view.h"
#include "dictcli/history_view.h"
#include "dictcli/screen.h"
#include "dictd/fold.h"

namespace dictcli {
namespace {

constexpr std::string_view kEndOfLookUp = "##";
constexpr std::uint32_t kFirstHistory = 10;
constexpr std::uint32_t kHistoryPage = 1000;                           // the most a server sends at once
constexpr std::size_t kMostHistory = 100 * std::size_t{kHistoryPage};  // more is not read by anyone

void print(std::string_view shown) { (void)std::fwrite(shown.data(), 1, shown.size(), stdout); }

}  // namespace

void Menu::say(std::string_view sentence) const {
  print(sentence);
  print("\n");
}

void Menu::tell_loss() {
  if (const auto loss = client_.take_loss()) {
    if (loss->kind == Failure::Kind::kRefused) say(describe(*loss, language_));
    say(Text::kConnectedAgain);
  }
}

void Menu::tell(const Failure& failure) {
  say(describe(failure, language_));
  if (failure.kind == Failure::Kind::kLost) say(Text::kConnectsLater);
  if (failure.kind != Failure::Kind::kSessionEnded && !failure.refused_as(dictd::ErrorCode::kNotLoggedIn)) return;
  if (!sessions_.forget(user_)) say(fill(language_, Text::kCannotForget, {sessions_.path()}));
  user_.clear();
}

std::optional<bool> Menu::ask_yes_or_no(Text question, bool by_default) {
  for (;;) {
    const Line line = input_.read_line(prompt(question));
    if (!line) return std::nullopt;
    const std::string_view answer = dictd::trim(line.text);
    if (answer.empty()) return by_default;
    if (answer == "y" || answer == "Y" || answer == "yes" || answer == "是") return true;
    if (answer == "n" || answer == "N" || answer == "no" || answer == "否") return false;
    say(Text::kYesOrNo);
  }
}

ExitStatus Menu::run(const std::optional<std::string>& user) {
  // A server that is not there is told before anybody has typed a name and a password.
  if (const auto connected = client_.connect(); !connected) {
    (void)std::fprintf(stderr, "%s\n", describe(connected.error(), language_).c_str());
    return exit_status(connected.error());
  }
  resume_login(user);
  for (;;) {
    const Leave leave = user_.empty() ? main_menu() : user_menu();
    if (leave == Leave::kMenu) continue;
    if (!user_.empty() && !remembered_) (void)client_.log_out();  // out of courtesy: the token ends by age as well
    say(Text::kGoodbye);
    return leave == Leave::kByInterrupt ? kStopped : kAllFound;
  }
}

void Menu::resume_login(const std::optional<std::string>& user) {
  const auto login = sessions_.find(user);
  if (!login) return;
  user_ = login->user;
  const auto name = client_.resume(login->token);
  if (name) {
    user_ = *name;
    remembered_ = true;
    say(fill(language_, Text::kWelcomeBack, {printable(user_)}));
  } else if (name.error().refused_as(dictd::ErrorCode::kBadCredentials)) {
    tell({.kind = Failure::Kind::kSessionEnded});
  } else {
    tell(name.error());
    user_.clear();
  }
}

Menu::Leave Menu::leave_at(const Line& line) const {
  if (line.status == Line::Status::kEnd) return Leave::kProgram;
  return user_.empty() ? Leave::kByInterrupt : Leave::kMenu;
}

Menu::Leave Menu::main_menu() {
  print(text(language_, Text::kMainMenu));
  const Line choice = input_.read_line(prompt(Text::kChoice));
  if (!choice) return leave_at(choice);
  const std::string_view answer = dictd::trim(choice.text);
  if (answer == "1") {
    register_user();
  } else if (answer == "2") {
    ask_to_log_in();
  } else if (answer == "3") {
    return Leave::kProgram;
  } else {
    say(Text::kChooseOneToThree);
  }
  return Leave::kMenu;
}

Menu::Leave Menu::user_menu() {
  print(fill(language_, Text::kUserMenu, {printable(user_)}));
  const Line choice = input_.read_line(prompt(Text::kChoice));
  if (!choice) return leave_at(choice);
  const std::string_view answer = dictd::trim(choice.text);
  if (answer == "1") {
    look_up();
  } else if (answer == "2") {
    show_history();
  } else if (answer == "3") {
    log_out();
  } else {
    say(Text::kChooseOneToThree);
  }
  return Leave::kMenu;
}

Line Menu::ask_new_password() {
  for (;;) {
    Line first = input_.read_password(prompt(Text::kNewPassword));
    if (!first) return first;
    Line second = input_.read_password(prompt(Text::kPasswordAgain));
    if (!second) return second;
    if (first.text == second.text) return first;
    say(Text::kPasswordsDiffer);
  }
}

void Menu::register_user() {
  const Line name = input_.read_line(prompt(Text::kName));
  if (!name) return;
  const Line password = ask_new_password();
  if (!password) return;
  const auto registered = client_.register_user(name.text, password.text);
  tell_loss();
  if (!registered) return tell(registered.error());
  say(fill(language_, Text::kRegistered, {printable(name.text)}));
  if (ask_yes_or_no(Text::kLogInNow, true).value_or(false)) log_in(name.text, password.text);
}

void Menu::ask_to_log_in() {
  const Line name = input_.read_line(prompt(Text::kName));
  if (!name) return;
  const Line password = input_.read_password(prompt(Text::kPassword));
  if (password) log_in(name.text, password.text);
}

void Menu::log_in(const std::string& name, const std::string& password) {
  const auto token = client_.log_in(name, password);
  tell_loss();
  if (!token) return tell(token.error());
  user_ = name;
  remembered_ = false;
  say(fill(language_, Text::kLoggedIn, {printable(name)}));
  if (!ask_yes_or_no(Text::kRemember, false).value_or(false)) return;
  remembered_ = sessions_.remember({name, *token}).has_value();
  if (!remembered_) say(fill(language_, Text::kCannotRemember, {sessions_.path()}));
}

void Menu::log_out() {
  const bool forgotten = sessions_.forget(user_).has_value();
  const auto logged_out = client_.log_out();
  tell_loss();
  if (!logged_out && logged_out.error().kind != Failure::Kind::kSessionEnded) {
    say(describe(logged_out.error(), language_));
  }
  if (!forgotten) say(fill(language_, Text::kCannotForget, {sessions_.path()}));
  user_.clear();
  say(Text::kLoggedOut);
}

void Menu::look_up() {
  const auto dictionaries = client_.dictionaries();
  tell_loss();
  if (!dictionaries) return tell(dictionaries.error());
  const LineInput::Completer complete = [this](const std::string& beginning) -> std::vector<std::string> {
    auto words = client_.words_beginning(beginning);
    std::erase_if(words, [](const std::string& word) { return printable(word) != word; });
    return words;
  };
  for (;;) {
    const Line line = input_.read_word(prompt(Text::kWord), words_.words(), complete);
    const std::string word(dictd::trim(line.text));
    if (!line || word == kEndOfLookUp) return;
    if (!word.empty() && !look_up_word(word, *dictionaries)) return;
  }
}

// False when there is no going on with look-ups.
bool Menu::look_up_word(const std::string& word, const std::vector<Dictionary>& dictionaries) {
  if (input_.interactive()) words_.add(word);
  const auto entries = client_.look_up(word);
  tell_loss();
  if (!entries) {
    tell(entries.error());
    const Failure::Kind kind = entries.error().kind;
    return !user_.empty() && kind != Failure::Kind::kInterrupted && kind != Failure::Kind::kNoDictionary;
  }
  if (!entries->empty()) {
    show_paged(show_entries(*entries, dictionaries, screen_size().columns));
    return true;
  }
  print(show_miss(word, client_.words_near(word), language_));
  return true;
}

void Menu::show_history() {
  const auto recent = client_.history(kFirstHistory, 0);
  tell_loss();
  if (!recent) return tell(recent.error());
  if (recent->empty()) return say(Text::kNoHistory);
  print(dictcli::show_history(user_, *recent, language_));
  if (recent->size() < kFirstHistory || !ask_yes_or_no(Text::kShowAll, false).value_or(false)) return;
  const auto all = fetch_history();
  tell_loss();
  if (!all) return tell(all.error());
  show_paged(*all);
}

Result<std::string> Menu::fetch_history() {
  std::vector<LookUp> all;
  for (;;) {
    auto page = client_.history(kHistoryPage, all.empty() ? 0 : all.back().number);
    if (!page) return tl::unexpected(page.error());
    std::move(page->begin(), page->end(), std::back_inserter(all));
    if (page->size() < kHistoryPage) return dictcli::show_history(user_, all, language_);
    if (all.size() < kMostHistory) continue;
    return dictcli::show_history(user_, all, language_) +
           fill(language_, Text::kHistoryCut, {std::to_string(all.size())}) + '\n';
  }
}

}  // namespace dictcli
