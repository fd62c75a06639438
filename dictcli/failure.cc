#include "dictcli/failure.h"

#include <cerrno>

#include "dictcli/align.h"

namespace dictcli {
namespace {

std::string describe_refusal(const Failure& failure, Language language) {
  const dictd::ErrorCode code = failure.code;
  const auto sentence = [&]() -> Text {
    switch (code) {
      case dictd::ErrorCode::kBadRequest: return failure.is_bad_word() ? Text::kBadWord : Text::kBadRequest;
      case dictd::ErrorCode::kUnknownType: return Text::kUnknownRequest;
      case dictd::ErrorCode::kNotLoggedIn: return Text::kNotLoggedIn;
      case dictd::ErrorCode::kNameTaken: return Text::kNameTaken;
      case dictd::ErrorCode::kBadCredentials: return Text::kBadCredentials;
      case dictd::ErrorCode::kInvalidName: return Text::kInvalidName;
      case dictd::ErrorCode::kInvalidPassword: return Text::kInvalidPassword;
      case dictd::ErrorCode::kTooManyAttempts: return Text::kTooManyAttempts;
      case dictd::ErrorCode::kUnavailable: return Text::kUnavailable;
      case dictd::ErrorCode::kOverloaded: return Text::kOverloaded;
      case dictd::ErrorCode::kFrameTooLarge: return Text::kRequestTooLarge;
      case dictd::ErrorCode::kUnsupportedVersion: return Text::kUnsupportedVersion;
      case dictd::ErrorCode::kInternal: return Text::kServerFailed;
      case dictd::ErrorCode::kShuttingDown: return Text::kShuttingDown;
      case dictd::ErrorCode::kIdle: return Text::kIdle;
      case dictd::ErrorCode::kMalformedFrame: break;  // of a client that counts wrong: nothing a person can do
    }
    return Text::kUnknownRefusal;
  };
  return fill(language, sentence(), {std::to_string(static_cast<unsigned>(code)), printable(failure.detail)});
}

Text connect_failure(int errno_value) {
  if (errno_value == ECONNREFUSED) return Text::kRefusesConnections;
  if (errno_value == ETIMEDOUT) return Text::kConnectTimedOut;
  return Text::kCannotConnect;
}

}  // namespace

std::string describe(const Failure& failure, Language language) {
  using Kind = Failure::Kind;
  switch (failure.kind) {
    case Kind::kUnknownHost: return fill(language, Text::kUnknownHost, {failure.server});
    case Kind::kCannotConnect:
      return fill(language, connect_failure(failure.errno_value),
                  {failure.server, std::to_string(failure.errno_value)});
    case Kind::kNoTls: return fill(language, Text::kNoTls, {failure.server});
    case Kind::kUntrustedCertificate: return fill(language, Text::kUntrustedCertificate, {failure.server});
    case Kind::kWrongHost: return fill(language, Text::kWrongHost, {failure.server});
    case Kind::kCertificateOutOfDate: return fill(language, Text::kCertificateOutOfDate, {failure.server});
    case Kind::kUnusableCa: return fill(language, Text::kUnusableCa, {failure.server});
    case Kind::kLost: return std::string(text(language, Text::kLost));
    case Kind::kAnswerTimedOut: return std::string(text(language, Text::kAnswerTimedOut));
    case Kind::kNonsense: return fill(language, Text::kNonsense, {failure.server});
    case Kind::kAnswerTooLarge: return std::string(text(language, Text::kAnswerTooLarge));
    case Kind::kInterrupted: return std::string(text(language, Text::kInterrupted));
    case Kind::kSessionEnded: return std::string(text(language, Text::kSessionEnded));
    case Kind::kNoDictionary: return fill(language, Text::kNoDictionary, {printable(failure.detail)});
    case Kind::kRefused: return describe_refusal(failure, language);
  }
  return {};
}

ExitStatus exit_status(const Failure& failure) {
  using Kind = Failure::Kind;
  using dictd::ErrorCode;
  if (failure.kind == Kind::kInterrupted) return kStopped;
  if (failure.kind == Kind::kUnusableCa) return kWrongUsage;
  if (failure.kind == Kind::kSessionEnded || failure.refused_as(ErrorCode::kNotLoggedIn) ||
      failure.refused_as(ErrorCode::kBadCredentials)) {
    return kNoLogin;
  }
  if (failure.kind == Kind::kNoDictionary) return kServerRefused;
  // What the server says while it closes the connection by itself is a server lost.
  if (failure.kind != Kind::kRefused || failure.refused_as(ErrorCode::kShuttingDown) ||
      failure.refused_as(ErrorCode::kIdle)) {
    return kNoServer;
  }
  return kServerRefused;
}

}  // namespace dictcli
