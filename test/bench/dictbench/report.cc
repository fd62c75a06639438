#include "test/bench/dictbench/report.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace dictbench {
namespace {

// By the codes of dictd/PROTOCOL.md.
constexpr std::array<const char*, 17> kNames = {"other",
                                                "bad_request",
                                                "unknown_type",
                                                "not_logged_in",
                                                "name_taken",
                                                "bad_credentials",
                                                "invalid_name",
                                                "invalid_password",
                                                "too_many_attempts",
                                                "unavailable",
                                                "overloaded",
                                                "frame_too_large",
                                                "unsupported_version",
                                                "internal",
                                                "shutting_down",
                                                "idle",
                                                "malformed_frame"};

const char* name_of(std::uint16_t code) {
  switch (code) {
    case kConnectionLost: return "connection_lost";
    case kRateNotKept: return "rate_not_kept";
    case kNoAnswer: return "no_answer";
    default: return code < kNames.size() ? kNames.at(code) : kNames[0];
  }
}

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000; }

// Of right answers: to refuse is easier than to answer.
double throughput(const Counts& counts) {
  const std::uint64_t right = counts.answers - std::min(counts.answers, counts.failed());
  return counts.seconds > 0 ? static_cast<double>(right) / counts.seconds : 0;
}

std::string latencies(const Histogram& h) {
  return fmt::format(
      R"({{"p50": {:.3f}, "p90": {:.3f}, "p99": {:.3f}, "p99.9": {:.3f}, "max": {:.3f}, "mean": {:.3f}}})",
      microseconds(h.percentile(0.5)), microseconds(h.percentile(0.9)), microseconds(h.percentile(0.99)),
      microseconds(h.percentile(0.999)), microseconds(h.largest()), h.mean() / 1000);
}

}  // namespace

std::string as_table(const Options& options, const Counts& counts) {
  const Histogram& h = counts.latency;
  std::string text = fmt::format(
      "{} connections, pipeline {}, {}: {} answers in {:.2f} s\n"
      "  throughput  {:.0f} /s\n"
      "  latency us  p50 {:.1f}  p90 {:.1f}  p99 {:.1f}  p99.9 {:.1f}  max {:.1f}\n",
      options.connections, options.pipeline,
      options.rate > 0 ? fmt::format("{:.0f} requests/s due", options.rate) : "closed loop", counts.answers,
      counts.seconds, throughput(counts), microseconds(h.percentile(0.5)), microseconds(h.percentile(0.9)),
      microseconds(h.percentile(0.99)), microseconds(h.percentile(0.999)), microseconds(h.largest()));
  if (counts.login_latency.count() > 0) {
    text += fmt::format("  log-ins     {}, p50 {:.0f} us, p99 {:.0f} us\n", counts.login_latency.count(),
                        microseconds(counts.login_latency.percentile(0.5)),
                        microseconds(counts.login_latency.percentile(0.99)));
  }
  if (options.come_back) text += fmt::format("  all were back after {:.3f} s\n", counts.return_seconds);
  text += fmt::format("  processor   {:.0f} ns of dictbench's own for each request\n",
                      counts.answers > 0 ? counts.cpu_seconds * 1e9 / static_cast<double>(counts.answers) : 0);
  if (counts.misses > 0) text += fmt::format("  not there   {}\n", counts.misses);
  text += fmt::format("  wrong       {}\n", counts.wrong);
  for (const auto& [code, times] : counts.errors) text += fmt::format("  error       {} x {}\n", name_of(code), times);
  return text;
}

std::string as_json(const Options& options, const Counts& counts) {
  std::string errors;
  for (const auto& [code, times] : counts.errors) {
    errors += fmt::format("{}\"{}\": {}", errors.empty() ? "" : ", ", name_of(code), times);
  }
  std::string json = fmt::format(
      R"({{"protocol": "{}", "connections": {}, "pipeline": {}, "threads": {}, "rate": {}, "seconds": {:.6f},)"
      R"( "requests": {}, "throughput": {:.3f}, "latency_us": {}, "errors": {{{}}}, "wrong": {}, "misses": {},)"
      R"( "connect_seconds": {:.6f}, "generator_cpu_seconds": {:.6f})",
      options.protocol, options.connections, options.pipeline, options.threads, options.rate, counts.seconds,
      counts.answers, throughput(counts), latencies(counts.latency), errors, counts.wrong, counts.misses,
      counts.connect_seconds, counts.cpu_seconds);
  if (options.logins > 0) json += ", \"login_latency_us\": " + latencies(counts.login_latency);
  if (options.come_back) json += fmt::format(", \"return_seconds\": {:.6f}", counts.return_seconds);
  return json + "}\n";
}

}  // namespace dictbench
