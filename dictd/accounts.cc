#include "dictd/accounts.h"

#include <stdexcept>
#include <utility>

#include "dictd/fold.h"
#include "dictd/wall_clock.h"

namespace dictd {
namespace {

tl::unexpected<Error> bad_credentials() {
  return failure(ErrorCode::kBadCredentials, "the name or the password is wrong");
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

Accounts::Accounts(const Options& options, Offload& offload, NumberSource& numbers, reactor::Loop& loop)
    : options_(options), offload_(offload), numbers_(numbers), loop_(loop), attempts_(options_.attempts) {
  auto hash = unmatchable_hash(options_.password_cost);
  if (!hash) throw std::runtime_error("there is not memory enough to hash a password; lower --password-memory");
  unmatchable_hash_ = std::move(*hash);
}

void Accounts::register_user(std::string name, std::string password, const Done<void>& done) {
  if (const auto checked = check_name(name); !checked) return done(checked);
  if (const auto checked = check_password(password); !checked) return done(checked);
  auto store_user = [this, name = std::move(name), done](Result<std::optional<std::string>> hash) {
    if (!hash) return done(tl::unexpected(hash.error()));
    if (!*hash) return done(overloaded());  // no memory for one more hash at this moment
    const std::int64_t now = wall_clock_us();
    const User user{numbers_.next(now), name, std::move(**hash)};
    // A taken name is an answer and no failure of the database: false.
    offload_.on_database<bool>(
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
  offload_.on_cpu<std::optional<std::string>>(
      [password = std::move(password), cost = options_.password_cost] { return hash_password(password, cost); },
      std::move(store_user));
}

void Accounts::log_in(const HostKey& host, const std::string& name, std::string password, Lasting lasting,
                      const Done<LoggedIn>& done) {
  if (!check_name(name)) return done(bad_credentials());  // nobody has such a name, and everybody may know that
  if (!attempts_.begin(host, name, loop_.now())) {
    return done(failure(ErrorCode::kTooManyAttempts, "too many wrong passwords; wait a minute and try again"));
  }
  offload_.on_database<std::optional<User>>(
      [name](Store& store) { return store.find_user(name); },
      [this, attempt = Attempt{host, name, std::move(password), lasting, done}](Result<std::optional<User>> user) {
        if (!user) return give_up(attempt, user.error());
        check_credentials(attempt, std::move(*user));
      });
}

// An unknown name costs the time of a wrong password.
void Accounts::check_credentials(const Attempt& attempt, std::optional<User> user) {
  struct Verdict {
    PasswordCheck check = PasswordCheck::kFailed;
    std::optional<std::string> renewed_hash;
  };
  offload_.on_cpu<Verdict>(
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

void Accounts::begin_session(const Attempt& attempt, const User& user, const std::optional<std::string>& renewed_hash) {
  LoggedIn logged_in{{user.id, {}}, attempt.name, {}};
  if (attempt.lasting == Lasting::kYes) {
    logged_in.token = new_token();
    logged_in.login.token = hash_token(logged_in.token);
  }
  offload_.on_database<bool>(
      [user, renewed_hash, lasting = attempt.lasting, token_hash = logged_in.login.token, now = wall_clock_us(),
       lifetime = options_.token_lifetime](Store& store) -> StoreResult<bool> {
        if (renewed_hash) {
          const auto renewed = store.replace_password_hash(user.id, user.password_hash, *renewed_hash);
          if (!renewed) return tl::unexpected(renewed.error());
          if (!*renewed) return false;
        }
        if (lasting == Lasting::kYes) {
          const auto added = store.add_session(token_hash, user.id, now, lifetime);
          if (!added) return tl::unexpected(added.error());
        }
        // A password that was changed since it was checked has ended all sessions, but maybe before this one was there.
        const auto still = store.find_user(user.id);
        if (!still) return tl::unexpected(still.error());
        if (*still && (*still)->password_hash == renewed_hash.value_or(user.password_hash)) return true;
        return store.end_session(token_hash).map([] { return false; });
      },
      [this, attempt, forgotten = user.forgotten_through, logged_in](const Result<bool>& begun) {
        if (!begun) return give_up(attempt, begun.error());
        if (!*begun) return attempt.done(bad_credentials());
        attempts_.succeeded(attempt.host, attempt.name);
        numbers_.advance_past(forgotten);
        attempt.done(logged_in);
      });
}

void Accounts::give_up(const Attempt& attempt, const Error& error) {
  attempts_.undecided(attempt.host, attempt.name);
  attempt.done(tl::unexpected(error));
}

void Accounts::resume(std::string_view token, const Done<LoggedIn>& done) {
  offload_.on_database<std::optional<SessionUser>>(
      [token_hash = hash_token(token), now = wall_clock_us(), lifetime = options_.token_lifetime](Store& store) {
        return store.resume_session(token_hash, now, lifetime);
      },
      [this, done, token_hash = hash_token(token)](Result<std::optional<SessionUser>> user) {
        if (!user) return done(tl::unexpected(user.error()));
        if (!*user) {
          return done(failure(ErrorCode::kBadCredentials, "this login is no longer good; log in with your password"));
        }
        numbers_.advance_past((*user)->forgotten_through);
        done(LoggedIn{{(*user)->user_id, token_hash}, std::move((*user)->name), {}});
      });
}

void Accounts::log_out(const Login& login, const Done<void>& done) {
  if (!login) return done({});
  offload_.on_database<void>([token = login.token](Store& store) { return store.end_session(token); }, done);
}

struct Accounts::PasswordChange {
  bool right = false;
  std::string old_hash;
  std::string new_hash;
};

void Accounts::change_password(const HostKey& host, const Login& login, std::string old_password,
                               std::string new_password, const Done<void>& done) {
  if (!login) return done(not_logged_in());
  if (const auto checked = check_password(new_password); !checked) return done(checked);
  const std::string account = std::to_string(login.user_id);
  if (!attempts_.begin(host, account, loop_.now())) {
    return done(failure(ErrorCode::kTooManyAttempts, "too many wrong passwords; wait a minute and try again"));
  }
  const auto give_up = [this, host, account, done](const Error& error) {
    attempts_.undecided(host, account);
    done(tl::unexpected(error));
  };
  const auto store_change = [this, host, account, login, done, give_up](Result<PasswordChange> change) {
    if (!change) return give_up(change.error());
    if (!change->right) return done(bad_credentials());
    offload_.on_database<bool>(
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
  offload_.on_database<std::optional<User>>(
      [user_id = login.user_id](Store& store) { return store.find_user(user_id); },
      [this, old_password = std::move(old_password), new_password = std::move(new_password), done, give_up,
       store_change](Result<std::optional<User>> user) {
        if (!user) return give_up(user.error());
        if (!*user) return done(bad_credentials());  // the account is gone
        offload_.on_cpu<PasswordChange>(
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

}  // namespace dictd
