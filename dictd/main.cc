// dictd: settings, log, background; everything else is server.h's.
#include <fcntl.h>
#include <malloc.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "dictd/config.h"
#include "dictd/daemon.h"
#include "dictd/exit_code.h"
#include "dictd/server.h"

namespace {

// What an index leaves behind goes back to the system at once, however large: the C library would come to keep it, a
// quarter of the memory that the words need. Small blocks stay: to ask for them anew costs look-ups a tenth.
void give_back_large_memory() {
  constexpr int kLargeBytes = 1 << 20;
  constexpr int kKeptBytes = 8 << 20;
  (void)::mallopt(M_MMAP_THRESHOLD, kLargeBytes);  // NOLINT(concurrency-mt-unsafe): there is one thread yet
  (void)::mallopt(M_TRIM_THRESHOLD, kKeptBytes);   // NOLINT(concurrency-mt-unsafe)
}

// Standard error may be a pipe that nobody reads: lines are written by a thread of their own, and the oldest are
// dropped when too many wait, so that the loop never does.
std::shared_ptr<spdlog::logger> begin_log(const std::string& level) {
  constexpr std::size_t kWaitingLines = 8192;
  spdlog::init_thread_pool(kWaitingLines, 1);
  auto log =
      std::make_shared<spdlog::async_logger>("dictd", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                             spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  spdlog::set_default_logger(log);
  spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  spdlog::set_level(spdlog::level::from_str(level));
  return log;
}

int serve(const dictd::Config& config, dictd::Daemon& daemon) {
  dictd::PidFile pid_file;  // goes last: whoever waits for that may start the next one
  const auto server = dictd::Server::start(config);
  if (!server) return daemon.fail(server.error().exit_code, server.error().message);
  if (!config.pid_file.empty()) {
    if (const auto written = pid_file.write(config.pid_file); !written) {
      return daemon.fail(dictd::kExitState, written.error());
    }
  }
  daemon.ready();
  return (*server)->run();
}

}  // namespace

int main(int argc, char** argv) {
  give_back_large_memory();
  const auto config = dictd::parse_config(argc, argv);
  if (!config) {
    std::fputs(config.error().text.c_str(), config.error().exit_code == dictd::kExitOk ? stdout : stderr);
    return config.error().exit_code;
  }
  dictd::Daemon daemon;
  if (config->daemon) {
    if (const auto parent_exit = daemon.detach()) return *parent_exit;
  }
  int exit_code = dictd::kExitInternal;
  std::shared_ptr<spdlog::logger> log;  // freed when its thread has ended, at shutdown()
  try {
    dictd::Server::take_signals();
    log = begin_log(config->log_level);
    exit_code = serve(*config, daemon);
  } catch (const std::exception& exception) {
    exit_code = daemon.fail(dictd::kExitInternal, exception.what());
  }
  spdlog::shutdown();
  return exit_code;
}
