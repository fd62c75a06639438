// What is known of a dictionary besides its name, its title and its words: the names of its properties (table
// property), and what their values mean. A property that is not there, and never one that is empty, says nothing.
//
// dictload writes them, from the files it loads and from --set; the server reads them. What is not among them is kept
// and exported, and means nothing to the server.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace dictd::property {

inline constexpr std::string_view kInfo = "info";                         // text of SHOW INFO, lines parted by LF
inline constexpr std::string_view kUrl = "url";                           // where it is from
inline constexpr std::string_view kLicence = "licence";                   // what may be done with it, a line
inline constexpr std::string_view kSource = "source";                     // who made it and where, a line
inline constexpr std::string_view kMimeHeader = "mime-header";            // header lines for OPTION MIME, LF between
inline constexpr std::string_view kDefaultStrategy = "default-strategy";  // what `.` means in a MATCH of it alone
inline constexpr std::string_view kHidden = "hidden";                     // yes: neither listed nor part of `*`
inline constexpr std::string_view kMatch = "match";                       // one of the next three
inline constexpr std::string_view kCaseSensitive = "case-sensitive";      // yes: headwords differ by case
inline constexpr std::string_view kMembers = "members";                   // of a virtual one: names, commas between
inline constexpr std::string_view kAlphabet = "alphabet";                 // the characters of its headwords

// When headwords are found without regard to accents and punctuation.
inline constexpr std::string_view kMatchExact = "exact";        // never
inline constexpr std::string_view kMatchFallback = "fallback";  // if the form asked for is not there; the default
inline constexpr std::string_view kMatchLoose = "loose";        // always

inline constexpr std::string_view kYes = "yes";

inline constexpr std::array kNames = {kInfo,   kUrl,   kLicence,       kSource,  kMimeHeader, kDefaultStrategy,
                                      kHidden, kMatch, kCaseSensitive, kMembers, kAlphabet};

inline constexpr std::size_t kMaxNameCharacters = 32;
inline constexpr std::size_t kMaxValueBytes = 1 << 20;

}  // namespace dictd::property
