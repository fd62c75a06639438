#include "dictd/phonetic.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "dictd/fold.h"
#include "dictd/key_order.h"
#include "dictd/matches.h"

namespace dictd {
namespace {

// What is no Latin letter, and so parts words.
constexpr char kGap = ' ';
constexpr std::size_t kSoundexLength = 4;

// Takes the character at the front off a key: a letter without its accents, or kGap.
char take_letter(std::string_view& key) {
  const auto character = FromFront::first_character(key);
  key.remove_prefix(character.size());
  if (character.size() == 1) return character[0] >= 'a' && character[0] <= 'z' ? character[0] : kGap;
  // No other characters are Latin letters with accents: U+0080 to U+027F, U+1000 to U+1FFF.
  const auto lead = static_cast<unsigned char>(character[0]);
  if (lead > 0xc9 && lead != 0xe1) return kGap;
  std::string bare;
  bare_form(character, bare);
  return bare.size() == 1 && bare[0] >= 'a' ? bare[0] : kGap;
}

char upper(char letter) { return static_cast<char>(letter - 'a' + 'A'); }

// Some small letters, a bit each.
class Letters {
 public:
  explicit constexpr Letters(std::string_view letters) {
    for (const char letter : letters) bits_ |= bit(letter);
  }
  // `c` is a small letter or NUL.
  [[nodiscard]] constexpr bool has(char c) const { return c != '\0' && (bits_ & bit(c)) != 0; }

 private:
  static constexpr std::uint32_t bit(char letter) { return std::uint32_t{1} << static_cast<unsigned>(letter - 'a'); }
  std::uint32_t bits_ = 0;
};

constexpr Letters kVowels("aeiou");
constexpr Letters kSoftening("eiy");    // of a C or G before them
constexpr Letters kSilencing("cgpst");  // of an H behind them
constexpr Letters kAOrO("ao");

bool is_vowel(char c) { return kVowels.has(c); }
bool softens(char c) { return kSoftening.has(c); }

// The sounds of one word of small letters, by the rules of Metaphone; lives for it.
class Sounds {
 public:
  Sounds(std::string_view word, std::string& code) : word_(word), code_(code) {}

  void append() && {
    const auto first = begin();
    for (; at_ < word_.size(); ++at_) {
      const char letter = peek(0);
      if (is_vowel(letter)) {
        if (at_ == first) say(letter);
      } else if (letter != peek(1) || letter == 'c') {
        consonant(letter);
      }
    }
  }

 private:
  // Says a beginning that sounds as nowhere else. Answers which letter is the first that is not silent.
  std::size_t begin() {
    constexpr std::array<std::string_view, 5> kSilentFirst{"ae", "gn", "kn", "pn", "wr"};
    if (word_.starts_with("wh")) {
      say('w');
      at_ = 2;
    } else if (word_.starts_with('x')) {
      say('s');
      at_ = 1;
    } else if (std::ranges::find(kSilentFirst, word_.substr(0, 2)) != kSilentFirst.end()) {
      at_ = 1;
      return 1;
    }
    return 0;
  }

  void consonant(char letter) {
    switch (letter) {
      case 'b': return say_unless(peek(-1) == 'm' && peek(1) == '\0', 'b');
      case 'c': return c();
      case 'd': return say(peek(1) == 'g' && softens(peek(2)) ? 'j' : 't');
      case 'g': return g();
      case 'h': return say_unless(kSilencing.has(peek(-1)) || !is_vowel(peek(1)), 'h');
      case 'k': return say_unless(peek(-1) == 'c', 'k');
      case 'p': return say(peek(1) == 'h' ? 'f' : 'p');
      case 'q': return say('k');
      case 's': return say(peek(1) == 'h' || (peek(1) == 'i' && kAOrO.has(peek(2))) ? 'x' : 's');
      case 't': return t();
      case 'v': return say('f');
      case 'w':
      case 'y': return say_unless(!is_vowel(peek(1)), letter);
      case 'x': say('k'); return say('s');
      case 'z': return say('s');
      default: return say(letter);
    }
  }
  void c() {
    if (peek(1) == 'i' && peek(2) == 'a') return say('x');
    if (softens(peek(1))) return say_unless(peek(-1) == 's', 's');
    const bool hard = peek(-1) == 's' || (at_ == 0 && !is_vowel(peek(2)));
    say(peek(1) == 'h' && !hard ? 'x' : 'k');
  }
  void g() {
    if (peek(1) == 'h') return say_unless(!is_vowel(peek(2)), 'k');
    const auto rest = word_.substr(at_);
    if (rest == "gn" || rest == "gned" || (peek(-1) == 'd' && softens(peek(1)))) return;
    say(softens(peek(1)) && peek(-1) != 'g' ? 'j' : 'k');
  }
  void t() {
    if (peek(1) == 'h') return code_.push_back('0');
    if (peek(1) == 'i' && kAOrO.has(peek(2))) return say('x');
    say_unless(peek(1) == 'c' && peek(2) == 'h', 't');
  }

