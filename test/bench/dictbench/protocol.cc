#include "test/bench/dictbench/protocol.h"

#include "test/bench/dictbench/dict_protocol.h"
#include "test/bench/dictbench/framed_protocol.h"
#include "test/bench/dictbench/text_protocols.h"

namespace dictbench {
namespace {

constexpr std::size_t kPrefixCharacters = 3;

// The first characters of valid UTF-8.
std::string_view beginning(std::string_view text, std::size_t characters) {
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_character(text[at]) && characters-- == 0) break;
  }
  return text.substr(0, at);
}

// The word with its second character left out.
std::string misspelt(std::string_view word) {
  const std::string_view first = beginning(word, 1), two = beginning(word, 2);
  return std::string(first).append(word.substr(two.size()));
}

// Finds the word by three characters behind the first and by the last, so that no order of words helps. Letters stand for
// themselves.
std::string pattern_for(std::string_view word) {
  const std::string_view first = beginning(word, 1), until = beginning(word, 4);
  std::string_view last = word.substr(until.size());
  while (!beginning(last, 1).empty() && beginning(last, 1) != last) last.remove_prefix(beginning(last, 1).size());
  if (last.empty()) return std::string(word);
  return std::string(until.substr(first.size())).append(".*").append(last).append("$");
}

}  // namespace

Matching matching(Kind kind, std::string_view word) {
  switch (kind) {
    case Kind::kMatchPrefix: return {"prefix", std::string(beginning(word, kPrefixCharacters))};
    case Kind::kMatchLev: return {"lev", misspelt(word)};
    case Kind::kMatchRe: return {"re", pattern_for(word)};
    case Kind::kMatchSoundex: return {"soundex", std::string(word)};
    default: return {"exact", std::string(word)};
  }
}

std::unique_ptr<Protocol> Protocol::make(const Options& options, const Workload& workload) {
  if (options.protocol == "redis-get" || options.protocol == "redis-set") {
    return make_redis(workload, options.protocol == "redis-set");
  }
  if (options.protocol == "memcached") return make_memcached(workload);
  if (options.protocol == "dict") return make_dict(options, workload);
  return make_framed(options, workload);
}

}  // namespace dictbench
