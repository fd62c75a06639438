#include "dictd/service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "dictd/fold.h"
#include "dictd/strategy.h"
#include "dictd/wall_clock.h"

namespace dictd {
namespace {

tl::unexpected<Error> failure(ErrorCode code, std::string message) {
  return tl::unexpected(Error{code, std::move(message)});
}

tl::unexpected<Error> not_logged_in() { return failure(ErrorCode::kNotLoggedIn, "log in first"); }

tl::unexpected<Error> bad_credentials() {
  return failure(ErrorCode::kBadCredentials, "the name or the password is wrong");
}

tl::unexpected<Error> unavailable() {
  return failure(ErrorCode::kUnavailable, "the database does not answer; nothing was done, try again in a moment");
}

tl::unexpected<Error> overloaded() {
  return failure(ErrorCode::kOverloaded, "too many requests wait already; try again in a moment");
}

tl::unexpected<Error> internal() {
  return failure(ErrorCode::kInternal, "the server made a mistake, which its log tells of");
}

tl::unexpected<Error> translate(const StoreError& error) {
  if (error.kind == StoreError::Kind::kUnavailable) {
    spdlog::debug("the database is unavailable: {}", error.message);
    return unavailable();
  }
  spdlog::error("the database refused: {}", error.message);
  return internal();
}

template <typename T>
Result<T> translate(StoreResult<T> result) {
  if (!result) return translate(result.error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

void log_exception(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    spdlog::error("a job failed: {}", exception.what());
  } catch (...) {
    spdlog::error("a job failed with an unknown exception");
  }
}

// U+0000–001F, U+007F–009F, in valid UTF-8: C1 is C2 80 … C2 9F.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

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

std::uint32_t bounded(std::uint32_t limit, std::uint32_t when_zero) {
  return limit == 0 ? when_zero : std::min(limit, kMostResults);
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

Result<void> check_name(std::string_view name) {
  const auto wrong = [](std::string message) { return failure(ErrorCode::kInvalidName, std::move(message)); };
  if (name.empty()) return wrong("the name is empty");
  if (count_characters(name) > kMostNameCharacters) {
    return wrong("the name is longer than " + std::to_string(kMostNameCharacters) + " characters");
  }
  if (has_control_character(name)) return wrong("the name has a control character in it");
  if (has_white_space(name)) return wrong("the name has white space in it");
  return {};
}

Result<void> check_password(std::string_view password) {
  if (password.size() < kFewestPasswordBytes || password.size() > kMostPasswordBytes) {
    return failure(ErrorCode::kInvalidPassword, "a password has " + std::to_string(kFewestPasswordBytes) + " to " +
                                                    std::to_string(kMostPasswordBytes) + " bytes");
  }
  if (has_control_character(password)) {
    return failure(ErrorCode::kInvalidPassword, "the password has a control character in it");
  }
  return {};
}

Service::Service(const Options& options, const Parts& parts)
    : options_(options), parts_(parts), attempts_(options_.attempts) {
  auto hash = unmatchable_hash(options_.password_cost);
  if (!hash) throw std::runtime_error("there is not memory enough to hash a password; lower --password-memory");
  unmatchable_hash_ = std::move(*hash);
}

std::shared_ptr<const Index> Service::replace_index(std::shared_ptr<const Index> index) {
  results_.clear();
  found_ = 0;
  return std::exchange(index_, std::move(index));
}

// ---- Work that is done elsewhere
// --------------------------------------------------------------------------------

template <typename T>
void Service::on_database(std::function<StoreResult<T>(Store&)> job, const Done<T>& done) {
  const auto stores = parts_.stores;
  const bool taken =
      parts_.database.submit([job = std::move(job), stores](std::size_t worker) { return job(*stores[worker]); },
                             [done](tl::expected<StoreResult<T>, std::exception_ptr> outcome) {
                               if (outcome) return done(translate(std::move(*outcome)));
                               log_exception(outcome.error());
                               done(internal());
                             });
  if (!taken) done(overloaded());
}

template <typename T>
void Service::on_cpu(std::function<T()> job, const Done<T>& done) {
  const bool taken = parts_.cpu.submit([job = std::move(job)](std::size_t /*worker*/) { return job(); },
                                       [done](tl::expected<T, std::exception_ptr> outcome) {
                                         if (outcome) {
                                           done(std::move(*outcome));
                                         } else {
                                           log_exception(outcome.error());
                                           done(internal());
                                         }
                                       });
  if (!taken) done(overloaded());
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

Result<Found> Service::look_up(const Login& login, std::size_t n) {
  assert(n < found_);
  if (!login) return not_logged_in();
  if (keys_[n].empty()) return tl::unexpected(make_key(words_[n], keys_[n]).error());

  const EventView event(parts_.numbers.next(found_at_us_), login.user_id, found_at_us_, words_[n]);
  if (const auto appended = parts_.journal.append(event, parts_.loop.now()); !appended) {
    return failure(ErrorCode::kOverloaded, "look-ups cannot be recorded now: " + appended.error().message);
  }
  parts_.pending.add(event);
  const Ticket ticket = parts_.journal.upcoming();
  if (unsettled_.empty() || unsettled_.back().ticket != ticket) unsettled_.push_back({ticket, event.number, 0});
  unsettled_.back().last = event.number;

  index_->entries(places_[n], {words_[n], keys_[n]}, *index_->scope("*"), results_);
  return Found{results_, ticket};
}

Result<std::span<const Entry>> Service::match(const Login& login, std::string_view strategy, std::string_view word,
                                              std::uint32_t limit) {
  if (!login && !options_.anonymous_lookups) return not_logged_in();
  const auto found = find_strategy(strategy);
  if (!found) {
    std::string message = "there is no such strategy; there are";
    for (const Strategy& offered : strategies()) message.append(" ").append(offered.name);
    return failure(ErrorCode::kBadRequest, std::move(message));
  }
  if (const auto checked = make_key(word, key_); !checked) return tl::unexpected(checked.error());
  const MatchLimits limits{bounded(limit, kDefaultMatches), std::chrono::steady_clock::now() + std::chrono::seconds(1)};
  const auto matched = dictd::match(*index_, *found, {word, key_}, *index_->scope("*"), limits, results_);
  if (!matched) return tl::unexpected(matched.error());
  return std::span<const Entry>(results_);
}

Result<std::span<const Dictionary>> Service::dictionaries(const Login& login) const {
  if (!login && !options_.anonymous_lookups) return not_logged_in();
  return index_->dictionaries();
}

// ---- Accounts and sessions
// --------------------------------------------------------------------------------------

void Service::register_user(std::string name, std::string password, const Done<void>& done) {
  if (const auto checked = check_name(name); !checked) return done(checked);
  if (const auto checked = check_password(password); !checked) return done(checked);
  auto store_user = [this, name = std::move(name), done](Result<std::optional<std::string>> hash) {
    if (!hash) return done(tl::unexpected(hash.error()));
    if (!*hash) return done(overloaded());  // no memory for one more hash at this moment
    const std::int64_t now = wall_clock_us();
    const User user{parts_.numbers.next(now), name, std::move(**hash)};
    // A taken name is an answer and no failure of the database: false.
    on_database<bool>(
        [user, now](Store& store) -> StoreResult<bool> {
          const auto added = store.add_user(user, now);
          if (added) return true;
          if (added.error().kind == StoreError::Kind::kDuplicate) return false;
          return tl::unexpected(added.error());
        },
        [done](const Result<bool>& added) {
          if (!added) return done(tl::unexpected(added.error()));
          if (!*added) return done(failure(ErrorCode::kNameTaken, "this name is taken; choose another"));
          done({});
        });
  };
  on_cpu<std::optional<std::string>>(
      [password = std::move(password), cost = options_.password_cost] { return hash_password(password, cost); },
      std::move(store_user));
}

void Service::log_in(const HostKey& host, const std::string& name, std::string password, const Done<LoggedIn>& done) {
  if (!check_name(name)) return done(bad_credentials());  // nobody has such a name, and everybody may know that
  if (!attempts_.begin(host, name, parts_.loop.now())) {
    return done(failure(ErrorCode::kTooManyAttempts, "too many wrong passwords; wait a minute and try again"));
  }
  on_database<std::optional<User>>(
      [name](Store& store) { return store.find_user(name); },
      [this, attempt = Attempt{host, name, std::move(password), done}](Result<std::optional<User>> user) {
        if (!user) return give_up(attempt, user.error());
        check_credentials(attempt, std::move(*user));
      });
}

// An unknown name costs the time of a wrong password.
void Service::check_credentials(const Attempt& attempt, std::optional<User> user) {
  struct Verdict {
    PasswordCheck check = PasswordCheck::kFailed;
    std::optional<std::string> renewed_hash;
  };
  on_cpu<Verdict>(
      [hash = user ? user->password_hash : unmatchable_hash_, password = attempt.password,
       cost = options_.password_cost] {
        Verdict verdict;
        verdict.check = verify_password(hash, password);
        if (verdict.check == PasswordCheck::kRight && password_needs_renewal(hash, cost)) {
          verdict.renewed_hash = hash_password(password, cost);
        }
        return verdict;
      },
      [this, attempt, user](Result<Verdict> verdict) {
        if (!verdict) return give_up(attempt, verdict.error());
        if (verdict->check == PasswordCheck::kFailed) return give_up(attempt, overloaded().value());
        if (verdict->check == PasswordCheck::kWrong || !user) return attempt.done(bad_credentials());
        begin_session(attempt, *user, verdict->renewed_hash);
      });
}

void Service::begin_session(const Attempt& attempt, const User& user, const std::optional<std::string>& renewed_hash) {
  std::string token = new_token();
  const TokenHash token_hash = hash_token(token);
  on_database<bool>(
      [user, renewed_hash, token_hash, now = wall_clock_us(),
       lifetime = options_.token_lifetime](Store& store) -> StoreResult<bool> {
        if (renewed_hash) {
          const auto renewed = store.replace_password_hash(user.id, user.password_hash, *renewed_hash);
          if (!renewed) return tl::unexpected(renewed.error());
          if (!*renewed) return false;
        }
        if (const auto added = store.add_session(token_hash, user.id, now, lifetime); !added) {
          return tl::unexpected(added.error());
        }
        // A password that was changed since it was checked has ended all sessions, but maybe before this one was there.
        const auto still = store.find_user(user.id);
        if (!still) return tl::unexpected(still.error());
        if (*still && (*still)->password_hash == renewed_hash.value_or(user.password_hash)) return true;
        return store.end_session(token_hash).map([] { return false; });
      },
      [this, attempt, user, token, token_hash](const Result<bool>& begun) {
        if (!begun) return give_up(attempt, begun.error());
        if (!*begun) return attempt.done(bad_credentials());
        attempts_.succeeded(attempt.host, attempt.name);
        parts_.numbers.advance_past(user.forgotten_through);
        attempt.done(LoggedIn{{user.id, token_hash}, attempt.name, token});
      });
}

void Service::give_up(const Attempt& attempt, const Error& error) {
  attempts_.undecided(attempt.host, attempt.name);
  attempt.done(tl::unexpected(error));
}

void Service::resume(std::string_view token, const Done<LoggedIn>& done) {
  on_database<std::optional<SessionUser>>(
      [token_hash = hash_token(token), now = wall_clock_us(), lifetime = options_.token_lifetime](Store& store) {
        return store.resume_session(token_hash, now, lifetime);
      },
      [this, done, token_hash = hash_token(token)](Result<std::optional<SessionUser>> user) {
        if (!user) return done(tl::unexpected(user.error()));
        if (!*user) {
          return done(failure(ErrorCode::kBadCredentials, "this login is no longer good; log in with your password"));
        }
        parts_.numbers.advance_past((*user)->forgotten_through);
        done(LoggedIn{{(*user)->user_id, token_hash}, std::move((*user)->name), {}});
      });
}

void Service::log_out(const Login& login, const Done<void>& done) {
  if (!login) return done({});
  on_database<void>([token = login.token](Store& store) { return store.end_session(token); }, done);
}

struct Service::PasswordChange {
  bool right = false;
  std::string old_hash;
  std::string new_hash;
};

void Service::change_password(const HostKey& host, const Login& login, std::string old_password,
                              std::string new_password, const Done<void>& done) {
  if (!login) return done(not_logged_in());
  if (const auto checked = check_password(new_password); !checked) return done(checked);
  const std::string account = std::to_string(login.user_id);
  if (!attempts_.begin(host, account, parts_.loop.now())) {
    return done(failure(ErrorCode::kTooManyAttempts, "too many wrong passwords; wait a minute and try again"));
  }
  const auto give_up = [this, host, account, done](const Error& error) {
    attempts_.undecided(host, account);
    done(tl::unexpected(error));
  };
  const auto store_change = [this, host, account, login, done, give_up](Result<PasswordChange> change) {
    if (!change) return give_up(change.error());
    if (!change->right) return done(bad_credentials());
    on_database<bool>(
        [login, change = std::move(*change)](Store& store) {
          return store.change_password(login.user_id, change.old_hash, change.new_hash, login.token);
        },
        [this, host, account, done, give_up](const Result<bool>& changed) {
          if (!changed) return give_up(changed.error());
          if (!*changed) return done(bad_credentials());  // somebody else changed it at this very moment
          attempts_.succeeded(host, account);
          done({});
        });
  };
  on_database<std::optional<User>>(
      [user_id = login.user_id](Store& store) { return store.find_user(user_id); },
      [this, old_password = std::move(old_password), new_password = std::move(new_password), done, give_up,
       store_change](Result<std::optional<User>> user) {
        if (!user) return give_up(user.error());
        if (!*user) return done(bad_credentials());  // the account is gone
        on_cpu<PasswordChange>(
            [hash = (*user)->password_hash, old_password, new_password, cost = options_.password_cost] {
              PasswordChange change;
              const PasswordCheck check = verify_password(hash, old_password);
              if (check == PasswordCheck::kFailed) throw std::runtime_error("no memory to verify a password");
              if (check == PasswordCheck::kWrong) return change;
              auto new_hash = hash_password(new_password, cost);
              if (!new_hash) throw std::runtime_error("no memory to hash a password");
              change = {true, hash, std::move(*new_hash)};
              return change;
            },
            store_change);
      });
}

// ---- History
// ----------------------------------------------------------------------------------------------------

void Service::history(const Login& login, std::uint32_t limit, std::uint64_t before,
                      const Done<std::vector<Event>>& done) {
  if (!login) return done(not_logged_in());
  limit = bounded(limit, kDefaultHistory);
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
  on_database<std::vector<Event>>(
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
  on_database<std::uint64_t>([user_id](Store& store) { return store.remove_hidden_history(user_id); },
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
