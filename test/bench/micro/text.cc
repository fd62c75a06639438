// Words and passwords: folding a word to its key, and the hash that a login costs.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "dictd/fold.h"
#include "dictd/password.h"

namespace {

void fold(benchmark::State& state, std::string_view word) {
  std::string key;
  for (auto _ : state) {
    benchmark::DoNotOptimize(word);
    dictd::fold(word, key);
    benchmark::DoNotOptimize(key.data());
  }
}
BENCHMARK_CAPTURE(fold, ascii, "Dictionary");
BENCHMARK_CAPTURE(fold, two_words, "ice  cream");
BENCHMARK_CAPTURE(fold, accents, "Crème brûlée");
BENCHMARK_CAPTURE(fold, chinese, "苹果树");

void fold_plain(benchmark::State& state) {
  std::string key;
  for (auto _ : state) {
    benchmark::DoNotOptimize(dictd::fold_plain("Dictionary", key));
    benchmark::DoNotOptimize(key.data());
  }
}
BENCHMARK(fold_plain);

void password_hash(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(dictd::hash_password("correct horse", dictd::PasswordCost{}));
}
BENCHMARK(password_hash)->Unit(benchmark::kMillisecond);

}  // namespace
