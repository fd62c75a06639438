#include "dictd/password.h"

#include <gtest/gtest.h>

#include <set>

namespace dictd {
namespace {

constexpr PasswordCost kCheap{.memory_kib = 64, .passes = 1};

TEST(Password, VerifiesAgainstItsOwnHashOnly) {
  const auto hash = hash_password("correct horse", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_EQ(verify_password(*hash, "correct horse"), PasswordCheck::kRight);
  for (const std::string_view wrong : {"correct horsf", "correct hors", "correct horse ", "Correct horse", ""}) {
    EXPECT_EQ(verify_password(*hash, wrong), PasswordCheck::kWrong) << wrong;
  }
}

TEST(Password, MayBeAnyBytes) {
  const std::string_view password("\0\xFF\n", 3);
  const auto hash = hash_password(password, kCheap);
  ASSERT_TRUE(hash);
  EXPECT_EQ(verify_password(*hash, password), PasswordCheck::kRight);
  EXPECT_EQ(verify_password(*hash, password.substr(0, 1)), PasswordCheck::kWrong);
}

TEST(Password, HashFitsItsColumnAndNamesItsCost) {
  const auto hash = hash_password("secret", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_LE(hash->size(), 127U);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *hash;
}

TEST(Password, HashHasASaltOfItsOwn) { EXPECT_NE(hash_password("secret", kCheap), hash_password("secret", kCheap)); }

TEST(Password, CheckFailsForWhatIsNoHash) {
  for (const std::string_view hash : {"", "secret", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$12$abc"}) {
    EXPECT_EQ(verify_password(hash, "secret"), PasswordCheck::kFailed) << hash;
  }
}

TEST(Password, HashIsNothingWithoutMemoryForItsCost) {
  EXPECT_EQ(hash_password("secret", {.memory_kib = 0xFFFFFFFF, .passes = 1}), std::nullopt);
}

TEST(Password, HashOfAnotherCostNeedsRenewal) {
  const auto hash = hash_password("secret", kCheap);
  ASSERT_TRUE(hash);
  EXPECT_FALSE(password_needs_renewal(*hash, kCheap));
  EXPECT_TRUE(password_needs_renewal(*hash, {.memory_kib = 128, .passes = 1}));
  EXPECT_TRUE(password_needs_renewal(*hash, {.memory_kib = 64, .passes = 2}));
  EXPECT_TRUE(password_needs_renewal("no hash", kCheap));
}

TEST(Password, UnmatchableHashHasTheCostAndNoEasyPassword) {
  const auto hash = unmatchable_hash(kCheap);
  ASSERT_TRUE(hash);
  EXPECT_FALSE(password_needs_renewal(*hash, kCheap));
  EXPECT_EQ(verify_password(*hash, ""), PasswordCheck::kWrong);
}

TEST(Token, Is43CharactersOfBase64url) {
  const std::string token = new_token();
  EXPECT_EQ(token.size(), kTokenLength);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Token, IsNeverTheSame) {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.insert(new_token());
  EXPECT_EQ(tokens.size(), 1000U);
}

TEST(Token, HashFollowsFromTheTokenAlone) {
  EXPECT_EQ(hash_token("a"), hash_token("a"));
  EXPECT_NE(hash_token("a"), hash_token("b"));
  // BLAKE2b-256 of the empty text, from its reference implementation: what is stored must not change with a
  // library.
  const TokenHash hash = hash_token("");
  EXPECT_EQ(hash[0], 0x0E);
  EXPECT_EQ(hash[1], 0x57);
  EXPECT_EQ(hash[31], 0xA8);
}

}  // namespace
}  // namespace dictd
