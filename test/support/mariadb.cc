#include "test/support/mariadb.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace support {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

class File {
 public:
  File(int fd, const char* what) : fd_(fd) {
    if (fd_ < 0) fail(what);
  }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<char*> arguments_of(std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return arguments;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  return status;
}

// Runs a command to its end and returns all that it wrote.
std::string run(std::vector<std::string> command, const std::string& input) {
  const File in(memfd_create("input", MFD_CLOEXEC), "memfd_create");
  const File out(memfd_create("output", MFD_CLOEXEC), "memfd_create");
  if (write(in.fd(), input.data(), input.size()) != static_cast<ssize_t>(input.size()) ||
      lseek(in.fd(), 0, SEEK_SET) != 0) {
    fail("write");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.fd(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.fd(), 1);
  posix_spawn_file_actions_adddup2(&actions, out.fd(), 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, command[0].c_str(), &actions, nullptr, arguments_of(command).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command[0]);
  const int status = wait_for(pid);
  const std::string output = contents("/proc/self/fd/" + std::to_string(out.fd()));
  if (status != 0) throw std::runtime_error(command[0] + " failed on: " + input + "\n" + output);
  return output;
}

// The server upon `dir`; it dies with the thread that calls this.
pid_t spawn_server(const fs::path& dir, const std::vector<std::string>& options) {
  std::vector<std::string> command{source_root() / "dictd/private-mariadb.sh", dir};
  command.insert(command.end(), options.begin(), options.end());
  const std::vector<char*> arguments = arguments_of(command);
  const File log(open((dir / "script.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), "script.log");
  const File null(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);  // died before it could be said
    dup2(null.fd(), 0);
    dup2(log.fd(), 1);
    dup2(log.fd(), 2);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  return pid;
}

// A connected socket, or -1 if nobody listens at `path` (yet).
int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

// Returns the path of the socket once the server behind it greets. (To be connected is not enough: it listens
// before it is ready, and forgets a SIGTERM that comes between.)
std::string wait_for_server(pid_t pid, const fs::path& dir) {
  const File process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open");
  for (;;) {
    std::string path = contents(dir / "socket");
    if (!path.empty() && path.back() == '\n') path.pop_back();
    const int connection = connect_to(path);
    pollfd events[] = {{process.fd(), POLLIN, 0}, {connection, POLLIN, 0}};  // poll passes over a descriptor of -1
    const int ready = poll(events, 2, connection < 0 ? 10 : -1);
    if (connection >= 0) close(connection);
    if (ready > 0 && events[0].revents == 0 && (events[1].revents & POLLHUP) == 0) return path;
    if (events[0].revents != 0) {
      throw std::runtime_error("MariaDB did not start:\n" + contents(dir / "script.log") +
                               contents(dir / "mariadb.log"));
    }
  }
}

// A data directory made once for all tests of this build directory; to make one takes longer than to copy it.
fs::path template_data() {
  const fs::path dir = build_dir() / "mariadb-template";
  const File lock(open((build_dir() / "mariadb-template.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "lock");
  while (flock(lock.fd(), LOCK_EX) != 0) {
    if (errno != EINTR) fail("flock");
  }
  if (!fs::exists(dir / "ready")) {
    fs::remove_all(dir);
    fs::create_directories(dir);
    const pid_t pid = spawn_server(dir, {});
    wait_for_server(pid, dir);
    ::kill(pid, SIGTERM);
    wait_for(pid);
    std::ofstream(dir / "ready");
  }
  return dir / "data";
}

}  // namespace

fs::path source_root() {
  const char* root = std::getenv("SOURCE_ROOT");
  return root != nullptr ? fs::path(root) : fs::current_path();
}

Mariadb::Mariadb(std::vector<std::string> server_options) : server_options_(std::move(server_options)) {
  run({"cp", "-a", "--reflink=auto", "--sparse=always", template_data(), dir_.file("data")}, "");
  start();
  apply_schema("dictd");
}

Mariadb::~Mariadb() {
  if (pid_ > 0) kill();
  const fs::path home = fs::path(socket_).parent_path();  // elsewhere when the path below dir_ was too long
  std::error_code ignored;
  if (home != dir_.path()) fs::remove_all(home, ignored);
}

void Mariadb::start() {
  pid_ = spawn_server(dir_.path(), server_options_);
  socket_ = wait_for_server(pid_, dir_.path());
}

void Mariadb::stop() {
  signal(SIGTERM);
  wait_for_end();
}

void Mariadb::kill() {
  signal(SIGKILL);
  wait_for_end();
}

void Mariadb::pause() {
  signal(SIGSTOP);
  siginfo_t stopped{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED) != 0) fail("waitid");
}

void Mariadb::resume() { signal(SIGCONT); }

void Mariadb::signal(int number) const {
  if (::kill(pid_, number) != 0) fail("kill");
}

void Mariadb::wait_for_end() {
  wait_for(pid_);
  pid_ = -1;
}

dictd::DatabaseOptions Mariadb::options() const {
  dictd::DatabaseOptions options;
  options.socket = socket_;
  options.user = "root";
  return options;
}

dictd::DatabaseOptions Mariadb::empty_database() {
  dictd::DatabaseOptions options = Mariadb::options();
  const std::string name = "t_" + std::to_string(++databases_);
  run_sql(options, "CREATE DATABASE " + name);
  options.name = name;
  return options;
}

dictd::DatabaseOptions Mariadb::fresh_database() {
  const dictd::DatabaseOptions options = empty_database();
  apply_schema(options.name);
  return options;
}

void Mariadb::apply_schema(const std::string& database) const {
  dictd::DatabaseOptions options = Mariadb::options();
  options.name = database;
  run_sql(options, contents(source_root() / "schema.sql"));
}

Mariadb& shared_mariadb() {
  static Mariadb server;
  return server;
}

dictd::DatabaseOptions shared_database() { return shared_mariadb().fresh_database(); }

std::string run_sql(const dictd::DatabaseOptions& database, const std::string& sql) {
  return run({"mariadb", "--no-defaults", "--default-character-set=utf8mb4", "--skip-column-names", "--batch",
              "--socket=" + database.socket, "--user=" + database.user, database.name},
             sql);
}

}  // namespace support
