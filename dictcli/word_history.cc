#include "dictcli/word_history.h"

namespace dictcli {
namespace {

constexpr const char* kFile = "words";

void append(std::vector<std::string>& words, const std::string& word) {
  if (words.empty() || words.back() != word) words.push_back(word);
  if (words.size() > kMostRememberedWords) {
    words.erase(words.begin(), words.end() - static_cast<std::ptrdiff_t>(kMostRememberedWords));
  }
}

}  // namespace

WordHistory::WordHistory(const StateDirectory& directory) : directory_(directory), words_(directory.read(kFile)) {}

void WordHistory::add(const std::string& word) {
  append(words_, word);
  (void)directory_.update(kFile, [&](StateDirectory::Lines& lines) { append(lines, word); });
}

}  // namespace dictcli
