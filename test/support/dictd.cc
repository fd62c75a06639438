#include "test/support/dictd.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace support {
namespace {

std::vector<std::string> database_arguments(const dictd::DatabaseOptions& database) {
  return {"--db-socket", database.socket, "--db-user", database.user, "--db-name", database.name};
}

}  // namespace

Dictd::Dictd(const dictd::DatabaseOptions& database, std::vector<std::string> options, Change change)
    : database_(database), options_(std::move(options)), change_(std::move(change)) {
  start_on(0);
}

Command Dictd::command(std::uint16_t port) const {
  Command command{
      {build_dir() / "dictd", "--listen", "127.0.0.1:" + std::to_string(port), "--state-dir", state_.path()}};
  const auto database = database_arguments(database_);
  command.arguments.insert(command.arguments.end(), database.begin(), database.end());
  // Tests log in often, and few of them are about how slow that is.
  for (const auto& [option, cheap] : {std::pair{"--password-memory", "64"}, std::pair{"--password-passes", "1"}}) {
    if (std::ranges::find(options_, option) != options_.end()) continue;
    command.arguments.insert(command.arguments.end(), {option, cheap});
  }
  command.arguments.insert(command.arguments.end(), options_.begin(), options_.end());
  if (change_) change_(command, state_.path());
  return command;
}

void Dictd::begin(std::uint16_t port) {
  process_.reset();
  process_.emplace(command(port));
}

void Dictd::wait_for_port() { port_ = logged_port("listening on 127.0.0.1:"); }

std::uint16_t Dictd::logged_port(const std::string& mark) {
  const std::string log = process_->wait_for_errors(mark);
  const std::size_t digits = log.rfind(mark) + mark.size();
  // The line may still be on its way.
  const std::string line = log.find('\n', digits) == std::string::npos ? process_->wait_for_errors("\n") : log;
  return static_cast<std::uint16_t>(std::stoi(line.substr(digits)));
}

void Dictd::start_on(std::uint16_t port) {
  begin(port);
  wait_for_port();
}

int Dictd::stop() {
  process_->send_signal(SIGTERM);
  return process_->wait();
}

void Dictd::kill() { process_->kill(); }

void load_words(const dictd::DatabaseOptions& database, const std::string& dictionary, const std::string& lines,
                const std::string& title) {
  Command command{{build_dir() / "dictload", "--dictionary", dictionary, "-"}};
  if (!title.empty()) command.arguments.insert(command.arguments.begin() + 1, {"--title", title});
  const auto arguments = database_arguments(database);
  command.arguments.insert(command.arguments.begin() + 1, arguments.begin(), arguments.end());
  const Outcome outcome = run(command, lines);
  if (outcome.status != 0) throw std::runtime_error("dictload failed: " + outcome.errors);
}

}  // namespace support
