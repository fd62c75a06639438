#include "dictd/password.h"

#include <sodium.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>

namespace dictd {
namespace {

void need_sodium() {
  static const bool usable = sodium_init() >= 0;
  if (!usable) std::abort();  // no source of randomness: nothing may be hashed or handed out
}

std::size_t memory_bytes(PasswordCost cost) {
  assert(cost.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN);
  assert(cost.memory_kib * std::size_t{1024} >= crypto_pwhash_argon2id_MEMLIMIT_MIN);
  return cost.memory_kib * std::size_t{1024};
}

}  // namespace

std::optional<std::string> hash_password(std::string_view password, PasswordCost cost) {
  need_sodium();
  char hash[crypto_pwhash_argon2id_STRBYTES];
  if (crypto_pwhash_argon2id_str(hash, password.data(), password.size(), cost.passes, memory_bytes(cost)) != 0) {
    return std::nullopt;
  }
  return hash;
}

PasswordCheck verify_password(std::string_view hash, std::string_view password) {
  need_sodium();
  const std::string terminated(hash);
  errno = 0;
  if (crypto_pwhash_argon2id_str_verify(terminated.c_str(), password.data(), password.size()) == 0) {
    return PasswordCheck::kRight;
  }
  return errno == EINVAL ? PasswordCheck::kWrong : PasswordCheck::kFailed;  // libsodium sets EINVAL for a mismatch only
}

bool password_needs_renewal(std::string_view hash, PasswordCost cost) {
  need_sodium();
  return crypto_pwhash_argon2id_str_needs_rehash(std::string(hash).c_str(), cost.passes, memory_bytes(cost)) != 0;
}

std::optional<std::string> unmatchable_hash(PasswordCost cost) { return hash_password(new_token(), cost); }

std::string new_token() {
  need_sodium();
  unsigned char bytes[32];
  randombytes_buf(bytes, sizeof bytes);
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  static_assert(sodium_base64_ENCODED_LEN(sizeof bytes, kVariant) == kTokenLength + 1);
  char text[kTokenLength + 1];
  sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, kVariant);
  return {text, kTokenLength};
}

TokenHash hash_token(std::string_view token) {
  need_sodium();
  TokenHash hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                     nullptr, 0);
  return hash;
}

}  // namespace dictd
