// What a request can fail with: a code every front-end can translate, and a sentence for a person.
//
// The codes carry the numbers of the framed protocol's ERROR (see wire.h), so that the framed front-end needs
// no table; other front-ends map them to their own.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace dictd {

enum class ErrorCode : std::uint16_t {
  kBadRequest = 1,
  kUnknownType = 2,
  kNotLoggedIn = 3,
  kNameTaken = 4,
  kBadCredentials = 5,
  kInvalidName = 6,
  kInvalidPassword = 7,
  kTooManyAttempts = 8,
  kUnavailable = 9,
  kOverloaded = 10,
  kFrameTooLarge = 11,
  kUnsupportedVersion = 12,
  kInternal = 13,
  kShuttingDown = 14,
  kIdle = 15,
  kMalformedFrame = 16,
};

struct Error {
  ErrorCode code;
  std::string message;  // says what to do, where something can be done; never holds a password or a token
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace dictd
