// What recording a look-up costs the loop: the journal's record, its turns, and what is pending.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "dictd/event.h"
#include "dictd/journal.h"
#include "dictd/journal_format.h"
#include "dictd/pending.h"

namespace {

constexpr std::uint64_t kUsers = 50;
constexpr std::int64_t kTime = 1'700'000'000'000'000;

dictd::EventView event(std::uint64_t number) { return {number, number % kUsers + 1, kTime, "headword"}; }

void append_record(benchmark::State& state) {
  std::string out;
  std::uint64_t number = 0;
  for (auto _ : state) {
    if (out.size() > 16'384) out.clear();
    dictd::append_record(out, event(++number), 42);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(append_record);

// A directory beside this program, removed at the end: a journal is to be measured on a disk, and /tmp may be none.
class Directory {
 public:
  Directory() {
    std::error_code error;
    std::string name = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "journal-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Directory() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Turns of so many events, synced by interval; a time is that of one event. What is written is counted as drained now
// and then, so that the disk does not fill.
void journal_turn(benchmark::State& state) {
  const auto events = state.range(0);
  const Directory directory;
  auto journal = dictd::Journal::open({.directory = directory.path()}, [] {});
  if (!journal) return state.SkipWithError(journal.error().message.c_str());
  std::uint64_t number = 0;
  std::uint64_t turns = 0;
  while (state.KeepRunningBatch(events)) {
    const auto now = dictd::Journal::Clock::now();
    bool good = true;
    for (std::int64_t i = 0; i < events; ++i) good = (*journal)->append(event(++number), now).has_value() && good;
    if (!good || !(*journal)->commit(now)) return state.SkipWithError("the journal refused");
    if (++turns % 1024 == 0) (*journal)->drained((*journal)->published().end);
  }
}
BENCHMARK(journal_turn)->Arg(1)->Arg(16)->Arg(512)->UseRealTime();

// Turns of 512 events; a time is that of one event, from its coming to its going.
void pending_add_and_drained(benchmark::State& state) {
  constexpr std::uint64_t kTurn = 512;
  dictd::Pending pending;
  std::uint64_t number = 0;
  std::vector<dictd::Pending::Drained> drained(kUsers);
  while (state.KeepRunningBatch(kTurn)) {
    for (std::uint64_t i = 0; i < kTurn; ++i) pending.add(event(++number));
    for (std::uint64_t user = 0; user < kUsers; ++user) drained[user] = {.user_id = user + 1, .through = number};
    pending.drained(drained);
  }
  if (pending.size() != 0) state.SkipWithError("something is pending yet");
}
BENCHMARK(pending_add_and_drained);

}  // namespace
