// Passwords and login tokens: what is stored of them is a hash only, and neither is ever logged.
//
// A password's hash is Argon2id (RFC 9106) in the text form of its reference implementation and of libsodium
// ("$argon2id$v=19$m=19456,t=2,p=1$salt$hash", at most 127 bytes of ASCII), which carries its own cost. It takes tens of
// milliseconds and PasswordCost::memory_kib of memory, which the thread keeps, wiped, for its next one: call from the
// pool for CPU work, never on the loop. Which passwords are allowed is the service's to say. All functions may be called
// from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dictd {

// What hashing one password costs. At least 8 KiB and 1 pass.
struct PasswordCost {
  std::uint32_t memory_kib = 19456;
  std::uint32_t passes = 2;

  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

// A new hash, with a salt of its own; nothing when there is not memory enough for the cost.
[[nodiscard]] std::optional<std::string> hash_password(std::string_view password, PasswordCost cost);

enum class PasswordCheck {
  kRight,
  kWrong,
  kFailed,  // not known: no memory for the hash's cost, or `hash` is not a password's hash
};
[[nodiscard]] PasswordCheck verify_password(std::string_view hash, std::string_view password);

// Whether `hash` was made with another cost than `cost` (or is no hash at all), and a new one should take its
// place.
[[nodiscard]] bool password_needs_renewal(std::string_view hash, PasswordCost cost);

// A hash that no password has. Verifying against it costs the same as against a user's, so that the time a
// failed log-in takes does not tell whether the name exists. Make it once, at start.
[[nodiscard]] std::optional<std::string> unmatchable_hash(PasswordCost cost);

// A fresh login token: 32 random bytes in base64url without padding, 43 characters.
constexpr std::size_t kTokenLength = 43;
[[nodiscard]] std::string new_token();

// What the database stores of a token (BLAKE2b, 32 bytes). Quick: a token is random, it needs no slow hash.
using TokenHash = std::array<std::uint8_t, 32>;
[[nodiscard]] TokenHash hash_token(std::string_view token);

}  // namespace dictd
