#include "dictd/server.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "dictd/dict2229.h"
#include "dictd/exit_code.h"
#include "dictd/framed.h"
#include "dictd/history.h"
#include "dictd/journal.h"
#include "dictd/pending.h"
#include "dictd/ports.h"
#include "dictd/service.h"
#include "dictd/state_dir.h"
#include "dictd/store.h"
#include "dictd/wall_clock.h"
#include "dictd/word_loader.h"
#include "reactor/acceptor.h"
#include "reactor/connection_set.h"
#include "reactor/pool.h"
#include "reactor/priority.h"
#include "reactor/signals.h"
#include "reactor/socket.h"
#include "reactor/tls.h"

namespace dictd {
namespace {

constexpr std::initializer_list<int> kSignals{SIGTERM, SIGINT, SIGHUP};
constexpr const char* kServerName = "dictd 1.0";
constexpr std::chrono::seconds kRetryDatabase{1};
constexpr std::chrono::hours kHousekeeping{1};
constexpr std::chrono::seconds kMoreHousekeeping{1};  // while there is more of it than is done at once
constexpr std::uint32_t kSessionsRemovedAtOnce = 1000;
// Descriptors beside those of clients: epoll, eventfd, signalfd, listeners, journal, log, database connections.
constexpr std::size_t kReservedDescriptors = 64;

// ---- A second signal

const char* pid_file_at_exit = nullptr;  // null: none

// Ends at once, whatever is under way, and waits for nothing: not even for the log. Nothing is lost by it: what was
// answered is in the journal.
extern "C" void exit_at_once(int /*signal*/) {
  if (pid_file_at_exit != nullptr) (void)::unlink(pid_file_at_exit);
  ::_exit(kExitOk);
}

// After the loop, which reads the signals before: however long the last jobs and the drain take.
void exit_at_next_signal() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT}) {
    (void)std::signal(signal, exit_at_once);
    sigaddset(&set, signal);
  }
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);  // of this thread only: it can fail for nothing
}

// The drain's way into the database.
class StoreSink final : public HistorySink {
 public:
  explicit StoreSink(Store& store) : store_(store) {}
  tl::expected<void, SinkError> insert(std::span<const Event> events) override {
    const auto inserted = store_.insert_history(events);
    if (inserted) return {};
    return tl::unexpected(SinkError{kind_of(inserted.error().kind), inserted.error().message});
  }

 private:
  static SinkError::Kind kind_of(StoreError::Kind kind) {
    switch (kind) {
      case StoreError::Kind::kRejected: return SinkError::Kind::kRejected;
      case StoreError::Kind::kDoubtful: return SinkError::Kind::kDoubtful;
      default: return SinkError::Kind::kUnavailable;
    }
  }

  Store& store_;
};

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

// As many descriptors as the system lets this process have; fewer connections if they are not enough.
void raise_descriptor_limit(Config& config) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // raising the soft limit to the hard one is always allowed
  const std::size_t reserved = kReservedDescriptors + config.db_workers;
  const std::size_t room = limit.rlim_cur > reserved ? limit.rlim_cur - reserved : 1;
  if (config.max_connections <= room) return;
  spdlog::warn("only {} descriptors are allowed (ulimit -n), so at most {} connections and not {}", limit.rlim_cur,
               room, config.max_connections);
  config.max_connections = room;
}

reactor::ConnectionLimits connection_limits(const Config& config) {
  reactor::ConnectionLimits limits;
  limits.high_mark = config.output_high_mark;
  limits.low_mark = config.output_high_mark / 4;
  // One answer may go over the mark, and the answer after it is not begun.
  limits.hard_cap = config.output_high_mark + config.largest_answer + std::size_t{64} * 1024;
  limits.first_request = config.first_request_timeout;
  limits.whole_request = config.frame_timeout;
  limits.idle = config.idle_timeout;
  limits.over_mark = config.slow_reader_timeout;
  return limits;
}

}  // namespace