  // The letter so far from the one that is at turn, or NUL.
  [[nodiscard]] char peek(int offset) const {
    const auto n = at_ + static_cast<std::size_t>(offset);
    return n < word_.size() ? word_[n] : '\0';
  }
  void say(char sound) { code_.push_back(upper(sound)); }
  void say_unless(bool silent, char sound) {
    if (!silent) say(sound);
  }

  std::string_view word_;
  std::string& code_;
  std::size_t at_ = 0;
};

// Gives the Soundex of a key to `take`, a character at a time, until that answers false. Whether it never did.
template <typename Take>
bool each_of_soundex(std::string_view key, Take take) {
  constexpr char kUncoded = '0';
  constexpr std::string_view kClasses = "01230120022455012623010202";  // of a to z
  std::size_t taken = 0;
  for (char last = kUncoded; !key.empty() && taken < kSoundexLength;) {
    const char letter = take_letter(key);
    if (letter == kGap) continue;
    const char its_class = kClasses[static_cast<std::size_t>(letter - 'a')];
    const bool counts = taken == 0 || (its_class != kUncoded && its_class != last);
    if (counts && !take(taken++ == 0 ? upper(letter) : its_class)) return false;
    last = its_class;
  }
  for (; taken > 0 && taken < kSoundexLength; ++taken) {
    if (!take(kUncoded)) return false;
  }
  return true;
}

// Most keys are told apart by their second letter.
bool has_soundex(std::string_view key, std::string_view sound, std::string& /*code*/) {
  std::size_t n = 0;
  return each_of_soundex(key, [&](char c) { return c == sound[n++]; }) && n > 0;
}

bool has_metaphone(std::string_view key, std::string_view sound, std::string& code) {
  metaphone(key, code);
  return code == sound;
}

// Adds the keys of a range that sound as the word does. False if it is done before the end of the range.
template <auto has_sound>
Result<bool> find_sound(const Question& question, KeyRange keys, std::string_view sound, Matches& matches) {
  constexpr std::size_t kKeysBetweenLooksAtTheClock = 1024;
  constexpr std::size_t kFetchedAhead = 16;
  std::string code;  // kept for its memory
  for (std::size_t n = 0; n < keys.size(); ++n) {
    if (n % kKeysBetweenLooksAtTheClock == 0 && is_overdue(question)) return tl::unexpected(took_too_long());
    if (n + kFetchedAhead < keys.size()) question.index.fetch(keys[n + kFetchedAhead]);
    if (has_sound(question.index.key(keys[n]), sound, code) && !matches.add(keys[n])) return false;
  }
  return true;
}

// Where words may be of that Soundex: behind the same letter, and behind what is no Latin letter or has an accent.
std::array<KeyRange, 3> ranges_of_soundex(const Index& index, const std::string& code) {
  const auto keys = index.by_front();
  const auto where = [&](std::string_view begin) {
    return std::ranges::lower_bound(keys, begin, {}, [&](Index::Place place) { return index.key(place); });
  };
  const char letter = static_cast<char>(code.front() - 'A' + 'a');
  return {KeyRange(keys.begin(), where("a")), narrow<FromFront>(index, keys, 0, {&letter, 1}),
          KeyRange(where("{"), keys.end())};
}

}  // namespace

void soundex(std::string_view key, std::string& code) {
  code.clear();
  each_of_soundex(key, [&](char c) {
    code.push_back(c);
    return true;
  });
}

void metaphone(std::string_view key, std::string& code) {
  code.clear();
  std::string word;
  while (!key.empty()) {
    word.clear();
    for (char letter = 'a'; !key.empty() && (letter = take_letter(key)) != kGap;) word.push_back(letter);
    Sounds(word, code).append();
  }
}

Result<void> find_soundex(const Question& question, Matches& matches) {
  std::string sound;
  soundex(question.sought.key, sound);
  if (sound.empty()) return {};
  for (const auto keys : ranges_of_soundex(question.index, sound)) {
    const auto goes_on = find_sound<has_soundex>(question, keys, sound, matches);
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (!*goes_on) break;
  }
  return {};
}

bool is_quick_soundex(const Question& question) {
  std::string sound;
  soundex(question.sought.key, sound);
  if (sound.empty()) return true;
  std::size_t keys = 0;
  for (const auto range : ranges_of_soundex(question.index, sound)) keys += range.size();
  return keys <= kQuickKeys;
}

Result<void> find_metaphone(const Question& question, Matches& matches) {
  std::string sound;
  metaphone(question.sought.key, sound);
  if (sound.empty()) return {};
  return find_sound<has_metaphone>(question, question.index.by_front(), sound, matches).map([](bool) {});
}

}  // namespace dictd
