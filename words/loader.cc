#include "words/loader.h"

#include <optional>
#include <utility>

#include "dictd/property.h"
#include "dictd/store.h"
#include "words/entry.h"

namespace words {
namespace {

constexpr std::uint64_t kEntriesPerProgress = 1000;

tl::unexpected<LoadError> failed(const dictd::StoreError& error) {
  return tl::unexpected(LoadError{LoadError::Kind::kDatabase, error.message});
}

// What a job reads, on its way into the database, or counted only. One thread.
class JobSink : public Sink {
 public:
  // Null: nothing is stored.
  JobSink(dictd::Store* store, const LoadJob& job, const LoadObserver& observer)
      : store_(store), job_(job), observer_(observer) {
    loaded_.dictionary = job.dictionary;
  }

  LoadResult<void> set_name(const Place& place, std::string_view name) override {
    if (!job_.dictionary.empty()) return {};
    const std::string complaint = complaint_about_name(name);
    if (!complaint.empty()) return unreadable(place.file, complaint);
    loaded_.dictionary = name;
    return {};
  }

  LoadResult<Loaded> finish(Format format) {
    loaded_.format = format;
    const bool is_virtual = loaded_.properties.contains(std::string(dictd::property::kMembers));
    if (loaded_.counts.entries == 0 && !is_virtual) {
      return tl::unexpected(LoadError{LoadError::Kind::kNothingThere, "there is no entry to load"});
    }
    // Words make a dictionary of what was a list of others.
    if (!is_virtual) take_property(dictd::property::kMembers, "");
    for (const auto& [name, value] : job_.properties) loaded_.properties.insert_or_assign(name, value);
    if (const auto named = find_name(); !named) return tl::unexpected(named.error());
    if (!job_.title.empty()) loaded_.title = job_.title;
    if (loaded_.title.empty()) loaded_.title = loaded_.dictionary;
    if (const auto stored = store(); !stored) return tl::unexpected(stored.error());
    return loaded_;
  }

 private:
  LoadResult<EntryId> take(std::string_view headword, std::string_view meaning) override {
    if (++loaded_.counts.entries % kEntriesPerProgress == 0) observer_.progress(loaded_.counts);
    if (store_ == nullptr) return loaded_.counts.entries;
    if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
    const auto position = words_->add(headword, meaning);
    if (!position) return failed(position.error());
    return *position;
  }
  LoadResult<void> take_alias(std::string_view headword, EntryId entry) override {
    ++loaded_.counts.aliases;
    if (store_ == nullptr) return {};
    if (const auto added = words_->add_alias(headword, entry); !added) return failed(added.error());
    return {};
  }
  void take_property(std::string_view property, std::string_view value) override {
    loaded_.properties.insert_or_assign(std::string(property), std::string(value));
  }
  void take_title(std::string_view title) override { loaded_.title = title; }
  void take_bad(const Place& place, const std::string& reason) override {
    ++loaded_.counts.bad_lines;
    observer_.bad_line(to_string(place), reason);
  }

  LoadResult<void> find_name() {
    if (!loaded_.dictionary.empty()) return {};
    const std::string& path = job_.sources.front().path;
    if (path == "-") {
      return tl::unexpected(LoadError{LoadError::Kind::kUsage, "the standard input needs --dictionary NAME"});
    }
    loaded_.dictionary = dictionary_name(path);
    const std::string complaint = complaint_about_name(loaded_.dictionary);
    if (complaint.empty()) return {};
    return tl::unexpected(LoadError{LoadError::Kind::kUsage, complaint + "; --dictionary NAME gives another name"});
  }

  // Begins the load in the database, at the first entry: until then the file may say its name.
  LoadResult<void> begin() {
    if (words_) return {};
    if (auto named = find_name(); !named) return named;
    auto begun = store_->begin_word_load(loaded_.dictionary, loaded_.dictionary);
    if (!begun) return failed(begun.error());
    words_.emplace(std::move(*begun));
    return {};
  }

  LoadResult<void> store() {
    if (store_ == nullptr) return {};
    if (auto begun = begin(); !begun) return begun;
    words_->set_title(loaded_.title);
    for (const auto& [name, value] : loaded_.properties) words_->set(name, value);
    if (const auto committed = words_->commit(job_.now_us); !committed) return failed(committed.error());
    return {};
  }

  dictd::Store* const store_;
  const LoadJob& job_;
  const LoadObserver& observer_;
  std::optional<dictd::WordLoad> words_;
  Loaded loaded_;
};

LoadResult<Loaded> run(dictd::Store* store, const LoadJob& job, const LoadObserver& observer) {
  JobSink sink(store, job, observer);
  Format format = Format::kText;
  for (const Source& source : job.sources) {
    const auto read = read_source(source, sink);
    if (!read) return tl::unexpected(read.error());
    format = *read;
  }
  return sink.finish(format);
}

}  // namespace

LoadResult<Loaded> load(dictd::Store& store, const LoadJob& job, const LoadObserver& observer) {
  return run(&store, job, observer);
}

LoadResult<Loaded> check(const LoadJob& job, const LoadObserver& observer) { return run(nullptr, job, observer); }

}  // namespace words