// Everything, in the order it is made; it is unmade the other way round.
struct Server::Parts {
  explicit Parts(const Config& settings) : config(settings) {}

  Config config;
  reactor::Loop loop;
  std::optional<reactor::Signals> signals;
  std::vector<Listener> listeners;         // bound, until the acceptors take them
  std::optional<reactor::TlsContext> tls;  // for those over TLS
  std::uint64_t tls_loads = 0;             // asked for by signals
  std::optional<StateDir> state;
  std::unique_ptr<Journal> journal;
  std::optional<Pending> pending;
  std::optional<Store> drain_store;
  std::optional<StoreSink> sink;
  std::optional<History> history;
  std::uint64_t newest_number = 0;  // that the journal knows of
  std::optional<reactor::ConnectionSet> connections;
  std::vector<std::unique_ptr<Store>> stores;
  std::optional<reactor::Pool> database;
  std::optional<reactor::Pool> cpu;

  // Once the words are there.
  std::optional<NumberSource> numbers;
  std::uint16_t server_number = 0;
  std::optional<Service> service;
  std::optional<Framed> framed;
  std::optional<Dict2229> dict;
  std::vector<std::unique_ptr<reactor::Acceptor>> acceptors;

  std::optional<WordLoader> loader;
  std::optional<reactor::Timer> retry;  // of the first load
  std::optional<reactor::Timer> housekeeping;
  std::optional<reactor::Timer> stop_limit;
  bool said_waiting = false;
  bool stopping = false;
  int exit_code = kExitOk;

  tl::expected<void, StartError> bind_addresses();
  tl::expected<void, StartError> open_state();
  void make_workers();
  void on_signal(int signal);
  void load_certificate();
  void on_words(StoreResult<LoadedWords> loaded);
  void no_words(const StoreError& error);
  void begin_service(LoadedWords loaded);
  void open_ports();
  void accept(reactor::Fd fd, const reactor::Address& peer, const Port& port);
  void keep_house();
  void commit();
  void stop(int code);
};

void Server::take_signals() {
  reactor::Signals::block(kSignals);
  // Writing to a socket or file that cannot take it is an error to handle, and not the end of the process.
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);
}

