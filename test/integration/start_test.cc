// How dictd starts, and how it says that it cannot: one line and an exit code.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "dictd/exit_code.h"
#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using support::Outcome;
using support::Process;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A port that is taken for as long as this lives.
class TakenPort {
 public:
  TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_.get(), any, length) != 0 || ::listen(socket_.get(), 1) != 0 ||
        ::getsockname(socket_.get(), any, &length) != 0) {
      throw std::system_error(errno, std::generic_category(), "a taken port");
    }
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  reactor::Fd socket_;
  std::uint16_t port_ = 0;
};

void add(support::Command& command, const std::vector<std::string>& options) {
  command.arguments.insert(command.arguments.end(), options.begin(), options.end());
}

void replace(support::Command& command, const std::string& option, const std::string& value) {
  *(std::ranges::find(command.arguments, option) + 1) = value;
}

// Lines of the log that tell of an error; before the log begins, all lines do.
std::vector<std::string> complaints(const std::string& log) {
  std::vector<std::string> lines;
  std::istringstream text(log);
  for (std::string line; std::getline(text, line);) {
    const bool chatter = line.find(" info ") != std::string::npos;
    if (!chatter) lines.push_back(line);
  }
  return lines;
}

class StartTest : public OwnMariadbTest {
 protected:
  // The command that would start this test's dictd on any port.
  [[nodiscard]] support::Command command(std::uint16_t port = 0) {
    if (!dictd_) {
      start();
      dictd_->stop();
    }
    return dictd_->command(port);
  }
  static void expect_refusal(const support::Command& command, int exit_code, const std::vector<std::string>& said) {
    const Outcome outcome = support::run(command);
    EXPECT_EQ(outcome.status, exit_code) << outcome.errors;
    EXPECT_EQ(outcome.output, "");
    const auto lines = complaints(outcome.errors);
    ASSERT_EQ(lines.size(), 1U) << outcome.errors;
    for (const std::string& text : said) EXPECT_THAT(lines.front(), HasSubstr(text));
  }
};

TEST_F(StartTest, TakenPortIsSaidWithWhatToDo) {
  const TakenPort taken;
  const std::string port = std::to_string(taken.port());
  expect_refusal(command(taken.port()), dictd::kExitListen,
                 {"127.0.0.1:" + port, "Address already in use", "--listen ADDR:PORT"});
}

TEST_F(StartTest, PortOfAnotherDictdIsTaken) {
  start();
  const support::Dictd other(database_);
  expect_refusal(command(other.port()), dictd::kExitListen, {"cannot listen on", "--listen ADDR:PORT"});
}

TEST_F(StartTest, StateDirectoryInUseIsSaidWithItsUser) {
  start();
  expect_refusal(command(), dictd::kExitState,
                 {dictd_->state_dir(), "in use by another dictd", "process " + std::to_string(dictd_->process().pid()),
                  "--state-dir"});
}

TEST_F(StartTest, StateDirectoryThatCannotBeUsedIsSaid) {
  const support::TempDir dir;
  std::ofstream(dir.file("file")) << "not a directory";
  for (const std::string& path : {dir.file("file"), dir.file("file/below"), std::string("/proc/no-such")}) {
    support::Command bad = command();
    replace(bad, "--state-dir", path);
    expect_refusal(bad, dictd::kExitState, {path, "--state-dir"});
  }
}

TEST_F(StartTest, AccountThatTheDatabaseRefusesIsSaid) {
  support::Command bad = command();
  replace(bad, "--db-user", "nobody_of_this_name");
  expect_refusal(bad, dictd::kExitDatabase, {"nobody_of_this_name", "check the database's user and password"});
}

TEST_F(StartTest, MissingDatabaseAndMissingTablesAreSaid) {
  support::Command bad = command();
  replace(bad, "--db-name", "no_such_database");
  expect_refusal(bad, dictd::kExitDatabase, {"no_such_database", "schema.sql"});
  replace(bad, "--db-name", mariadb_.empty_database().name);
  expect_refusal(bad, dictd::kExitDatabase, {"apply schema.sql"});
}

