#include "dictcli/history_view.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "dictcli/align.h"

namespace dictcli {
namespace {

constexpr std::size_t kWidestName = 20;
constexpr std::size_t kWidestWord = 36;
constexpr std::string_view kGap = "  ";
constexpr std::int64_t kMicroseconds = 1'000'000;

}  // namespace

std::string local_time(std::int64_t time_us) {
  const std::int64_t rest = time_us % kMicroseconds;
  const std::time_t seconds = time_us / kMicroseconds - (rest < 0 ? 1 : 0);
  std::tm parts{};
  std::array<char, 32> shown{};
  if (::localtime_r(&seconds, &parts) == nullptr) return "?";  // a year that does not fit an int
  const std::size_t length = std::strftime(shown.data(), shown.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {shown.data(), length};
}

std::string show_history(std::string_view user, const std::vector<LookUp>& look_ups, Language language) {
  const std::string name = printable(user);
  const std::string_view name_head = text(language, Text::kColumnName);
  const std::string_view word_head = text(language, Text::kColumnWord);
  std::vector<std::string> words;
  std::size_t word_width = display_width(word_head);
  for (const LookUp& look_up : look_ups) {
    words.push_back(printable(look_up.word));
    word_width = std::max(word_width, std::min(display_width(words.back()), kWidestWord));
  }
  const std::size_t name_width = std::max(display_width(name_head), std::min(display_width(name), kWidestName));

  std::string table;
  const auto add = [&](std::string_view first, std::string_view second, std::string_view third) {
    table.append(fit(first, name_width)).append(kGap).append(fit(second, word_width)).append(kGap).append(third) +=
        '\n';
  };
  add(name_head, word_head, text(language, Text::kColumnTime));
  for (std::size_t i = 0; i < words.size(); ++i) add(name, words[i], local_time(look_ups[i].time_us));
  return table;
}

}  // namespace dictcli