tl::expected<std::unique_ptr<Server>, StartError> Server::start(const Config& config) {
  auto parts = std::make_unique<Parts>(config);
  raise_descriptor_limit(parts->config);
  Parts* const p = parts.get();
  p->signals.emplace(p->loop, kSignals, [p](int signal) { p->on_signal(signal); });
  if (const auto bound = p->bind_addresses(); !bound) return tl::unexpected(bound.error());
  if (const auto opened = p->open_state(); !opened) return tl::unexpected(opened.error());
  p->make_workers();
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

tl::expected<void, StartError> Server::Parts::bind_addresses() {
  if (!config.tls_listen.empty() || !config.dict_tls_listen.empty()) {
    auto context = reactor::TlsContext::for_server(config.tls_certificate, config.tls_key);
    if (!context) return tl::unexpected(StartError{kExitUsage, context.error()});
    tls.emplace(std::move(*context));
  }
  auto bound = bind_ports(config);
  if (!bound) return tl::unexpected(bound.error());
  listeners = std::move(*bound);
  return {};
}

tl::expected<void, StartError> Server::Parts::open_state() {
  const auto unusable = [](const std::string& message) { return tl::unexpected(StartError{kExitState, message}); };
  auto opened = StateDir::open(config.state_dir);
  if (!opened) return unusable(opened.error().message);
  state.emplace(std::move(*opened));

  Journal::Options options;
  options.directory = state->journal_path();
  options.sync = config.journal_sync;
  options.max_bytes = config.journal_max;
  options.segment_bytes = std::min(config.journal_segment, config.journal_max / 4);
  // An empty task: the turn that it wakes settles what was synced.
  auto journal_opened = Journal::open(options, [this] { loop.post([] {}); });
  if (!journal_opened) return unusable(journal_opened.error().message);
  journal = std::move(*journal_opened);

  pending.emplace(Pending::kPerUser, config.pending_events);
  drain_store.emplace(config.database);
  sink.emplace(*drain_store);
  History::Options history_options;
  history_options.loop_work = [this] { return loop.work(); };
  history_options.urgent_bytes = config.journal_max / 2;
  history_options.rejected_log = state->path() / "rejected.log";
  history.emplace(
      history_options, *journal, *sink, [this](std::function<void()> task) { loop.post(std::move(task)); },
      [this](std::span<const Pending::Drained> users) { pending->drained(users); });
  const auto replayed = history->replay([this](const Event& event) { pending->add(event); });
  if (!replayed) return unusable("the journal cannot be read: " + replayed.error().message);
  newest_number = replayed->newest;
  if (replayed->events > 0) spdlog::info("{} look-ups of an earlier run are not in the database yet", replayed->events);
  return {};
}

void Server::Parts::make_workers() {
  connections.emplace(loop, reactor::ConnectionSet::Caps{config.max_connections, config.max_connections_per_address});
  for (std::size_t i = 0; i < config.db_workers; ++i) stores.push_back(std::make_unique<Store>(config.database));
  database.emplace(loop, "database", config.db_workers, config.db_queue);
  const std::size_t cpu_workers = config.cpu_workers == 0 ? reactor::usable_processors() : config.cpu_workers;
  cpu.emplace(loop, "cpu", cpu_workers, config.cpu_queue, reactor::Priority::kLower);
  retry.emplace(loop.timers(), [this] { loader->load(); });
  housekeeping.emplace(loop.timers(), [this] { keep_house(); });
  stop_limit.emplace(loop.timers(), [this] {
    spdlog::warn("{} connections did not end in time", connections->size());
    loop.stop();
  });
  loader.emplace(
      config.database, state->instance(), config.dictionaries,
      [this](std::function<void()> task) { loop.post(std::move(task)); },
      [this](StoreResult<LoadedWords> loaded) { on_words(std::move(loaded)); });
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

int Server::run() {
  Parts& parts = *parts_;
  static const std::string pid_file = parts.config.pid_file.string();  // outlives everything that a signal may meet
  if (!pid_file.empty()) pid_file_at_exit = pid_file.c_str();
  parts.history->start();
  parts.loader->load();
  parts.loop.run();
  exit_at_next_signal();

  parts.connections->for_each([](reactor::Connection& connection) { connection.close(reactor::CloseReason::kEnded); });
  parts.loader.reset();
  parts.database.reset();
  parts.cpu.reset();
  spdlog::info("the last look-ups go to the database");
  parts.history->stop(parts.config.shutdown_timeout);
  if (parts.exit_code == kExitOk) spdlog::info("stopped");
  return parts.exit_code;
}

// ---- Events -----------------------------------------------------------------------------------------------------

void Server::Parts::on_signal(int signal) {
  if (signal == SIGHUP) {
    spdlog::info("loading the words anew");
    (void)loop.take_longest_turn();
    loader->load();
    if (tls) load_certificate();
  } else if (!stopping) {
    spdlog::info("stopping");
    stop(kExitOk);
  } else {
    exit_at_once(signal);
  }
}

// Clients that are connected keep what they have. When several signals came, what the last one found is taken.
void Server::Parts::load_certificate() {
  const std::uint64_t load = ++tls_loads;
  const bool taken = cpu->submit(
      [certificate = config.tls_certificate, key = config.tls_key](std::size_t /*worker*/) {
        return reactor::TlsContext::for_server(certificate, key);
      },
      [this, load](tl::expected<tl::expected<reactor::TlsContext, std::string>, std::exception_ptr> outcome) {
        if (load != tls_loads) return;
        if (outcome && *outcome) {
          tls.emplace(std::move(**outcome));
          spdlog::info("the certificate {} is loaded anew", config.tls_certificate);
        } else {
          spdlog::error("the old certificate stays: {}", outcome ? outcome->error() : "out of memory");
        }
      });
  if (!taken) spdlog::error("the old certificate stays: there is too much to do; send SIGHUP again");
}

void Server::Parts::on_words(StoreResult<LoadedWords> loaded) {
  if (stopping) return;
  if (!loaded) return no_words(loaded.error());
  // In the next turn, when this one's length is known too.
  loop.post(
      [this, words = loaded->index->size(), dictionaries = loaded->index->dictionaries().size(), took = loaded->took] {
        spdlog::info("{} words of {} dictionaries loaded in {} ms; the longest turn meanwhile took {} us", words,
                     dictionaries, took.count(),
                     std::chrono::duration_cast<std::chrono::microseconds>(loop.take_longest_turn()).count());
      });
  if (loaded->left_out > 0) spdlog::warn("{} words were left out: they do not fit the index", loaded->left_out);
  for (const std::string& name : config.dictionaries) {
    if (loaded->index->dictionary(name) == nullptr) spdlog::warn("--dictionaries: there is no dictionary {}", name);
  }
  for (const auto& [dictionary, member] : loaded->index->missing_members()) {
    spdlog::warn("{} has a member {}, which is no dictionary", dictionary, member);
  }
  if (loaded->index->size() == 0) spdlog::warn("there are no words; load some with dictload, then send SIGHUP");
  if (!service) {
    begin_service(std::move(*loaded));
    open_ports();
  } else {
    loader->retire(service->replace_index(std::move(loaded->index)));
  }
}

void Server::Parts::no_words(const StoreError& error) {
  if (service) {
    spdlog::error("the words could not be loaded, the old ones stay: {}", error.message);
  } else if (error.kind == StoreError::Kind::kUnavailable) {
    if (!said_waiting) spdlog::warn("waiting for the database: {}", error.message);
    said_waiting = true;
    retry->set(loop.now() + kRetryDatabase);
  } else {
    spdlog::critical("{}", error.message);
    stop(kExitDatabase);
  }
}

void Server::Parts::begin_service(LoadedWords loaded) {
  server_number = loaded.server_number;
  numbers.emplace(server_number);
  numbers->resume_after(newest_number, wall_clock_us());
  Service::Options options;
  options.accounts.token_lifetime = config.token_lifetime;
  options.accounts.password_cost = config.password_cost;
  options.accounts.attempts.per_name = config.login_failures;
  options.accounts.attempts.per_address = config.login_failures_per_address;
  options.accounts.attempts.window = config.login_window;
  options.match_timeout = config.match_timeout;
  service.emplace(options,
                  Service::Parts{*journal, *history, *pending, *numbers, loop, *database, stores, *drain_store, *cpu});
  loader->retire(service->replace_index(std::move(loaded.index)));

  Framed::Options framed_options;
  framed_options.server_name = kServerName;
  framed_options.largest_frame = config.largest_frame;
  framed_options.largest_anonymous_frame = config.largest_anonymous_frame;
  framed_options.largest_answer = config.largest_answer;
  framed_options.matches = config.anonymous ? Access::kEverybody : Access::kUsers;
  framed_options.connection = connection_limits(config);
  framed.emplace(framed_options, *service, *connections);

  Dict2229::Options dict_options;
  dict_options.server_name = kServerName;
  dict_options.host_name = host_name();
  dict_options.look_ups = config.dict_login_only ? Access::kUsers : Access::kEverybody;
  dict_options.plain_unencrypted = config.dict_plain_unencrypted;
  dict_options.most_matches = config.most_matches;
  dict_options.largest_answer = config.largest_answer;
  dict_options.connection = connection_limits(config);
  dict.emplace(dict_options, *service, *connections);
  loop.before_flush([this] { commit(); });
  housekeeping->set(loop.now() + kMoreHousekeeping);
}

void Server::Parts::open_ports() {
  for (Listener& listener : listeners) {
    if (const auto listening = reactor::start_listening(listener.fd.get()); !listening) {
      spdlog::critical("cannot listen on {}: {}; choose another address with {} ADDR:PORT", listener.address.text(),
                       listening.error().message(), listener.port.option);
      return stop(kExitListen);
    }
    const auto bound = reactor::local_address(listener.fd.get());
    spdlog::info("listening {}{}on {}", listener.port.dict ? "for DICT " : "", listener.port.tls ? "with TLS " : "",
                 (bound ? *bound : listener.address).text());
    acceptors.push_back(std::make_unique<reactor::Acceptor>(
        loop, std::move(listener.fd),
        [this, port = listener.port](reactor::Fd fd, const reactor::Address& peer) {
          accept(std::move(fd), peer, port);
        },
        [](std::error_code error) { spdlog::warn("new connections must wait: {}", error.message()); }));
  }
  listeners.clear();
}

void Server::Parts::accept(reactor::Fd fd, const reactor::Address& peer, const Port& port) {
  reactor::set_no_delay(fd.get());
  FrontEnd& front_end = port.dict ? static_cast<FrontEnd&>(*dict) : *framed;
  if (!port.tls) return front_end.accept(std::make_unique<reactor::SocketStream>(std::move(fd)), peer, false);
  // Nobody can be told why before the handshake, which would cost more than a client that is not served is worth.
  if (!connections->admits(peer)) return spdlog::debug("refused a connection from {}: too many", peer.text());
  front_end.accept(std::make_unique<reactor::TlsStream>(*tls, std::move(fd)), peer, true);
}

// The end of each turn: events to disk, then answers out.
void Server::Parts::commit() {
  const Service::Settled settled = service->commit();
  framed->settle(settled);
  dict->settle(settled);
  loop.release(settled.released);
}

// Removes sessions that ended, and says that this server's number is in use.
void Server::Parts::keep_house() {
  housekeeping->set(loop.now() + kHousekeeping);
  const std::int64_t now = wall_clock_us();
  struct Kept {
    std::uint64_t removed = 0;
    bool number_is_ours = true;
  };
  const bool taken = database->submit(
      [this, now](std::size_t worker) -> StoreResult<Kept> {
        Store& store = *stores[worker];
        const auto removed = store.remove_ended_sessions(now, kSessionsRemovedAtOnce);
        if (!removed) return tl::unexpected(removed.error());
        return store.server_seen(server_number, state->instance(), now).map([&removed](bool ours) {
          return Kept{*removed, ours};
        });
      },
      [this](const tl::expected<StoreResult<Kept>, std::exception_ptr>& outcome) {
        if (!outcome || !*outcome) {
          spdlog::warn("housekeeping failed; it is tried again in an hour");
        } else if (!(*outcome)->number_is_ours) {
          spdlog::critical(
              "another server took over this one's number while the database was away for months; "
              "start dictd again, and it gets a new one");
          stop(kExitDatabase);
        } else if ((*outcome)->removed == kSessionsRemovedAtOnce) {
          housekeeping->set(loop.now() + kMoreHousekeeping);
        }
      });
  if (!taken) spdlog::warn("housekeeping is put off: the database has too much to do");
}

void Server::Parts::stop(int code) {
  if (stopping) return;
  stopping = true;
  exit_code = code;
  for (const auto& acceptor : acceptors) acceptor->close();
  retry->cancel();
  if (connections->size() == 0) return loop.stop();
  connections->when_empty([this] { loop.stop(); });
  stop_limit->set(loop.now() + config.shutdown_timeout);
  connections->for_each([](reactor::Connection& connection) { connection.handler().on_shutdown(connection); });
}

}  // namespace dictd
