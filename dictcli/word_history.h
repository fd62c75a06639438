// The words that were looked up on this computer, for the arrow keys: kept between runs, oldest first.
//
// File `words` in the state directory, a word a line, at most kMostRememberedWords; a word that repeats the
// one before it is kept once. Nothing else that is typed gets in here, a password least of all. The history
// of a user, which the server keeps, is another thing.
#pragma once

#include <string>
#include <vector>

#include "dictcli/state_directory.h"

namespace dictcli {

inline constexpr std::size_t kMostRememberedWords = 1000;

// One thread; `directory` outlives it.
class WordHistory {
 public:
  explicit WordHistory(const StateDirectory& directory);

  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
  // Here and, when it can be written, in the file: a history that cannot be kept is no reason to stop.
  void add(const std::string& word);

 private:
  const StateDirectory& directory_;
  std::vector<std::string> words_;
};

}  // namespace dictcli
