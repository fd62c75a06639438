#include "dictd/service.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <utility>

#include "dictd/fold.h"
#include "dictd/wall_clock.h"

namespace dictd {
namespace {

// The word without the white space around it, if it is one, and its key.
Result<std::string_view> make_key(std::string_view word, std::string& key) {
  if (!word.empty() && word.size() <= kMaxWordCharacters && fold_plain(word, key)) return word;
  word = trim(word);
  if (word.empty()) return failure(ErrorCode::kBadRequest, "the word is empty");
  if (word.size() > kMaxWordBytes || count_characters(word) > kMaxWordCharacters) {
    return failure(ErrorCode::kBadRequest,
                   "the word is longer than " + std::to_string(kMaxWordCharacters) + " characters");
  }
  fold(word, key);
  return word;
}

// Both newest first; an event that was moved to the database meanwhile is in both.
std::vector<Event> merge(std::vector<Event> pending, std::vector<Event> stored, std::size_t limit) {
  const auto newer = [](const Event& a, const Event& b) { return a.number > b.number; };
  std::vector<Event> merged;
  merged.reserve(pending.size() + stored.size());
  std::set_union(std::make_move_iterator(pending.begin()), std::make_move_iterator(pending.end()),
                 std::make_move_iterator(stored.begin()), std::make_move_iterator(stored.end()),
                 std::back_inserter(merged), newer);
  if (merged.size() > limit) merged.resize(limit);
  return merged;
}

}  // namespace

Service::Service(const Options& options, const Parts& parts)
    : options_(options),
      parts_(parts),
      offload_(parts.database, parts.stores, parts.cpu),
      accounts_(options.accounts, offload_, parts.numbers, parts.loop) {}

std::shared_ptr<const Index> Service::replace_index(std::shared_ptr<const Index> index) {
  results_.clear();
  found_ = 0;
  return std::exchange(index_, std::move(index));
}

// The job runs on the drain thread, once everything that was looked up until now is in the database.
template <typename T>
void Service::after_drain(std::function<StoreResult<T>(Store&)> job, const Done<T>& done) {
  auto run = [job = std::move(job), done, &store = parts_.drain_store, &loop = parts_.loop](bool drained) {
    StoreResult<T> result = tl::unexpected(StoreError{StoreError::Kind::kUnavailable, "the drain could not catch up"});
    if (drained) result = job(store);
    loop.post([done, result = std::move(result)]() mutable { done(translate(std::move(result))); });
  };
  if (!parts_.history.run_after_drain(std::move(run))) done(overloaded());
}

// ---- Looking up
// -------------------------------------------------------------------------------------------------

void Service::find(std::span<const std::string_view> words) {
  assert(words.size() <= kMostAtOnce);
  found_ = words.size();
  for (std::size_t n = 0; n < found_; ++n) {
    const auto checked = make_key(words[n], keys_[n]);
    if (!checked) keys_[n].clear();
    words_[n] = checked.value_or(words[n]);
  }
  index_->find_all(std::span(keys_).first(found_), std::span(places_).first(found_));
  found_at_us_ = wall_clock_us();
}

std::vector<const Dictionary*> Service::listed_dictionaries() const {
  std::vector<const Dictionary*> listed;
  for (const Dictionary& dictionary : index_->dictionaries()) {
    if (!dictionary.hidden) listed.push_back(&dictionary);
  }
  return listed;
}

Result<Scope> Service::scope(std::string_view database) const {
  if (const auto scope = index_->scope(database)) return *scope;
  return failure(ErrorCode::kBadRequest, "there is no such dictionary");
}

Result<Strategy> Service::strategy(std::string_view name) {
  if (const auto strategy = find_strategy(name)) return *strategy;
  std::string message = "there is no such strategy; there are";
  for (const Strategy& offered : strategies()) message.append(" ").append(offered.name);
  return failure(ErrorCode::kBadRequest, std::move(message));
}

Result<Found> Service::look_up(const Login& login, Access access, const Scope& scope, std::size_t n) {
  assert(n < found_);
  if (!login && access == Access::kUsers) return not_logged_in();
  if (keys_[n].empty()) return tl::unexpected(make_key(words_[n], keys_[n]).error());

  Ticket ticket = 0;
  if (login) {
    const EventView event(parts_.numbers.next(found_at_us_), login.user_id, found_at_us_, words_[n]);
    if (const auto appended = parts_.journal.append(event, parts_.loop.now()); !appended) {
      return failure(ErrorCode::kOverloaded, "look-ups cannot be recorded now: " + appended.error().message);
    }
    parts_.pending.add(event);
    ticket = parts_.journal.upcoming();
    if (unsettled_.empty() || unsettled_.back().ticket != ticket) unsettled_.push_back({ticket, event.number, 0});
    unsettled_.back().last = event.number;
  }
  index_->entries(places_[n], {words_[n], keys_[n]}, scope, results_);
  return Found{results_, ticket};
}

// What a worker gives back: copies, for the index may be another one by then, and the old one has to end elsewhere.
struct Service::OwnedMatches {
  Result<Matched> matched;
  std::vector<char> text;
  std::vector<Entry> entries;  // views into the text

