// Loads the words from the database into an index, on a thread of its own: at start, and whenever asked again.
//
// A load that fails changes nothing; what to do then is the caller's business. Old indexes are freed here too, for
// giving back that much memory takes longer than a turn of the loop may.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "dictd/database_options.h"
#include "dictd/index.h"
#include "dictd/store_error.h"

namespace dictd {

class Store;

// What a load gives.
struct LoadedWords {
  std::shared_ptr<const Index> index;
  std::uint16_t server_number = 0;  // this instance's; see number_source.h
  std::uint64_t left_out = 0;       // words that no index can hold
  std::chrono::milliseconds took{};
};

// Methods are the loop thread's. `post` runs a function on the loop, and `on_done` is called there.
class WordLoader {
 public:
  using Post = std::function<void(std::function<void()>)>;
  using OnDone = std::function<void(StoreResult<LoadedWords>)>;

  // `default_set`: the dictionaries that a look-up asks when it names none, in their order; all, if it is empty.
  WordLoader(const DatabaseOptions& database, std::string instance, std::vector<std::string> default_set, Post post,
             OnDone on_done);
  // Waits for a load under way; its result is not told any more.
  ~WordLoader();
  WordLoader(const WordLoader&) = delete;
  WordLoader& operator=(const WordLoader&) = delete;

  // Asks for a load. Asked again before it has begun, it is done once; while it is under way, once more.
  void load();
  void retire(std::shared_ptr<const Index> index);

 private:
  void run();
  [[nodiscard]] StoreResult<LoadedWords> load_now();

  const std::unique_ptr<Store> store_;
  const std::string instance_;
  const std::vector<std::string> default_set_;
  const Post post_;
  const OnDone on_done_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;                                 // guarded by mutex_
  bool stopping_ = false;                              // guarded by mutex_
  std::vector<std::shared_ptr<const Index>> retired_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace dictd
