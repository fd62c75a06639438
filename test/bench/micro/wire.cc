// What a frame costs before and after its look-up: parting the bytes that came in, decoding, encoding.
#include <benchmark/benchmark.h>

#include <string>

#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "reactor/frame.h"

namespace {

namespace wire = dictd::wire;

constexpr int kFrames = 64;
constexpr reactor::FrameLimits kLimits{.smallest = wire::kSmallestFrame};

// A time is that of one frame, of kFrames in a row.
void framing(benchmark::State& state) {
  reactor::Buffer requests;
  for (std::uint32_t id = 0; id < kFrames; ++id) wire::encode(requests, id, wire::QueryRequest{.word = "headword"});
  while (state.KeepRunningBatch(kFrames)) {
    std::string_view rest = requests.view();
    for (;;) {
      const reactor::FrameResult frame = reactor::next_frame(rest, kLimits);
      if (frame.status != reactor::FrameResult::Status::kFrame) break;
      benchmark::DoNotOptimize(frame.body.data());
      rest.remove_prefix(frame.consumed);
    }
    benchmark::DoNotOptimize(rest.size());
  }
}
BENCHMARK(framing);

void decode_query(benchmark::State& state) {
  reactor::Buffer request;
  wire::encode(request, 7, wire::QueryRequest{.word = "headword"});
  const std::string_view body = request.view().substr(reactor::kFramePrefix);
  for (auto _ : state) {
    const wire::Frame frame = wire::parse_frame(body);
    benchmark::DoNotOptimize(wire::decode<wire::QueryRequest>(frame.fields));
  }
}
BENCHMARK(decode_query);

void encode_query_answer(benchmark::State& state) {
  const std::string meaning(100, 'm');
  const wire::QueryAnswer answer{.entries = {{.dictionary = "dict", .headword = "headword", .meaning = meaning}}};
  reactor::Buffer output;
  while (state.KeepRunningBatch(kFrames)) {
    for (std::uint32_t id = 0; id < kFrames; ++id) wire::encode(output, id, answer);
    benchmark::DoNotOptimize(output.view().data());
    output.consume(output.size());
  }
}
BENCHMARK(encode_query_answer);

}  // namespace
