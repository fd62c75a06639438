#include "dictd/sasl_plain.h"

#include <gtest/gtest.h>

#include <string>

namespace dictd {
namespace {

std::string parsed(std::string_view base64) {
  const auto credentials = parse_sasl_plain(base64);
  return credentials ? credentials->name + "/" + credentials->password : "none";
}

TEST(SaslPlainTest, HasNameAndPassword) {
  EXPECT_EQ(parsed("AGJvYgBzZWNyZXQx"), "bob/secret1");      // NUL bob NUL secret1
  EXPECT_EQ(parsed("Ym9iAGJvYgBzZWNyZXQx"), "bob/secret1");  // bob NUL bob NUL secret1
  EXPECT_EQ(parsed("AGJvYgA="), "bob/");                     // NUL bob NUL
}

TEST(SaslPlainTest, NothingElseIsSuchAMessage) {
  for (const char* base64 : {
           "", "=",
           "AGJvYgBzZWNyZXQ",           // cut off
           "AGJvYgBz ZWNyZXQx",         // a space
           "AGJvYgBz-_NyZXQx",          // another alphabet
           "Ym9i",                      // bob: no NUL
           "AGJvYg==",                  // one NUL
           "AAA=",                      // no name
           "AGJvYgBzZWMAcmV0",          // three NULs
           "YWRtaW4AYm9iAHNlY3JldDE=",  // admin NUL bob …: to act as admin
       }) {
    EXPECT_EQ(parsed(base64), "none") << base64;
  }
}

}  // namespace
}  // namespace dictd
