// The users of a measurement: made, and logged in once each, before it begins. Blocks; not for a loop.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "reactor/address.h"
#include "test/bench/dictbench/options.h"

namespace dictbench {

inline constexpr const char* kPassword = "a password for measuring";

[[nodiscard]] std::string user_name(const Options& options, std::size_t user);

// A token for each user: of those in the file, or of users that are registered if they are missing and logged in. The
// error is a sentence.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> tokens_of_users(const Options& options,
                                                                                  const reactor::Address& address);

// Both wait as long as it takes. Whether all was sent; what came, or nothing when nothing is there.
bool send_all(int fd, std::string_view bytes);
std::optional<std::size_t> receive_some(int fd, std::span<char> into);

}  // namespace dictbench
