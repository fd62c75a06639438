// What every model does with a frame, so that they differ only in how they wait for it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dictd/index.h"
#include "dictd/mysql_connection.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"
#include "test/bench/peers/model/options.h"

namespace model {

// The wordbook, read into an index in memory, or into MySQL's table bench_words (then null). Makes the table
// of --record as well. Ends the program if that fails.
[[nodiscard]] std::shared_ptr<const dictd::Index> read_words(const Options& options);

// Answers frames. One thread's; with MySQL or --record it opens a connection of its own, and blocks on it.
class Answerer {
 public:
  Answerer(const Options& options, const dictd::Index* index);  // no index: asks MySQL

  // Takes all whole frames off the input; false if what comes is no frame.
  [[nodiscard]] bool answer(reactor::Buffer& input, reactor::Buffer& output);

 private:
  void answer_frame(const dictd::wire::Frame& frame, reactor::Buffer& output);
  void look_up(const dictd::wire::Frame& frame, reactor::Buffer& output);
  [[nodiscard]] dictd::StoreResult<void> ask_mysql(std::string_view word);
  void ask_index(std::string_view word);

  const dictd::Index* index_;
  bool record_;
  std::optional<dictd::MysqlConnection> database_;
  // Of the last look-up; kept for their memory.
  dictd::wire::QueryAnswer found_;
  std::string key_, headword_, meaning_;
  std::vector<dictd::Entry> entries_;
};

}  // namespace model
