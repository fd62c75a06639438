#include "dictd/word_loader.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "dictd/store.h"
#include "dictd/wall_clock.h"
#include "reactor/priority.h"

namespace dictd {

WordLoader::WordLoader(const DatabaseOptions& database, std::string instance, Post post, OnDone on_done)
    : store_(std::make_unique<Store>(database)),
      instance_(std::move(instance)),
      post_(std::move(post)),
      on_done_(std::move(on_done)),
      thread_([this] { run(); }) {}

WordLoader::~WordLoader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void WordLoader::load() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_one();
}

void WordLoader::retire(std::shared_ptr<const Index> index) {
  {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(index));
  }
  wake_.notify_one();
}

void WordLoader::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || asked_ || !retired_.empty(); });
    if (stopping_) return;
    const bool asked = std::exchange(asked_, false);
    auto retired = std::exchange(retired_, {});
    lock.unlock();
    retired.clear();
    if (asked) {
      auto loaded = load_now();
      // From now on there are words that serve while others are loaded.
      if (loaded) reactor::set_priority(reactor::Priority::kIdle);
      post_([this, result = std::move(loaded)]() mutable { on_done_(std::move(result)); });
    }
    lock.lock();
  }
}

StoreResult<LoadedWords> WordLoader::load_now() try {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  LoadedWords loaded;
  const auto number = store_->claim_server_number(instance_, wall_clock_us());
  if (!number) return tl::unexpected(number.error());
  loaded.server_number = *number;

  IndexBuilder builder;
  bool dictionary_fits = true;
  WordVisitor visitor;
  visitor.dictionary = [&](std::string_view name, std::string_view title) {
    dictionary_fits = builder.add_dictionary({.name = std::string(name), .title = std::string(title)}).has_value();
  };
  visitor.word = [&](std::string_view headword, std::string_view meaning) {
    if (!dictionary_fits || !builder.add(headword, meaning)) ++loaded.left_out;
  };
  if (const auto visited = store_->load_words(visitor); !visited) return tl::unexpected(visited.error());
  loaded.index = std::move(builder).build();
  loaded.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return loaded;
} catch (const std::bad_alloc&) {
  return tl::unexpected(StoreError{StoreError::Kind::kUnavailable, "there is not memory enough for the words"});
}

}  // namespace dictd
