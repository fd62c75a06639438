// Addresses as people write them, and as they are shown and counted.
#include "reactor/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reactor {
namespace {

using testing::HasSubstr;

TEST(AddressTest, ListenAddressesAreReadAsPeopleWriteThem) {
  const struct {
    std::string_view text, shown;
  } cases[] = {
      {"127.0.0.1:8888", "127.0.0.1:8888"},
      {"0.0.0.0:0", "0.0.0.0:0"},
      {"10.1.2.3:65535", "10.1.2.3:65535"},
      {"[::1]:8888", "[::1]:8888"},
      {"[::]:1", "[::]:1"},
      {"[2001:DB8:0:0::7]:443", "[2001:db8::7]:443"},
      {"[::ffff:10.0.0.1]:5", "[::ffff:10.0.0.1]:5"},
      {"*:8888", "0.0.0.0:8888"},
      {":8888", "0.0.0.0:8888"},
  };
  for (const auto& [text, shown] : cases) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error();
    EXPECT_EQ(address->text(), shown);
  }
}

TEST(AddressTest, NamesAreResolved) {
  const auto address = parse_listen_address("localhost:8888");
  ASSERT_TRUE(address) << address.error();
  EXPECT_TRUE(address->host_text() == "127.0.0.1" || address->host_text() == "::1") << address->text();
  EXPECT_EQ(address->port(), 8888);
}

TEST(AddressTest, WhatIsNoListenAddressIsNamedInTheMessage) {
  const std::string_view cases[] = {"",
                                    "8888",
                                    "127.0.0.1",
                                    "127.0.0.1:",
                                    "127.0.0.1:x",
                                    "127.0.0.1:-1",
                                    "127.0.0.1:+1",
                                    "127.0.0.1:65536",
                                    "127.0.0.1:8888 ",
                                    "::1:8888",
                                    "::1",
                                    "[::1]",
                                    "[::1]8888",
                                    "[]:8888",
                                    "fe80::1:80",
                                    "a:b:80",
                                    "127.0.0.1:99999999999999999999"};
  for (const std::string_view text : cases) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text << " was read as " << address->text();
    EXPECT_EQ(address.error(), "'" + std::string(text) + "' is no ADDR:PORT, such as 127.0.0.1:8888 or [::1]:8888");
  }
}

TEST(AddressTest, AHostThatIsNotThereIsNamedInTheMessage) {
  // Names that no resolver would ask the network for.
  for (const std::string_view text : {"no..host:80", "[no..host]:80", ".:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text << " was read as " << address->text();
    EXPECT_THAT(address.error(), HasSubstr("cannot find the host '"));
  }
}

TEST(AddressTest, ResolveGivesTheNumericAddressItself) {
  const auto v4 = resolve("192.0.2.1", 80);
  ASSERT_TRUE(v4);
  ASSERT_EQ(v4->size(), 1U) << "not one for each kind of socket";
  EXPECT_EQ(v4->front().text(), "192.0.2.1:80");
  EXPECT_EQ(v4->front().family(), AF_INET);
  EXPECT_EQ(v4->front().length(), sizeof(sockaddr_in));
  const auto v6 = resolve("2001:db8::1", 80);
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->front().host_text(), "2001:db8::1");
  EXPECT_EQ(v6->front().family(), AF_INET6);
  EXPECT_EQ(v6->front().length(), sizeof(sockaddr_in6));
}

TEST(AddressTest, HostKeyIsTheHostWithoutItsPort) {
  const auto key = [](const char* host, std::uint16_t port) { return resolve(host, port)->front().host_key(); };
  EXPECT_EQ(key("192.0.2.1", 80), key("192.0.2.1", 81));
  EXPECT_NE(key("192.0.2.1", 80), key("192.0.2.2", 80));
  EXPECT_EQ(key("2001:db8::1", 80), key("2001:db8::1", 81));
  EXPECT_NE(key("2001:db8::1", 80), key("2001:db8::2", 80));
  EXPECT_EQ(key("192.0.2.1", 80), key("::ffff:192.0.2.1", 80)) << "one host, however its packets came";
}

}  // namespace
}  // namespace reactor
