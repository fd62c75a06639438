// What can go wrong between a person and the server, the sentence that says so, and the exit status it ends
// with.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "dictcli/language.h"
#include "dictd/error.h"

namespace dictcli {

struct Failure {
  enum class Kind {
    kUnknownHost,
    kCannotConnect,  // errno_value says why
    kNoTls,          // the server speaks none
    kUntrustedCertificate,
    kWrongHost,  // the certificate is another host's
    kCertificateOutOfDate,
    kUnusableCa,  // `server` is the file
    kLost,        // the connection broke; the request may have been done or not
    kAnswerTimedOut,
    kNonsense,  // an answer that is none
    kAnswerTooLarge,
    kInterrupted,   // Ctrl-C while waiting
    kSessionEnded,  // the token is no longer good: log in again
    kNoDictionary,  // of the name `detail`
    kRefused,       // by the server, with a code
  };
  Kind kind;
  std::string server = {};  // "host:port"
  int errno_value = 0;
  dictd::ErrorCode code = {};
  std::string detail = {};  // of kRefused: the server's own words, in English

  [[nodiscard]] bool refused_as(dictd::ErrorCode refusal) const { return kind == Kind::kRefused && code == refusal; }
  // Of a request that another word may fare better in. A bad request that has a detail is about the rest of it.
  [[nodiscard]] bool is_bad_word() const { return refused_as(dictd::ErrorCode::kBadRequest) && detail.empty(); }
};

template <typename T>
using Result = tl::expected<T, Failure>;

// A whole sentence, in words a person understands.
[[nodiscard]] std::string describe(const Failure& failure, Language language);

// What dictcli WORD… exits with; --help and the README list them.
enum ExitStatus : std::uint8_t {
  kAllFound = 0,
  kNotAllFound = 1,
  kWrongUsage = 2,
  kNoServer = 3,
  kNoLogin = 4,
  kServerRefused = 5,
  kNoOutput = 6,
  kStopped = 130,
};
[[nodiscard]] ExitStatus exit_status(const Failure& failure);

}  // namespace dictcli
