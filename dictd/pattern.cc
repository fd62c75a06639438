// Three things make it fast. A pattern that is anchored and begins with letters has only the keys that do so to look at.
// One that needs certain parts (RE2 knows which) is tried only on the keys that have one. And otherwise one search passes
// over a block of many keys, a line each.
#include "dictd/pattern.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dictd/key_lines.h"
#include "dictd/key_order.h"
#include "dictd/matches.h"

namespace dictd {
namespace {

constexpr std::int64_t kMaxPatternMemory = std::int64_t{8} << 20;
constexpr int kFewestPartBytes = 2;    // shorter ones are in too many keys
constexpr std::size_t kMostParts = 8;  // with more, as many searches for them take longer than the pattern's one

Error bad_pattern(std::string what) { return {ErrorCode::kBadRequest, "the pattern " + std::move(what)}; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
bool is_letter_digit_or_space(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
}

// Whether there is, or may be, a | outside parentheses.
bool has_alternatives(std::string_view pattern) {
  if (pattern.find('|') == std::string_view::npos) return false;
  int depth = 0;
  for (const char c : pattern) {
    if (c == '[' || c == '\\' || (c == '|' && depth == 0)) return true;
    if (c == '(') ++depth;
    if (c == ')') --depth;
  }
  return false;
}

// What every key that an extended expression matches begins with; perhaps less.
std::string literal_beginning(std::string_view pattern) {
  std::string beginning;
  if (!pattern.starts_with('^') || has_alternatives(pattern)) return beginning;
  pattern.remove_prefix(1);
  const auto literal = std::ranges::find_if_not(pattern, is_letter_digit_or_space);
  for (auto at = pattern.begin(); at != literal; ++at) {
    beginning.push_back(*at >= 'A' && *at <= 'Z' ? static_cast<char>(*at - 'A' + 'a') : *at);
  }
  const bool last_is_optional = literal != pattern.end() && (*literal == '*' || *literal == '?' || *literal == '{');
  if (last_is_optional && !beginning.empty()) beginning.pop_back();
  return beginning;
}

RE2::Options options() {
  RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_word_boundary(true);
  options.set_case_sensitive(false);
  options.set_one_line(false);  // ^ and $ are the ends of a line,
  options.set_never_nl(true);   // and nothing goes beyond it
  options.set_max_mem(kMaxPatternMemory);
  options.set_log_errors(false);
  return options;
}

// What is wrong with an expression, in plain words.
Error explain(const RE2& expression) {
  const auto quoted = ": " + expression.error_arg();
  switch (expression.error_code()) {
    case RE2::ErrorBadEscape: return bad_pattern("has a backslash before what it does not go with" + quoted);
    case RE2::ErrorBadCharClass: return bad_pattern("has a class in brackets that there is not" + quoted);
    case RE2::ErrorBadCharRange: return bad_pattern("has a range in brackets that is none" + quoted);
    case RE2::ErrorMissingBracket: return bad_pattern("has a [ without its ]" + quoted);
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen: return bad_pattern("has a parenthesis without the other one" + quoted);
    case RE2::ErrorTrailingBackslash: return bad_pattern("ends in a backslash");
    case RE2::ErrorRepeatArgument: return bad_pattern("repeats what is not there" + quoted);
    case RE2::ErrorRepeatSize: return bad_pattern("repeats more often than 1,000 times" + quoted);
    case RE2::ErrorPatternTooLarge: return bad_pattern("is too large once its counts are written out");
    default: return bad_pattern("is none: " + expression.error());
  }
}

// One expression and its search through the keys; lives for it.
class Search {
 public:
  // `pattern` is an extended expression.
  static Result<Search> make(std::string_view pattern) {
    if (pattern.size() > kMaxPatternBytes) {
      return tl::unexpected(bad_pattern("is longer than " + std::to_string(kMaxPatternBytes) + " bytes"));
    }
    Search search;
    int id = 0;
    if (search.filter_.Add(pattern, options(), &id) != RE2::NoError) {
      return tl::unexpected(explain(RE2(pattern, options())));
    }
    search.choose_parts();
    search.beginning_ = literal_beginning(pattern);
    return search;
  }

  Result<void> find(const Question& question, Matches& matches) {
    const auto& index = question.index;
    KeyLines lines(index, narrow<FromFront>(index, index.by_front(), 0, beginning_), block_bytes());
    while (lines.next()) {
      if (is_overdue(question)) return tl::unexpected(took_too_long());
      if (!(parts_.empty() ? add_lines(lines, matches) : add_lines_with_parts(lines, matches))) break;
    }
    return {};
  }

 private:
  Search() : filter_(kFewestPartBytes) {}

  // Finds of which parts a key must have one: the longest that every key must have, or else all of them, if they are few.
  // Only those in ASCII, which are surely written in a key as RE2 gives them: in small letters.
  void choose_parts() {
    filter_.Compile(&parts_);
    std::string needed;
    std::vector<int> others;
    for (std::size_t n = 0; n < parts_.size(); ++n) {
      others.clear();
      for (std::size_t other = 0; other < parts_.size(); ++other) {
        if (other != n) others.push_back(static_cast<int>(other));
      }
      if (!can_match_with(others) && parts_[n].size() > needed.size() && is_ascii(parts_[n])) needed = parts_[n];
    }
    if (!needed.empty()) {
      parts_ = {needed};
    } else if (can_match_with({}) || parts_.size() > kMostParts || !std::ranges::all_of(parts_, is_ascii)) {
      parts_.clear();
    }
  }

  // Whether a key with only these parts, by their number, may match.
  [[nodiscard]] bool can_match_with(const std::vector<int>& parts) const {
    std::vector<int> expressions;
    filter_.AllPotentials(parts, &expressions);
    return !expressions.empty();
  }

  [[nodiscard]] const RE2& expression() const { return filter_.GetRE2(0); }

  // So much text that a search through it looks at the clock in time: it may cost a step for each byte and instruction.
  [[nodiscard]] std::size_t block_bytes() const {
    constexpr std::size_t kSteps = std::size_t{4} << 20;
    return std::min(KeyLines::kBlockBytes, kSteps / static_cast<std::size_t>(std::max(expression().ProgramSize(), 1)));
  }

  // These add what matches; false if nothing that comes later can be in the answer.
  bool add_lines(const KeyLines& lines, Matches& matches) {
    const re2::StringPiece text = lines.text();
    re2::StringPiece match;
    for (std::size_t at = 0;
         at < text.size() && expression().Match(text, at, text.size(), RE2::UNANCHORED, &match, 1);) {
      const auto line = lines.at(static_cast<std::size_t>(match.data() - text.data()));
      if (!matches.add(line.place)) return false;
      at = line.next();
    }
    return true;
  }
  bool add_lines_with_parts(const KeyLines& lines, Matches& matches) {
    std::vector<std::size_t> begins;
    for (const auto& part : parts_) {
      for (std::size_t at = 0; (at = lines.find(part, at)) != std::string_view::npos;) {
        const auto line = lines.at(at);
        begins.push_back(line.begin);
        at = line.next();
      }
    }
    std::ranges::sort(begins);
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    return std::ranges::all_of(begins, [&](std::size_t begin) {
      const auto line = lines.at(begin);
      return !RE2::PartialMatch(line.key, expression()) || matches.add(line.place);
    });
  }

  re2::FilteredRE2 filter_;  // of the one expression
  std::vector<std::string> parts_;
  std::string beginning_;
};

// Rewrites one basic expression; lives for it.
class Rewriting {
 public:
  explicit Rewriting(std::string_view basic) : basic_(basic) {}

  Result<std::string> extended() && {
    while (at_ < basic_.size()) {
      const bool at_begin = std::exchange(at_begin_, false);
      const char c = basic_[at_++];
      if (c == '\\' && at_ < basic_.size()) {
        if (!escaped(basic_[at_++])) return tl::unexpected(bad_pattern("refers back to what another part matched"));
      } else if (c == '[') {
        if (!bracket())
          return tl::unexpected(bad_pattern("has a bracket that does not end, or with more than classes"));
      } else if (c == '^' && at_begin) {
        at_begin_ = true;
        extended_.push_back(c);
      } else {
        const bool stands_for_itself = (c == '*' && at_begin) || c == '^' || (c == '$' && !at_end()) ||
                                       std::string_view("(){}|+?").find(c) != std::string_view::npos;
        if (stands_for_itself) extended_.push_back('\\');
        extended_.push_back(c);
      }
    }
    return std::move(extended_);
  }

 private:
  // Whether a part of the pattern ends here.
  [[nodiscard]] bool at_end() const {
    const auto rest = basic_.substr(at_);
    return rest.empty() || rest.starts_with("\\)") || rest.starts_with("\\|");
  }

  // What is behind a backslash. False for a back-reference.
  bool escaped(char c) {
    if (c >= '1' && c <= '9') return false;
    if (c == '<' || c == '>') {
      extended_.append("\\b");
      return true;
    }
    at_begin_ = c == '(' || c == '|';
    if (std::string_view("(){}|+?").find(c) == std::string_view::npos) extended_.push_back('\\');
    extended_.push_back(c);
    return true;
  }

  // What is behind a [, up to its ]. False if there is none.
  bool bracket() {
    extended_.push_back('[');
    if (at_ < basic_.size() && basic_[at_] == '^') extended_.push_back(basic_[at_++]);
    for (const auto first = at_; at_ < basic_.size(); ++at_) {
      const char c = basic_[at_];
      if (c == ']' && at_ > first) {
        extended_.push_back(basic_[at_++]);
        return true;
      }
      const auto rest = basic_.substr(at_);
      if (rest.starts_with("[:")) {
        const auto end = rest.find(":]");
        if (end == std::string_view::npos) return false;
        extended_.append(rest.substr(0, end + 2));
        at_ += end + 1;
        continue;
      }
      if (rest.starts_with("[.") || rest.starts_with("[=")) return false;
      if (c == '\\' || c == '[' || c == ']' || c == '^') extended_.push_back('\\');
      extended_.push_back(c);
    }
    return false;
  }

  std::string_view basic_;
  std::size_t at_ = 0;
  bool at_begin_ = true;  // of a part of the pattern
  std::string extended_;
};

}  // namespace

Result<std::string> extended_from_basic(std::string_view pattern) { return Rewriting(pattern).extended(); }

Result<void> find_extended(const Question& question, Matches& matches) {
  auto search = Search::make(question.sought.word);
  if (!search) return tl::unexpected(std::move(search).error());
  return search->find(question, matches);
}

Result<void> find_basic(const Question& question, Matches& matches) {
  const auto extended = extended_from_basic(question.sought.word);
  if (!extended) return tl::unexpected(extended.error());
  auto search = Search::make(*extended);
  if (!search) return tl::unexpected(std::move(search).error());
  return search->find(question, matches);
}

}  // namespace dictd
