// dictbench: the load generator. Each thread runs its share of the connections on a loop of its own (run.h); this file
// gets them ready, shows how far they are, and adds up.
#include <spdlog/fmt/fmt.h>
#include <sys/resource.h>

#include <algorithm>
#include <barrier>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include "test/bench/dictbench/accounts.h"
#include "test/bench/dictbench/report.h"

namespace {

using namespace dictbench;

enum Exit : int { kAllRight = 0, kNotRight = 1, kUsage = 2, kNoServer = 3 };

int fail(int status, const std::string& reason) {
  std::fprintf(stderr, "dictbench: %s\n", reason.c_str());
  return status;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // raising the soft limit to the hard one is always allowed
}

// All runs of a measurement, each on its thread.
class Bench {
 public:
  Bench(const Options& options, const reactor::Address& address, const Workload& workload,
        const std::vector<std::string>& tokens)
      : together_(static_cast<std::ptrdiff_t>(options.threads)), runs_(options.threads), failures_(options.threads) {
    for (std::size_t n = 0; n < options.threads; ++n) {
      threads_.emplace_back([&, n] {
        Run run(options, address, workload, tokens, n, [this] { together_.arrive_and_wait(); });
        publish(n, &run);
        failures_[n] = run.go();
        if (!failures_[n].reason.empty()) together_.arrive_and_drop();
        publish(n, nullptr);
        const std::lock_guard lock(mutex_);
        counts_.push_back(run.counts());
        done_.notify_one();
      });
    }
  }

  // Until all are done; says each second how far they are.
  void wait(bool quiet) {
    std::uint64_t before = 0;
    std::unique_lock lock(mutex_);
    for (int second = 1; counts_.size() < threads_.size(); ++second) {
      if (done_.wait_for(lock, std::chrono::seconds(1), [this] { return counts_.size() == threads_.size(); })) break;
      if (!quiet) before = show_progress(second, before);
    }
    lock.unlock();
    for (std::thread& thread : threads_) thread.join();
  }

  // Of the first thread that failed.
  [[nodiscard]] Failure failure() const {
    const auto failed = std::ranges::find_if(failures_, [](const Failure& failure) { return !failure.reason.empty(); });
    return failed == failures_.end() ? Failure{} : *failed;
  }

  [[nodiscard]] Counts total() const {
    Counts total;
    for (const Counts& part : counts_) {
      total.answers += part.answers;
      total.wrong += part.wrong;
      total.misses += part.misses;
      total.cpu_seconds += part.cpu_seconds;
      for (const auto& [code, times] : part.errors) total.errors[code] += times;
      total.latency.merge(part.latency);
      total.login_latency.merge(part.login_latency);
      total.seconds = std::max(total.seconds, part.seconds);
      total.connect_seconds = std::max(total.connect_seconds, part.connect_seconds);
      total.return_seconds = std::max(total.return_seconds, part.return_seconds);
    }
    return total;
  }

 private:
  // Returns the answers so far. The p99 is that of the thread where it is largest.
  std::uint64_t show_progress(int second, std::uint64_t before) const {
    std::uint64_t answered = 0, failed = 0, p99 = 0;
    for (const Run* const run : runs_) {
      if (run == nullptr) continue;
      answered += run->answered();
      failed += run->failed();
      p99 = std::max(p99, run->p99());
    }
    std::cerr << fmt::format("{:4} s {:12} answers/s  p99 {:10.1f} us  failed {}\n", second,
                             answered - std::min(before, answered), static_cast<double>(p99) / 1000, failed);
    return answered;
  }

  void publish(std::size_t n, Run* run) {
    const std::lock_guard lock(mutex_);
    runs_[n] = run;
  }

  std::barrier<> together_;
  std::mutex mutex_;  // of what follows, while the threads run
  std::condition_variable done_;
  std::vector<Run*> runs_;  // those under way
  std::vector<Counts> counts_;
  std::vector<Failure> failures_;
  std::vector<std::thread> threads_;
};

int measure(const Options& options) {
  const auto addresses = reactor::resolve(options.host, options.port);
  if (!addresses) return fail(kNoServer, addresses.error());
  const auto workload = Workload::make(options);
  if (!workload) return fail(kUsage, workload.error());
  std::vector<std::string> tokens;
  if (!options.anonymous) {
    auto logged_in = tokens_of_users(options, addresses->front());
    if (!logged_in) return fail(kNoServer, logged_in.error());
    tokens = std::move(*logged_in);
  }
  Bench bench(options, addresses->front(), *workload, tokens);
  bench.wait(options.quiet);
  const Failure failure = bench.failure();
  if (!failure.reason.empty()) (void)fail(kNotRight, failure.reason);
  if (!failure.reason.empty() && !failure.has_begun) return kNoServer;

  const Counts counts = bench.total();
  if (options.json == "-") {
    std::cout << as_json(options, counts);
  } else {
    std::cout << as_table(options, counts);
    if (!options.json.empty() && !(std::ofstream(options.json) << as_json(options, counts) << std::flush)) {
      return fail(kUsage, "cannot write " + options.json);
    }
  }
  return counts.failed() == 0 ? kAllRight : kNotRight;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) {
    std::fputs(options.error().text.c_str(), options.error().status == 0 ? stdout : stderr);
    return options.error().status;
  }
  if (options->make_words > 0) {
    write_made_up_words(options->make_words, options->bytes);
    return std::fflush(stdout) == 0 ? kAllRight : fail(kUsage, "cannot write the words");
  }
  raise_descriptor_limit();
  return measure(*options);
}
