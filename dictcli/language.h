// Every sentence that dictcli says, in Chinese and in English, in one table.
//
// A text may hold places {0}, {1} … that fill() fills. The language is chosen by --lang, else by the locale's
// variables; output is UTF-8 in any case. Not for what the server says: its errors are told by their code, but for what
// only it can know of a request, which is added in its own words.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace dictcli {

enum class Language { kChinese, kEnglish };

enum class Text {
  // the menus
  kMainMenu,
  kUserMenu,
  kChoice,
  kChooseOneToThree,
  kGoodbye,
  kYesOrNo,
  // register and log in
  kName,
  kPassword,
  kNewPassword,
  kPasswordAgain,
  kPasswordsDiffer,
  kRegistered,
  kLogInNow,
  kLoggedIn,
  kWelcomeBack,
  kRemember,
  kCannotRemember,
  kCannotForget,
  kLoggedOut,
  // look up
  kWord,
  kNotFound,
  kNearWords,
  kListSeparator,
  // dictionaries, and headwords in them
  kColumnDictionary,
  kColumnHeadwords,
  kColumnTitle,
  kNothingMatches,
  kMatchesCut,
  // history
  kNoHistory,
  kColumnName,
  kColumnWord,
  kColumnTime,
  kShowAll,
  kHistoryCut,
  // failures: of the way to the server, and what it refuses, by code
  kUnknownHost,
  kRefusesConnections,
  kCannotConnect,
  kConnectTimedOut,
  kNoTls,
  kUntrustedCertificate,
  kWrongHost,
  kCertificateOutOfDate,
  kUnusableCa,
  kLost,
  kAnswerTimedOut,
  kNonsense,
  kAnswerTooLarge,
  kInterrupted,
  kSessionEnded,
  kNoDictionary,
  kConnectsLater,
  kConnectedAgain,
  kBadWord,
  kBadRequest,
  kUnknownRequest,
  kNotLoggedIn,
  kNameTaken,
  kBadCredentials,
  kInvalidName,
  kInvalidPassword,
  kTooManyAttempts,
  kUnavailable,
  kOverloaded,
  kRequestTooLarge,
  kUnsupportedVersion,
  kServerFailed,
  kShuttingDown,
  kIdle,
  kUnknownRefusal,
  // the command line and one-shot use
  kHelp,
  kUsageError,
  kPortOutOfRange,
  kUnknownLanguage,
  kJsonNeedsWords,
  kMatchNeedsWords,
  kHowToLogIn,
  kOutputFailed,
  kCount,  // not a text
};

[[nodiscard]] std::string_view text(Language language, Text which);
// The same with its places {0}, {1} … filled.
[[nodiscard]] std::string fill(Language language, Text which, std::initializer_list<std::string_view> values);

[[nodiscard]] std::optional<Language> parse_language(std::string_view name);  // "zh" or "en"
// By the first that is set of LC_ALL, LC_MESSAGES and LANG, as getenv() gives them; English if it is not
// Chinese.
[[nodiscard]] Language language_of_locale(const char* lc_all, const char* lc_messages, const char* lang);

}  // namespace dictcli
