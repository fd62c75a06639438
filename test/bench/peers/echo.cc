// The upper bound: the barest single-threaded server that takes the protocol's frames and answers a constant.
// Usage: echo [--port P] [--size BYTES]
//
// Level-triggered epoll; for each readable connection one recv into a buffer shared by all, all answers into another,
// one send. Each frame is answered by one of type 0x85 with its id and SIZE bytes of fields (default: one entry with a
// meaning of 100 bytes). On purpose without the project's reactor, and without anything that a server needs beyond
// being correct: no limits, no timeouts, no look-up. Not a model of anything: see the others here.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kPrefix = 4;                  // a frame's length
constexpr std::size_t kHeader = kPrefix + 5;        // and its type and id
constexpr std::size_t kLargestFrame = 64 * 1024;    // what is longer ends the connection
constexpr std::size_t kReadAtOnce = 64 * 1024;      // bytes for one recv
constexpr std::size_t kLargestFields = 256 * 1024;  // for --size
constexpr std::string_view kDictionary = "bench";
constexpr std::string_view kHeadword = "headword";
// What an answer of one entry has beside its meaning: the list's count, and three lengths with two texts.
constexpr std::size_t kAroundMeaning = 4 * kPrefix + kDictionary.size() + kHeadword.size();

std::uint32_t load(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return ntohl(value);
}
void append(std::string& out, std::size_t value) {
  const std::uint32_t big_endian = htonl(static_cast<std::uint32_t>(value));
  out.append(reinterpret_cast<const char*>(&big_endian), sizeof big_endian);
}
void append_text(std::string& out, std::string_view text) {
  append(out, text.size());
  out += text;
}

// A QUERY's answer with id 0 and so many bytes of fields: one entry, where they are enough for one.
std::string make_answer(std::size_t size) {
  std::string fields;
  if (size >= kAroundMeaning) {
    append(fields, 1);
    append_text(fields, kDictionary);
    append_text(fields, kHeadword);
    append_text(fields, std::string(size - kAroundMeaning, 'm'));
  }
  fields.resize(size);
  std::string frame;
  append(frame, kHeader - kPrefix + size);
  frame += '\x85';
  append(frame, 0);
  return frame + fields;
}

class Server {
 public:
  explicit Server(const std::string& answer)
      : answer_(answer),
        input_(std::make_unique_for_overwrite<char[]>(kLargestFrame + kPrefix + kReadAtOnce)),
        output_(
            std::make_unique_for_overwrite<char[]>((kLargestFrame + kPrefix + kReadAtOnce) / kHeader * answer.size())) {
  }

  // Both answer false with errno set.
  bool listen_on(std::uint16_t port);
  bool serve();

 private:
  struct Client {
    std::string partial;  // the beginning of a frame
    std::string unsent;   // nothing is read while there is some
  };

  void accept_clients();
  void on_readable(int fd, Client& client);
  void on_writable(int fd, Client& client);
  bool watch(int fd, std::uint32_t events, int operation) const {
    epoll_event event{.events = events, .data = {.fd = fd}};
    return epoll_ctl(epoll_, operation, fd, &event) == 0;
  }
  void drop(int fd) {
    clients_[static_cast<std::size_t>(fd)] = {};
    close(fd);
  }

  const std::string& answer_;
  std::unique_ptr<char[]> input_;
  std::unique_ptr<char[]> output_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = -1;
  std::vector<Client> clients_;  // by descriptor
};

bool Server::listen_on(std::uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), length) != 0 || listen(listener_, 4096) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      !watch(listener_, EPOLLIN, EPOLL_CTL_ADD))
    return false;
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

bool Server::serve() {
  std::array<epoll_event, 512> events{};
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) return false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      if (fd == listener_) {
        accept_clients();
        continue;
      }
      Client& client = clients_[static_cast<std::size_t>(fd)];
      if (client.unsent.empty())
        on_readable(fd, client);
      else
        on_writable(fd, client);
    }
  }
}

void Server::accept_clients() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) std::perror("echo: accept");
      return;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (clients_.size() <= static_cast<std::size_t>(fd)) clients_.resize(static_cast<std::size_t>(fd) + 1);
    if (!watch(fd, EPOLLIN, EPOLL_CTL_ADD)) drop(fd);
  }
}

void Server::on_readable(int fd, Client& client) {
  char* const input = input_.get();
  std::size_t filled = client.partial.size();
  if (filled != 0) std::memcpy(input, client.partial.data(), filled);
  const ssize_t got = recv(fd, input + filled, kReadAtOnce, 0);
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
    return;
  }
  filled += static_cast<std::size_t>(got);

  std::size_t at = 0;
  char* out = output_.get();
  while (filled - at >= kPrefix) {
    const std::uint32_t length = load(input + at);
    if (length < kHeader - kPrefix || length > kLargestFrame) return drop(fd);
    if (filled - at < kPrefix + length) break;
    std::memcpy(out, answer_.data(), answer_.size());
    std::memcpy(out + kPrefix + 1, input + at + kPrefix + 1, sizeof(std::uint32_t));
    out += answer_.size();
    at += kPrefix + length;
  }
  client.partial.assign(input + at, filled - at);

  const std::size_t size = static_cast<std::size_t>(out - output_.get());
  if (size == 0) return;
  const ssize_t sent = send(fd, output_.get(), size, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return drop(fd);
  const std::size_t gone = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (gone == size) return;
  client.unsent.assign(output_.get() + gone, size - gone);
  if (!watch(fd, EPOLLOUT, EPOLL_CTL_MOD)) drop(fd);
}

void Server::on_writable(int fd, Client& client) {
  const ssize_t sent = send(fd, client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) drop(fd);
    return;
  }
  client.unsent.erase(0, static_cast<std::size_t>(sent));
  if (!client.unsent.empty()) return;
  client.unsent = {};
  if (!watch(fd, EPOLLIN, EPOLL_CTL_MOD)) drop(fd);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t port = 0;
  std::uint64_t size = kAroundMeaning + 100;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    char* end = nullptr;
    const std::uint64_t value = i + 1 < argc ? std::strtoull(argv[i + 1], &end, 10) : 0;
    const bool is_number = end != nullptr && end != argv[i + 1] && *end == '\0';
    if (option == "--port" && is_number && value <= UINT16_MAX)
      port = value;
    else if (option == "--size" && is_number && value <= kLargestFields)
      size = value;
    else
      return std::fprintf(stderr, "usage: echo [--port P] [--size BYTES]\n"), 2;
  }
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  const std::string answer = make_answer(size);
  Server server(answer);
  if (!server.listen_on(static_cast<std::uint16_t>(port)) || !server.serve()) std::perror("echo");
  return 1;
}