  void own() {
    std::size_t size = 0;
    for (const Entry& entry : entries) size += entry.dictionary.size() + entry.headword.size();
    text.resize(size);
    char* at = text.data();
    const auto copy = [&at](std::string_view& view) {
      std::memcpy(at, view.data(), view.size());
      view = {at, view.size()};
      at += view.size();
    };
    for (Entry& entry : entries) {
      copy(entry.dictionary);
      copy(entry.headword);
      entry.meaning = {};
    }
  }
};

void Service::match(const Login& login, Access access, const Scope& scope, const Strategy& strategy,
                    std::string_view word, std::size_t limit, const Done<Headwords>& done) {
  if (!login && access == Access::kUsers) return done(not_logged_in());
  std::string key;
  const auto checked = make_key(word, key);
  if (!checked) return done(tl::unexpected(checked.error()));
  if (!strategy.is_pattern) word = *checked;
  const MatchLimits limits{limit, std::chrono::steady_clock::now() + options_.match_timeout};
  if (is_quick(*index_, strategy, {word, key}, scope, limit)) {
    const auto matched = dictd::match(*index_, strategy, {word, key}, scope, limits, results_);
    if (!matched) return done(tl::unexpected(matched.error()));
    return done(Headwords{results_, matched->more});
  }
  // The worker lets go of the index, not the loop, for which that might take too long.
  auto held = std::make_shared<std::shared_ptr<const Index>>(index_);
  offload_.on_cpu<OwnedMatches>(
      [held, strategy, word = std::string(word), key = std::move(key), scope, limits] {
        const auto index = std::move(*held);
        OwnedMatches matching;
        matching.matched = dictd::match(*index, strategy, {word, key}, scope, limits, matching.entries);
        matching.own();
        return matching;
      },
      [done](const Result<OwnedMatches>& matching) {
        if (!matching) return done(tl::unexpected(matching.error()));
        if (!matching->matched) return done(tl::unexpected(matching->matched.error()));
        done(Headwords{matching->entries, matching->matched->more});
      });
}

// ---- History
// ----------------------------------------------------------------------------------------------------

void Service::history(const Login& login, std::uint32_t limit, std::uint64_t before,
                      const Done<std::vector<Event>>& done) {
  if (!login) return done(not_logged_in());
  limit = limit == 0 ? kDefaultHistory : std::min(limit, kMostHistory);
  Pending::Page page = parts_.pending.newest(login.user_id, limit, before);
  if (!page.complete) {
    after_drain<std::vector<Event>>(
        [user_id = login.user_id, limit, before](Store& store) { return store.history(user_id, limit, before); }, done);
  } else if (page.events.size() >= limit) {
    done(std::move(page.events));
  } else {
    read_history(login.user_id, limit, before, std::move(page.events), done);
  }
}

void Service::read_history(std::uint64_t user_id, std::uint32_t limit, std::uint64_t before, std::vector<Event> pending,
                           const Done<std::vector<Event>>& done) {
  offload_.on_database<std::vector<Event>>(
      [user_id, limit, before](Store& store) { return store.history(user_id, limit, before); },
      [limit, pending = std::move(pending), done](Result<std::vector<Event>> stored) {
        if (!stored) return done(std::move(stored));
        done(merge(pending, std::move(*stored), limit));
      });
}

// What is forgotten must not come back out of the journal: so it is drained first, and forgotten on the same
// thread. But the drain, which is everybody's, does not wait for the rows of a long history to be removed.
void Service::forget(const Login& login, std::uint64_t event, const Done<std::uint64_t>& done) {
  if (!login) return done(not_logged_in());
  const std::uint64_t user_id = login.user_id;
  if (event != 0) {
    return after_drain<std::uint64_t>([user_id, event](Store& store) { return store.remove_event(user_id, event); },
                                      done);
  }
  const std::uint64_t through = parts_.numbers.next(wall_clock_us());
  after_drain<void>([user_id, through](Store& store) { return store.hide_history(user_id, through); },
                    [this, user_id, done](const Result<void>& hidden) {
                      if (!hidden) return done(tl::unexpected(hidden.error()));
                      remove_hidden_history(user_id, 0, done);
                    });
}

void Service::remove_hidden_history(std::uint64_t user_id, std::uint64_t removed, const Done<std::uint64_t>& done) {
  offload_.on_database<std::uint64_t>([user_id](Store& store) { return store.remove_hidden_history(user_id); },
                                      [this, user_id, removed, done](const Result<std::uint64_t>& rows) {
                                        if (!rows) return done(rows);
                                        if (*rows < Store::kRowsPerRemoval) return done(removed + *rows);
                                        remove_hidden_history(user_id, removed + *rows, done);
                                      });
}

// ---- The turn
// ---------------------------------------------------------------------------------------------------

Service::Settled Service::commit() {
  Settled settled;
  const Ticket written = parts_.journal.upcoming();
  if (parts_.journal.commit(parts_.loop.now())) {
    parts_.history.notify();
  } else {
    settled.lost_after = written - 1;
    settled.lost_through = written;
    failed_.push_back(written);
  }
  const Journal::Settled news = parts_.journal.settle(parts_.loop.now());
  settled.released = news.durable;
  if (news.lost > 0) {
    settled.lost_after = news.durable;
    settled.lost_through = settled.released = news.lost;
  }
  // A refusal leaves as soon as the answers before it may.
  std::erase_if(failed_, [&settled](Ticket failed) {
    if (failed > settled.released + 1) return false;
    settled.released = std::max(settled.released, failed);
    return true;
  });
  std::erase_if(unsettled_, [&](const Unsettled& events) {
    const bool lost = settled.is_lost(events.ticket);
    if (lost) parts_.pending.take_back(events.first, events.last);
    return lost || events.ticket <= settled.released;
  });
  return settled;
}

Error Service::not_recorded() {
  return {ErrorCode::kOverloaded, "the look-up could not be recorded, so it is not answered; try again"};
}

}  // namespace dictd
