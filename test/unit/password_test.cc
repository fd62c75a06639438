#include "dictd/password.h"

#include <gtest/gtest.h>
#include <sodium.h>

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

TEST(Password, HashIsThatOfLibsodium) {
  constexpr PasswordCost kCost{.memory_kib = 64, .passes = 3};
  char theirs[crypto_pwhash_argon2id_STRBYTES];
  ASSERT_EQ(crypto_pwhash_argon2id_str(theirs, "correct horse", 13, kCost.passes, kCost.memory_kib * std::size_t{1024}),
            0);
  EXPECT_EQ(verify_password(theirs, "correct horse"), PasswordCheck::kRight);
  EXPECT_EQ(verify_password(theirs, "correct horsf"), PasswordCheck::kWrong);
  EXPECT_FALSE(password_needs_renewal(theirs, kCost));
  const auto ours = hash_password("correct horse", kCost);
  ASSERT_TRUE(ours);
  EXPECT_EQ(crypto_pwhash_argon2id_str_verify(ours->c_str(), "correct horse", 13), 0);
}

TEST(Password, HashesOfDifferentCostsMayFollowEachOther) {
  const auto small = hash_password("secret", kCheap);
  const auto large = hash_password("secret", {.memory_kib = 4096, .passes = 1});
  ASSERT_TRUE(small && large);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verify_password(*small, "secret"), PasswordCheck::kRight);
    EXPECT_EQ(verify_password(*large, "secret"), PasswordCheck::kRight);
  }
}

TEST(Password, HashHasASaltOfItsOwn) { EXPECT_NE(hash_password("secret", kCheap), hash_password("secret", kCheap)); }

TEST(Password, CheckFailsForWhatIsNoHash) {
  for (const std::string_view hash : {"", "secret", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$12$abc"}) {
    EXPECT_EQ(verify_password(hash, "secret"), PasswordCheck::kFailed) << hash;
  }
}

TEST(Password, CheckFailsForAHashThatIsCutOrGoesOn) {
  const auto hash = hash_password("secret", kCheap);
  ASSERT_TRUE(hash);
  for (std::size_t length = 0; length < hash->size(); ++length) {
    EXPECT_EQ(verify_password(hash->substr(0, length), "secret"), PasswordCheck::kFailed) << length;
  }
  EXPECT_EQ(verify_password(*hash + "A", "secret"), PasswordCheck::kFailed);
  EXPECT_EQ(verify_password(*hash + "$", "secret"), PasswordCheck::kFailed);
}

TEST(Password, CheckFailsForCostsThatCannotBe) {
  const std::string_view rest = ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const std::string_view costs : {"m=0,t=1", "m=64,t=0", "m=4294967296,t=1", "m=-1,t=1", "m=,t=1", "m=64,t="}) {
    const std::string hash = "$argon2id$v=19$" + std::string(costs) + std::string(rest);
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