TEST_F(StartTest, WrongUsageIsSaid) {
  const std::vector<std::string> table[] = {
      {"--no-such-option"},       {"--log-level", "loud"},     {"--idle-timeout", "0"},
      {"--journal-max", "1"},     {"--journal-sync", "never"}, {"--max-connections", "many"},
      {"--config", "/no/such/f"}, {"--db-timeout", "0"},       {"an argument"},
  };
  for (const auto& options : table) {
    support::Command bad = command();
    add(bad, options);
    const Outcome outcome = support::run(bad);
    EXPECT_EQ(outcome.status, dictd::kExitUsage) << options.front();
    EXPECT_EQ(outcome.output, "") << options.front();
    EXPECT_NE(outcome.errors, "") << options.front();
  }
  for (const std::string address : {"", "localhost", "127.0.0.1", ":", "127.0.0.1:70000", "[::1", "1.2.3.4.5:8888"}) {
    support::Command bad = command();
    replace(bad, "--listen", address);
    EXPECT_EQ(support::run(bad).status, dictd::kExitUsage) << address;
  }
}

TEST_F(StartTest, HelpAndVersionGoToTheOutput) {
  const std::string program = support::build_dir() / "dictd";
  const Outcome help = support::run({{program, "--help"}});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.errors, "");
  EXPECT_THAT(help.output, AllOf(HasSubstr("--listen"), HasSubstr("Exit codes"), HasSubstr("DICTD_DB_PASSWORD")));
  const Outcome version = support::run({{program, "--version"}});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.output, "dictd 1.0\n");
}

TEST_F(StartTest, SeveralAddressesAreServed) {
  support::Command several = command();
  add(several, {"--listen", "127.0.0.2:0"});
  Process process(several);
  process.wait_for_errors("listening on 127.0.0.1:");
  process.wait_for_errors("listening on 127.0.0.2:");
}

// ---- With the database away ----------------------------------------------------------------------------------------

TEST_F(StartTest, WaitsForTheDatabaseSaysSoOnceAndOpensThePortWhenItComes) {
  start();
  const std::uint16_t port = dictd_->port();
  dictd_->stop();
  kill_mariadb();
  dictd_->begin(port);
  dictd_->process().wait_for_errors("waiting for the database");
  EXPECT_THROW(Client{port}, std::system_error) << "the port is not open yet";
  start_mariadb();
  dictd_->wait_for_port();
  EXPECT_EQ(user("ann").ask(query("apple")), kFoundApple);
  EXPECT_EQ(complaints(dictd_->process().errors()).size(), 1U) << dictd_->process().errors();
}

TEST_F(StartTest, IsStoppedInOrderWhileItWaitsForTheDatabase) {
  const support::Command waiting = command();
  kill_mariadb();
  Process process(waiting);
  process.wait_for_errors("waiting for the database");
  process.send_signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(StartTest, WhatAnEarlierRunLeftIsListedBeforeItIsInTheTable) {
  start();
  Client client = user("ann");
  kill_mariadb();
  look_up(client, {"one", "two"});
  dictd_->kill();
  start_mariadb();
  restart();
  EXPECT_THAT(dictd_->process().errors(), HasSubstr("2 look-ups of an earlier run are not in the database yet"));
  EXPECT_EQ(user("ann").words(), (std::vector<std::string>{"two", "one"}));
  wait_for_rows_in_hist(2);
}

// ---- Configuration file --------------------------------------------------------------------------------------------

TEST_F(StartTest, OptionsComeFromAConfigurationFileAndTheCommandLineIsStronger) {
  const support::TempDir dir;
  const std::string file = dir.file("dictd.conf");
  std::ofstream(file) << "# a comment\n"
                      << "listen = \"127.0.0.1:0\"\n"
                      << "state-dir = \"" << dir.file("state") << "\"\n"
                      << "db-socket = \"" << database_.socket << "\"\n"
                      << "db-user = " << database_.user << "\n"
                      << "db-name = no_such_database\n"
                      << "anonymous = true\n"
                      << "largest-frame = 100K\n"
                      << "password-memory = 64\n";
  Process process({{support::build_dir() / "dictd", "--config", file, "--db-name", database_.name}});
  const std::string mark = "listening on 127.0.0.1:";
  process.wait_for_errors(mark);
  const std::string log = process.wait_for_errors("\n");
  Client client(static_cast<std::uint16_t>(std::stoi(log.substr(log.find(mark) + mark.size()))));
  EXPECT_EQ(client.ask(hello()), "hello 1, frames up to 102400");
  EXPECT_EQ(client.ask(match("exact", "apple")), "matches words:apple");
}

TEST_F(StartTest, ConfigurationFileWithAnUnknownNameIsRefused) {
  const support::TempDir dir;
  const std::string file = dir.file("dictd.conf");
  std::ofstream(file) << "no-such-option = 1\n";
  const Outcome outcome = support::run({{support::build_dir() / "dictd", "--config", file}});
  EXPECT_EQ(outcome.status, dictd::kExitUsage);
  EXPECT_THAT(outcome.errors, HasSubstr("no-such-option"));
}

// ---- In the background ---------------------------------------------------------------------------------------------

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A dictd that left its starter. Its log goes to a file; it becomes this process's child, and dies with this object.
class Daemon {
 public:
  explicit Daemon(support::Command command) : log_(dir_.file("log")), pid_file_(dir_.file("dictd.pid")) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    add(command, {"--daemon", "--pid-file", pid_file_});
    command.before_exec = [path = log_.c_str()] {
      const int fd = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      ::dup2(fd, STDERR_FILENO);
    };
    starter_ = support::run(command).status;
    if (std::filesystem::exists(pid_file_)) pid_ = std::stoi(contents(pid_file_));
  }
  ~Daemon() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] int starter_exit_code() const { return starter_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string log() const { return contents(log_); }
  [[nodiscard]] bool has_pid_file() const { return std::filesystem::exists(pid_file_); }
  void send_signal(int number) const { ::kill(pid_, number); }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return support::shell_status(status);
  }

 private:
  support::TempDir dir_;
  std::string log_;
  std::string pid_file_;
  int starter_ = -1;
  pid_t pid_ = -1;
};

