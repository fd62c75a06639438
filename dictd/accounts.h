// Who may log in, and who is: users, their passwords, and the sessions that tokens stand for. A part of the service.
//
// Everything here needs the database or a password's hash, and is answered by a callback on the loop, exactly once;
// it may also be called before the method returns, when there is nothing to wait for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dictd/attempts.h"
#include "dictd/number_source.h"
#include "dictd/offload.h"
#include "dictd/password.h"

namespace dictd {

// Who a connection speaks for; kept by the front-end. A default-constructed one is nobody.
struct Login {
  std::uint64_t user_id = 0;
  TokenHash token{};  // all zeros where there is no session

  explicit operator bool() const { return user_id != 0; }
};

struct LoggedIn {
  Login login;
  std::string name;
  std::string token;  // of a new session
};

// Whether a login outlives its connection, as a session that its token resumes.
enum class Lasting : std::uint8_t { kNo, kYes };

inline constexpr std::size_t kMostNameCharacters = 32;
inline constexpr std::size_t kFewestPasswordBytes = 6;
inline constexpr std::size_t kMostPasswordBytes = 128;

// Whether a user may have this name: 1 to 32 characters, no white space, no control characters.
[[nodiscard]] Result<void> check_name(std::string_view name);
// 6 to 128 bytes, no control characters.
[[nodiscard]] Result<void> check_password(std::string_view password);

// The loop thread's. What it refers to outlives it.
class Accounts {
 public:
  using HostKey = Attempts::HostKey;

  struct Options {
    std::chrono::seconds token_lifetime = std::chrono::days(30);  // since its last use
    PasswordCost password_cost;
    Attempts::Limits attempts;
  };

  // Throws std::runtime_error if there is not memory enough to hash a password.
  Accounts(const Options& options, Offload& offload, NumberSource& numbers, reactor::Loop& loop);

  void register_user(std::string name, std::string password, const Done<void>& done);
  void log_in(const HostKey& host, const std::string& name, std::string password, Lasting lasting,
              const Done<LoggedIn>& done);
  void resume(std::string_view token, const Done<LoggedIn>& done);
  void log_out(const Login& login, const Done<void>& done);
  // Ends all other sessions of the user.
  void change_password(const HostKey& host, const Login& login, std::string old_password, std::string new_password,
                       const Done<void>& done);

 private:
  struct PasswordChange;
  // Between the steps of log_in.
  struct Attempt {
    HostKey host;
    std::string name;
    std::string password;
    Lasting lasting;
    Done<LoggedIn> done;
  };

  void check_credentials(const Attempt& attempt, std::optional<User> user);
  void begin_session(const Attempt& attempt, const User& user, const std::optional<std::string>& renewed_hash);
  void give_up(const Attempt& attempt, const Error& error);

  const Options options_;
  Offload& offload_;
  NumberSource& numbers_;
  reactor::Loop& loop_;
  Attempts attempts_;
  std::string unmatchable_hash_;
};

}  // namespace dictd
