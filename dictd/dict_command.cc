#include "dictd/dict_command.h"

#include <algorithm>

#include "dictd/fold.h"

namespace dictd::dict {
namespace {

constexpr std::string_view kSeparators = " \t";

struct Syntax {
  Verb verb;
  std::string_view words;  // of the command itself, in upper case; two have a space between
  std::size_t least = 0;   // parameters
  std::size_t most = 0;
  std::string_view usage;
};

constexpr std::array kSyntaxes = {
    Syntax{Verb::kDefine, "DEFINE", 2, 2, "DEFINE database word"},
    Syntax{Verb::kMatch, "MATCH", 3, 3, "MATCH database strategy word"},
    Syntax{Verb::kShowDatabases, "SHOW DB", 0, 0, "SHOW DB"},
    Syntax{Verb::kShowDatabases, "SHOW DATABASES", 0, 0, "SHOW DATABASES"},
    Syntax{Verb::kShowStrategies, "SHOW STRAT", 0, 0, "SHOW STRAT"},
    Syntax{Verb::kShowStrategies, "SHOW STRATEGIES", 0, 0, "SHOW STRATEGIES"},
    Syntax{Verb::kShowInfo, "SHOW INFO", 1, 1, "SHOW INFO database"},
    Syntax{Verb::kShowServer, "SHOW SERVER", 0, 0, "SHOW SERVER"},
    Syntax{Verb::kStatus, "STATUS", 0, 0, "STATUS"},
    Syntax{Verb::kHelp, "HELP", 0, 0, "HELP"},
    Syntax{Verb::kQuit, "QUIT", 0, 0, "QUIT"},
    Syntax{Verb::kOptionMime, "OPTION MIME", 0, 0, "OPTION MIME"},
    Syntax{Verb::kAuth, "AUTH", 2, 2, "AUTH user digest"},
    Syntax{Verb::kSaslAuth, "SASLAUTH", 1, 2, "SASLAUTH mechanism [initial-response]"},
    Syntax{Verb::kSaslResponse, "SASLRESP", 1, 1, "SASLRESP response"},
};
constexpr std::string_view kClient = "CLIENT";

constexpr std::array kUsages = {
    Usage{"DEFINE database word", "look up word in database; * for all, ! for the first that has it"},
    Usage{"MATCH database strategy word", "match headwords; . for the default strategy"},
    Usage{"SHOW DB, SHOW DATABASES", "list the databases"},
    Usage{"SHOW STRAT, SHOW STRATEGIES", "list the strategies"},
    Usage{"SHOW INFO database", "source, licence and description of a database"},
    Usage{"SHOW SERVER", "about this server"},
    Usage{"OPTION MIME", "put MIME headers before each text"},
    Usage{"CLIENT text", "say which client this is"},
    Usage{"SASLAUTH PLAIN [response]", "log in, so that look-ups go into your history"},
    Usage{"SASLRESP response", "the rest of it"},
    Usage{"STATUS", "a sign of life"},
    Usage{"HELP", "this text"},
    Usage{"QUIT", "end the connection"},
};

bool is_separator(char c) { return c == ' ' || c == '\t'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

tl::unexpected<Rejection> reject(Code code, std::string reason) {
  return tl::unexpected(Rejection{code, std::move(reason)});
}
tl::unexpected<Rejection> bad_parameters(std::string reason) { return reject(Code::kBadParameters, std::move(reason)); }

void drop_separators(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
}

// Takes the plain word at the front off `text`, with the white space behind it.
std::string_view take_plain(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(kSeparators));
  text.remove_prefix(word.size());
  drop_separators(text);
  return word;
}

bool same_word(std::string_view typed, std::string_view upper_case) {
  return std::ranges::equal(typed, upper_case,
                            [](char c, char upper) { return (c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) == upper; });
}

// The syntax of the command at the front of `line`, which then begins with its parameters.
const Syntax* take_syntax(std::string_view& line) {
  const std::string_view first = take_plain(line);
  std::string_view behind_second = line;
  const std::string_view second = take_plain(behind_second);
  for (const Syntax& syntax : kSyntaxes) {
    const std::size_t space = std::min(syntax.words.find(' '), syntax.words.size());
    if (!same_word(first, syntax.words.substr(0, space))) continue;
    if (space == syntax.words.size()) return &syntax;
    if (!same_word(second, syntax.words.substr(space + 1))) continue;
    line = behind_second;
    return &syntax;
  }
  return nullptr;
}

// What is wrong with a line of which no command has both words.
tl::unexpected<Rejection> unknown(std::string_view line) {
  const std::string_view first = take_plain(line);
  if (same_word(first, "SHOW")) {
    return bad_parameters("there are SHOW DB, SHOW STRAT, SHOW INFO database and SHOW SERVER");
  }
  if (!same_word(first, "OPTION")) return reject(Code::kUnknownCommand, "unknown command; HELP lists those there are");
  if (line.empty()) return bad_parameters("OPTION MIME is what there is");
  return reject(Code::kParameterNotImplemented, "there is no such option but MIME");
}

}  // namespace

Line next_line(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kMaxLineBytes).find('\n');
  if (end == std::string_view::npos) {
    if (bytes.size() < kMaxLineBytes) return {};
    const std::size_t far_end = bytes.find('\n');
    return {Line::Status::kTooLong, {}, far_end == std::string_view::npos ? 0 : far_end + 1};
  }
  std::string_view text = bytes.substr(0, end);
  if (end >= kMaxLineCharacters && count_characters(bytes.substr(0, end + 1)) > kMaxLineCharacters) {
    return {Line::Status::kTooLong, {}, end + 1};
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  return {Line::Status::kLine, text, end + 1};
}

tl::expected<Verb, Rejection> Command::parse(std::string_view line) {
  parameters_ = 0;
  drop_separators(line);
  if (line.empty()) return Verb::kBlank;
  std::string_view rest = line;
  const Syntax* const syntax = take_syntax(rest);
  rest = syntax != nullptr ? rest : line;
  if (syntax == nullptr && same_word(take_plain(rest), kClient)) return Verb::kClient;
  if (syntax == nullptr) return unknown(line);
  if (const auto taken = take_words(rest, syntax->least, syntax->most, syntax->usage); !taken) {
    return tl::unexpected(taken.error());
  }
  return syntax->verb;
}

tl::expected<void, Rejection> Command::take_words(std::string_view rest, std::size_t least, std::size_t most,
                                                  std::string_view usage) {
  if (!valid_utf8(rest)) return bad_parameters("a parameter is not UTF-8");
  unquoted_.clear();
  unquoted_.reserve(rest.size());  // no word of it moves while others are added
  while (!rest.empty()) {
    const std::size_t begin = unquoted_.size();
    char quote = '\0';
    std::size_t at = 0;
    for (; at < rest.size() && (quote != '\0' || !is_separator(rest[at])); ++at) {
      char c = rest[at];
      if (c == '\\') {
        if (++at == rest.size()) return bad_parameters("there is nothing behind the last backslash");
        c = rest[at];
      } else if (quote == '\0' ? c == '"' || c == '\'' : c == quote) {
        quote = quote == '\0' ? c : '\0';
        continue;
      }
      if (is_control(c) && c != '\t') return bad_parameters("there is a control character in a parameter");
      unquoted_.push_back(c);
    }
    if (quote != '\0') return bad_parameters("a quotation mark is not closed");
    if (parameters_ == most) {
      return bad_parameters("too many parameters, it is: " + std::string(usage) + "; quote words with spaces");
    }
    words_[parameters_++] = std::string_view(unquoted_).substr(begin);
    rest.remove_prefix(at);
    drop_separators(rest);
  }
  if (parameters_ < least) return bad_parameters("too few parameters, it is: " + std::string(usage));
  return {};
}

std::span<const Usage> usages() { return kUsages; }

}  // namespace dictd::dict
