#include "dictd/word_loader.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "dictd/fold.h"
#include "dictd/property.h"
#include "dictd/store.h"
#include "dictd/wall_clock.h"
#include "reactor/priority.h"

namespace dictd {
namespace {

Matching matching_of(std::string_view value) {
  if (value == property::kMatchExact) return Matching::kExact;
  if (value == property::kMatchLoose) return Matching::kLoose;
  return Matching::kFallback;
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (const std::string_view name = trim(list.substr(0, end)); !name.empty()) names.emplace_back(name);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return names;
}

DictionarySettings settings_of(const DictionaryRow& row) {
  DictionarySettings settings;
  settings.name = row.name;
  settings.title = row.title;
  std::string_view info;
  for (const auto& [name, value] : row.properties) {
    if (name == property::kInfo) info = value;
    if (name == property::kSource) settings.info += "Source: " + value + "\n";
    if (name == property::kUrl) settings.info += "URL: " + value + "\n";
    if (name == property::kLicence) settings.info += "Licence: " + value + "\n";
    if (name == property::kMimeHeader) settings.mime_header = value;
    if (name == property::kDefaultStrategy) settings.default_strategy = value;
    if (name == property::kHidden) settings.hidden = value == property::kYes;
    if (name == property::kMatch) settings.matching = matching_of(value);
    if (name == property::kCaseSensitive) settings.case_sensitive = value == property::kYes;
    if (name == property::kMembers) settings.members = names_in(value);
  }
  if (!settings.info.empty() && !info.empty()) settings.info += '\n';
  settings.info += info;
  return settings;
}

// Fills an index with what the database has, a dictionary after the other.
class IndexFiller {
 public:
  explicit IndexFiller(std::span<const std::string> default_set) : default_set_(default_set) {}

  [[nodiscard]] WordVisitor visitor() {
    return {.dictionary = [this](const DictionaryRow& row) { begin(row); },
            .word = [this](std::uint64_t position, std::string_view headword,
                           std::string_view meaning) { add(position, headword, meaning); },
            .alias = [this](std::string_view headword, std::uint64_t entry) { add_alias(headword, entry); }};
  }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] std::shared_ptr<const Index> build() && { return std::move(builder_).build(); }

 private:
  void begin(const DictionaryRow& row) {
    entries_.clear();
    DictionarySettings settings = settings_of(row);
    settings.default_rank = default_rank_of(settings);
    fits_ = builder_.add_dictionary(std::move(settings)).has_value();
  }
  // Unless it is asked for, a virtual one adds nothing to its members.
  [[nodiscard]] std::uint32_t default_rank_of(const DictionarySettings& settings) const {
    if (default_set_.empty()) return settings.members.empty() ? 0 : DictionarySettings::kNotInDefault;
    const auto named = std::ranges::find(default_set_, settings.name);
    return named == default_set_.end() ? DictionarySettings::kNotInDefault
                                       : static_cast<std::uint32_t>(named - default_set_.begin());
  }
  void add(std::uint64_t position, std::string_view headword, std::string_view meaning) {
    if (!fits_) return void(++left_out_);
    if (const auto entry = builder_.add(headword, meaning)) {
      entries_.emplace_back(position, *entry);
    } else {
      ++left_out_;
    }
  }
  void add_alias(std::string_view headword, std::uint64_t position) {
    const auto entry = std::ranges::lower_bound(entries_, position, {}, &decltype(entries_)::value_type::first);
    const bool there = entry != entries_.end() && entry->first == position;
    if (!there || !builder_.add_alias(headword, entry->second)) ++left_out_;
  }

  std::span<const std::string> default_set_;
  IndexBuilder builder_;
  bool fits_ = true;                                         // the dictionary at hand
  std::vector<std::pair<std::uint64_t, EntryRef>> entries_;  // of it, with their positions, which ascend
  std::uint64_t left_out_ = 0;
};

}  // namespace

WordLoader::WordLoader(const DatabaseOptions& database, std::string instance, std::vector<std::string> default_set,
                       Post post, OnDone on_done)
    : store_(std::make_unique<Store>(database)),
      instance_(std::move(instance)),
      default_set_(std::move(default_set)),
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

  IndexFiller filler(default_set_);
  if (const auto visited = store_->load_words(filler.visitor()); !visited) return tl::unexpected(visited.error());
  loaded.left_out = filler.left_out();
  loaded.index = std::move(filler).build();
  loaded.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return loaded;
} catch (const std::bad_alloc&) {
  return tl::unexpected(StoreError{StoreError::Kind::kUnavailable, "there is not memory enough for the words"});
}

}  // namespace dictd
