// The commands of the DICT protocol (RFC 2229) as they come: bytes in; a line, a command or an error out.
//
// A line ends with CR LF, or with a bare LF. It has at most 1,024 characters with its end, so at most 6,144 bytes
// (section 2.3). Words are parted by spaces and tabs; a word is made of atoms, of "..." and '...', and of \ with the
// character it stands for, one right behind the other (section 2.2): ice" "cream is one word, as "ice cream" is.
// SASLAUTH and SASLRESP are as GNU dico has them. Pure functions; what a command does is in dict2229.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace dictd::dict {

inline constexpr std::size_t kMaxLineCharacters = 1024;
inline constexpr std::size_t kMaxLineBytes = 6 * kMaxLineCharacters;

// The front of what came.
struct Line {
  enum class Status : std::uint8_t {
    kLine,      // `text` is a line without its end
    kNeedMore,  // the beginning of a line, or nothing
    kTooLong,   // a line that is too long, or the beginning of one: it is to be thrown away up to its LF
  };
  Status status = Status::kNeedMore;
  std::string_view text = {};
  std::size_t consumed = 0;  // bytes of a whole line with its end; 0 if the end is not there
};
[[nodiscard]] Line next_line(std::string_view bytes);

enum class Verb : std::uint8_t {
  kBlank,           // a line of nothing, which nobody answers
  kDefine,          // database, word
  kMatch,           // database, strategy, word
  kShowDatabases,   //
  kShowStrategies,  //
  kShowInfo,        // database
  kShowServer,      //
  kClient,          // its text is for people, and not kept
  kStatus,          //
  kHelp,            //
  kQuit,            //
  kOptionMime,      //
  kAuth,            // user, digest
  kSaslAuth,        // mechanism, and maybe a first response
  kSaslResponse,    // response
};

// The status codes of section 7 that this server answers with.
enum class Code : std::uint16_t {
  kDatabases = 110,
  kStrategies = 111,
  kInformation = 112,
  kHelp = 113,
  kServer = 114,
  kDefinitions = 150,
  kDefinition = 151,
  kMatches = 152,
  kStatus = 210,
  kBanner = 220,
  kClosing = 221,
  kAuthenticated = 230,
  kOk = 250,
  kSendResponse = 330,
  kUnavailable = 420,
  kShuttingDown = 421,
  kUnknownCommand = 500,
  kBadParameters = 501,
  kNotImplemented = 502,
  kParameterNotImplemented = 503,
  kAccessDenied = 530,
  kWrongCredentials = 531,
  kUnknownMechanism = 532,
  kNoDatabase = 550,
  kNoStrategy = 551,
  kNoMatch = 552,
  kNoDatabases = 554,
};

struct Rejection {
  Code code;
  std::string reason;  // a sentence for a person, without line ends
};

// One command at a time; kept by who parses, for its memory.
class Command {
 public:
  static constexpr std::size_t kMostParameters = 3;

  // Parses a line without its end.
  [[nodiscard]] tl::expected<Verb, Rejection> parse(std::string_view line);
  [[nodiscard]] std::size_t parameters() const { return parameters_; }
  // Without quotes and backslashes, in UTF-8; good until the next parse().
  [[nodiscard]] std::string_view parameter(std::size_t n) const { return words_[n]; }

 private:
  [[nodiscard]] tl::expected<void, Rejection> take_words(std::string_view rest, std::size_t least, std::size_t most,
                                                         std::string_view usage);

  std::array<std::string_view, kMostParameters> words_;
  std::size_t parameters_ = 0;
  std::string unquoted_;
};

// A command for HELP, and what is to be typed.
struct Usage {
  std::string_view command;
  std::string_view description;
};
[[nodiscard]] std::span<const Usage> usages();

}  // namespace dictd::dict