TEST_F(StartTest, DaemonLetsItsStarterGoWritesItsPidAndTakesItAwayAtTheEnd) {
  Daemon daemon(command());
  EXPECT_EQ(daemon.starter_exit_code(), 0) << daemon.log();
  ASSERT_GT(daemon.pid(), 0);
  EXPECT_EQ(contents("/proc/" + std::to_string(daemon.pid()) + "/comm"), "dictd\n");
  EXPECT_NE(::getsid(daemon.pid()), ::getsid(0)) << "in a session of its own";
  const std::string mark = "listening on 127.0.0.1:";
  std::string log;
  wait_until("it listens", [&] { return (log = daemon.log()).find('\n', log.find(mark)) != std::string::npos; });
  Client client(static_cast<std::uint16_t>(std::stoi(log.substr(log.find(mark) + mark.size()))));
  EXPECT_EQ(client.ask(ping()), "pong");
  client.close();
  daemon.send_signal(SIGTERM);
  EXPECT_EQ(daemon.wait(), 0);
  EXPECT_FALSE(daemon.has_pid_file());
}

TEST_F(StartTest, DaemonThatCannotStartGivesItsExitCodeToTheStarter) {
  const TakenPort taken;
  Daemon port(command(taken.port()));
  EXPECT_EQ(port.starter_exit_code(), dictd::kExitListen);
  EXPECT_THAT(port.log(), HasSubstr("--listen ADDR:PORT"));
  EXPECT_FALSE(port.has_pid_file());

  support::Command bad = command();
  replace(bad, "--state-dir", "/proc/no-such");
  const Daemon state(bad);
  EXPECT_EQ(state.starter_exit_code(), dictd::kExitState);
  EXPECT_FALSE(state.has_pid_file());
}

TEST_F(StartTest, PidFileThatCannotBeWrittenIsSaid) {
  support::Command bad = command();
  add(bad, {"--pid-file", "/no/such/directory/dictd.pid"});
  expect_refusal(bad, dictd::kExitState, {"/no/such/directory/dictd.pid"});
}

TEST_F(StartTest, PidFileIsWrittenInTheForegroundToo) {
  const support::TempDir dir;
  start({"--pid-file", dir.file("pid")});
  EXPECT_EQ(contents(dir.file("pid")), std::to_string(dictd_->process().pid()) + "\n");
  EXPECT_EQ(dictd_->stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(dir.file("pid")));
}

}  // namespace
}  // namespace integration
