// The upper bound that dictd is measured against: the barest epoll server that takes frames of the protocol
// and answers each with one constant frame, its id copied.
//
// One thread, level-triggered; for each readable event one recv into a buffer that all share, the frames
// walked there, all answers built in another, one send. A frame cut off by recv is kept by its connection.
// What send leaves over is kept as well, and its client not read from until it is gone. No timers, no limits
// for clients, no errors but those that end it: what is missing here is what dictd may cost more for.
// Usage: echo [--port P] [--size BYTES-OF-FIELDS]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kPrefix = 4;  // a frame is u32 length, and then u8 type, u32 id, fields
constexpr std::size_t kIdAt = 5;
constexpr std::size_t kHeader = 9;
constexpr std::size_t kLargestFrame = std::size_t{64} * 1024;
constexpr std::size_t kReadSize = std::size_t{64} * 1024;
constexpr std::size_t kEntryOverhead = 16;  // of a list with one entry of three texts
constexpr std::size_t kMeaning = 100;

struct Client {
  std::string partial;  // the beginning of a frame
  std::string unsent;
};

int epoll_fd;
std::vector<Client> clients;  // by descriptor
std::string answer;
// The partial frame first, then what comes.
std::array<char, kPrefix + kLargestFrame + kReadSize> input;
std::vector<char> output;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::uint32_t load_u32(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return ntohl(value);
}

void append_u32(std::string& text, std::size_t value) {
  const std::uint32_t bytes = htonl(static_cast<std::uint32_t>(value));
  text.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

// A frame of type 0x85 whose fields are a list with one entry, its texts empty but for the meaning; or
// nothing but zeros where that has no room.
std::string make_answer(std::size_t size) {
  std::string frame;
  append_u32(frame, kHeader - kPrefix + size);
  frame.append("\x85\0\0\0\0", kHeader - kPrefix);
  if (size < kEntryOverhead) return frame.append(size, '\0');
  append_u32(frame, 1);
  append_u32(frame, 0);
  append_u32(frame, 0);
  append_u32(frame, size - kEntryOverhead);
  return frame.append(size - kEntryOverhead, 'm');
}

void watch(int fd, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_fd, operation, fd, &event) != 0) fail("epoll_ctl");
}

void close_client(int fd) {
  close(fd);
  clients[static_cast<std::size_t>(fd)] = {};
}

// Sends what it can; answers how much that was, or -1 if the connection is gone.
ssize_t send_some(int fd, const char* bytes, std::size_t size) {
  const ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
  return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

void on_writable(int fd, Client& client) {
  const ssize_t sent = send_some(fd, client.unsent.data(), client.unsent.size());
  if (sent < 0) return close_client(fd);
  client.unsent.erase(0, static_cast<std::size_t>(sent));
  if (client.unsent.empty()) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

void on_readable(int fd, Client& client) {
  const std::size_t kept = client.partial.size();
  if (kept > 0) std::memcpy(input.data(), client.partial.data(), kept);
  const ssize_t received = recv(fd, input.data() + kept, kReadSize, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return close_client(fd);

  const char* at = input.data();
  const char* const end = at + kept + received;
  std::size_t size = 0;  // of the output
  while (static_cast<std::size_t>(end - at) >= kHeader) {
    const std::size_t length = load_u32(at);
    if (length < kHeader - kPrefix || length > kLargestFrame) return close_client(fd);
    if (static_cast<std::size_t>(end - at) < kPrefix + length) break;
    if (output.size() < size + answer.size()) output.resize(2 * (size + answer.size()));
    std::memcpy(output.data() + size, answer.data(), answer.size());
    std::memcpy(output.data() + size + kIdAt, at + kIdAt, sizeof(std::uint32_t));
    size += answer.size();
    at += kPrefix + length;
  }
  if (kept > 0 || at < end) client.partial.assign(at, end);
  if (size == 0) return;

  const ssize_t sent = send_some(fd, output.data(), size);
  if (sent < 0) return close_client(fd);
  if (static_cast<std::size_t>(sent) == size) return;
  client.unsent.assign(output.data() + sent, size - static_cast<std::size_t>(sent));
  watch(fd, EPOLLOUT, EPOLL_CTL_MOD);
}

void accept_clients(int listener) {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) return;
    if (fd < 0) fail("accept");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (clients.size() <= static_cast<std::size_t>(fd)) clients.resize(static_cast<std::size_t>(fd) + 1);
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

int start_listening(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, SOMAXCONN) != 0 || getsockname(listener, any, &size) != 0) {
    fail("listen");
  }
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::size_t size = kEntryOverhead + kMeaning;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc || (option != "--port" && option != "--size")) {
      return std::fprintf(stderr, "usage: echo [--port P] [--size BYTES]\n"), 2;
    }
    const unsigned long value = std::strtoul(argv[i + 1], nullptr, 10);
    if (option == "--port") port = static_cast<std::uint16_t>(value);
    if (option == "--size") size = value;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  answer = make_answer(size);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  const int listener = start_listening(port);
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  std::array<epoll_event, 512> events;
  for (;;) {
    const int ready = epoll_wait(epoll_fd, events.data(), static_cast<int>(events.size()), -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        accept_clients(listener);
        continue;
      }
      Client& client = clients[static_cast<std::size_t>(fd)];
      client.unsent.empty() ? on_readable(fd, client) : on_writable(fd, client);
    }
  }
}
