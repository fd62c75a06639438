// fold.h, sentence by sentence; the properties that hold for all text are tried on every code point and on
// random text.
#include "dictd/fold.h"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace dictd {
namespace {

using namespace std::string_literals;

std::string folded(std::string_view word) {
  std::string key = "left over from the last word";
  fold(word, key);
  return key;
}

std::string utf8(utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(code_point, bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length)};
}

using Normalizer = utf8proc_uint8_t*(const utf8proc_uint8_t*);

std::string normalized(Normalizer* normalize, const std::string& text) {
  auto* bytes = normalize(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
  std::string result = reinterpret_cast<const char*>(bytes);
  std::free(bytes);  // utf8proc hands over memory of malloc
  return result;
}

// The blocks in which folding or normalising changes something, and a sample of the rest.
bool is_worth_a_try(utf8proc_int32_t c) {
  if (c >= 0xd800 && c <= 0xdfff) return false;  // surrogates
  return c < 0x3400 || (c >= 0xa000 && c < 0xac00) || (c >= 0xf900 && c < 0x12000) || (c >= 0x1d000 && c < 0x1f000) ||
         (c >= 0x2f800 && c < 0x2fa20) || c % 97 == 0;
}

// Code points alone, but NUL; and short texts of letters and marks that compose, reorder and fold.
std::vector<std::string> all_kinds_of_text() {
  std::vector<std::string> texts;
  for (utf8proc_int32_t c = 1; c <= 0x10ffff; ++c) {
    if (is_worth_a_try(c)) texts.push_back(utf8(c));
  }
  constexpr std::array<utf8proc_int32_t, 26> kDifficult = {
      'a',    'A',    'e',    'i',    'I',    's',    'S',    ' ',    0xa0,   0x3000, 0x0130, 0x0131, 0x00df,
      0x1e9e, 0x03b1, 0x0391, 0x1fb3, 0x1fb4, 0x0345, 0x0301, 0x0323, 0x0307, 0x03c2, 0x1100, 0x1161, 0x4e00};
  std::mt19937 random(1);
  for (int n = 0; n < 10'000; ++n) {
    std::string text;
    for (auto length = 2 + random() % 6; length > 0; --length) text += utf8(kDifficult[random() % kDifficult.size()]);
    texts.push_back(text);
  }
  return texts;
}

TEST(ValidUtf8, AcceptsWellFormedText) {
  for (const auto& text : {""s, "a"s, "plain words of more than eight bytes"s, "苹果"s, "café"s, "a\0b"s, "\x7f"s,
                           "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s, "\xef\xbf\xbf"s,
                           "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s, "twelve bytes and 😀"s}) {
    EXPECT_TRUE(valid_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(ValidUtf8, RejectsEverythingElseWhereverItStands) {
  const std::vector<std::string> bad = {
      "\x80",  // a continuation with nothing to continue
      "\xbf",
      "\xc0\x80",          // overlong NUL
      "\xc1\xbf",          // overlong 0x7f
      "\xe0\x9f\xbf",      // overlong U+07FF
      "\xf0\x8f\xbf\xbf",  // overlong U+FFFF
      "\xed\xa0\x80",      // surrogates, first and last
      "\xed\xbf\xbf",
      "\xf4\x90\x80\x80",  // U+110000
      "\xf5\x80\x80\x80",
      "\xf8\x88\x80\x80\x80",
      "\xfe",
      "\xff",
      "\xc3",  // cut off
      "\xe8\x8b",
      "\xf0\x9f\x98",
      "\xc3(",  // continued by something else
      "\xe8\x8b(",
  };
  for (const auto& bytes : bad) {
    for (std::size_t before = 0; before < 17; ++before) {
      EXPECT_FALSE(valid_utf8(std::string(before, 'a') + bytes)) << before << testing::PrintToString(bytes);
      EXPECT_FALSE(valid_utf8(std::string(before, 'a') + bytes + "after")) << testing::PrintToString(bytes);
      EXPECT_FALSE(valid_utf8("果" + std::string(before, 'a') + bytes)) << testing::PrintToString(bytes);
    }
  }
}

TEST(CountCharacters, CountsCodePoints) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("apple"), 5U);
  EXPECT_EQ(count_characters("苹果"), 2U);
  EXPECT_EQ(count_characters("é"), 1U);
  EXPECT_EQ(count_characters("e\u0301"), 2U);
  EXPECT_EQ(count_characters("😀!"), 2U);
}

TEST(Trim, TakesWhiteSpaceOffBothEndsOnly) {
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("apple"), "apple");
  EXPECT_EQ(trim(" \t\r\n\v\f apple\n"), "apple");
  EXPECT_EQ(trim("  ice  cream "), "ice  cream");
  EXPECT_EQ(trim(" \u3000\u00a0 "), "");
}

TEST(Trim, KnowsEveryWhiteSpaceOfUnicodeAndNothingElse) {
  const std::vector<std::string> spaces = {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085",
                                           "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                           "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                           "\u2029", "\u202f", "\u205f", "\u3000"};
  std::size_t found = 0;
  for (utf8proc_int32_t c = 0; c <= 0x10ffff; ++c) {
    if ((c < 0xd800 || c > 0xdfff) && trim(utf8(c)).empty()) ++found;
  }
  EXPECT_EQ(found, spaces.size());
  for (const auto& space : spaces) EXPECT_EQ(trim(space + "果" + space + space), "果") << testing::PrintToString(space);
}

TEST(Trim, TakesBytesThatAreNotUtf8ForWords) {
  EXPECT_EQ(trim(" \xff "), "\xff");
  EXPECT_EQ(trim(" \x80\x80 "), "\x80\x80");
  EXPECT_EQ(trim("a \x80"), "a \x80");
  EXPECT_EQ(trim("\xe3\x80 "), "\xe3\x80");
}

TEST(Trim, IsAViewIntoItsArgument) {
  const std::string text = "  apple ";
  EXPECT_EQ(trim(text).data(), text.data() + 2);
}

TEST(Fold, MakesTheSameWordTheSameKey) {
  const std::vector<std::pair<std::string, std::string>> same = {
      {"Apple", "apple"},
      {"STRASSE", "straße"},
      {"STRAẞE", "straße"},
      {"CAFÉ", "café"},
      {"CAFE\u0301", "café"},
      {"ΣΑΣ", "σας"},
      {"Москва", "МОСКВА"},
      {"ﬁre", "FIRE"},
      {"\u212bngstr\u00f6m", "a\u030angstro\u0308m"},
      {"\u1100\u1161", "가"},
      {"ice\u3000\u00a0 cream", "Ice Cream"},
      {"\t ice cream\n", "ice cream"},
      {"α\u0345\u0301", "α\u0301\u0345"},
  };
  for (const auto& [one, other] : same) EXPECT_EQ(folded(one), folded(other)) << one << " " << other;
}

TEST(Fold, KeepsDifferentWordsApart) {
  const std::vector<std::pair<std::string, std::string>> different = {
      {"cafe", "café"}, {"m²", "m2"}, {"i", "ı"}, {"icecream", "ice cream"}, {"果", "菓"}, {"a\u200bb", "ab"}};
  for (const auto& [one, other] : different) EXPECT_NE(folded(one), folded(other)) << one << " " << other;
}

TEST(Fold, KeysAreWhatTheyLookLike) {
  const std::vector<std::pair<std::string, std::string>> keys = {{"", ""},
                                                                 {" \t\u3000 ", ""},
                                                                 {"  APPLE  Pie ", "apple pie"},
                                                                 {"Straße", "strasse"},
                                                                 {"CAFÉ", "café"},
                                                                 {"苹果 ", "苹果"},
                                                                 {"@[`{", "@[`{"},
                                                                 {"a\0B"s, "a\0b"s},
                                                                 {"É\u3000 É", "é é"}};
  for (const auto& [word, key] : keys) EXPECT_EQ(folded(word), key) << word;
}

TEST(Fold, OfAKeyIsTheSameKey) {
  for (const auto& text : all_kinds_of_text()) {
    const auto key = folded(text);
    ASSERT_EQ(folded(key), key) << testing::PrintToString(text);
  }
}

TEST(Fold, IsTheSameForComposedAndDecomposedSpellings) {
  for (const auto& text : all_kinds_of_text()) {
    const auto key = folded(text);
    ASSERT_EQ(folded(normalized(utf8proc_NFD, text)), key) << testing::PrintToString(text);
    ASSERT_EQ(folded(normalized(utf8proc_NFC, text)), key) << testing::PrintToString(text);
  }
}

TEST(Fold, MakesKeysThatAreValidUtf8InNfcAndWithinTheGrowth) {
  for (const auto& text : all_kinds_of_text()) {
    const auto key = folded(text);
    ASSERT_TRUE(valid_utf8(key)) << testing::PrintToString(text);
    ASSERT_EQ(normalized(utf8proc_NFC, key), key) << testing::PrintToString(text);
    ASSERT_LE(key.size(), kMaxKeyGrowth * text.size()) << testing::PrintToString(text);
  }
}

TEST(Fold, OfAsciiIsTheSameOnBothWays) {
  for (utf8proc_int32_t c = 1; c < 0x80; ++c) {
    const auto word = "x" + utf8(c) + "y";
    EXPECT_EQ(folded(word) + "果", folded(word + "果")) << c;
  }
}

TEST(Fold, OfAsciiStaysInTheMemoryOfTheKey) {
  std::string key;
  key.reserve(300);
  const auto* const memory = key.data();
  fold("A Word Longer Than A Short String Would Be", key);
  EXPECT_EQ(key, "a word longer than a short string would be");
  EXPECT_EQ(key.data(), memory);
}

TEST(Fold, TakesTheLongestWord) {
  std::string longest;
  std::string expected;
  for (std::size_t n = 0; n < kMaxWordCharacters; ++n) {
    longest += "ΐ";  // folds to three code points and is composed again
    expected += "ΐ";
  }
  EXPECT_EQ(folded(longest), expected);
}

TEST(FoldKeepingCase, TellsWordsApartByTheirCaseOnly) {
  const auto form_of = [](const std::string& word) {
    std::string form = "left over";
    fold_keeping_case(word, form);
    return form;
  };
  const std::vector<std::pair<std::string, std::string>> forms = {{"", ""},
                                                                  {" Polish\t", "Polish"},
                                                                  {"Ice \u3000 Cream", "Ice Cream"},
                                                                  {"Cafe\u0301", "Café"},
                                                                  {"Straße", "Straße"}};
  for (const auto& [word, form] : forms) EXPECT_EQ(form_of(word), form) << word;
  for (const auto& text : all_kinds_of_text()) {
    ASSERT_EQ(folded(form_of(text)), folded(text)) << testing::PrintToString(text);
    ASSERT_EQ(form_of(form_of(text)), form_of(text)) << testing::PrintToString(text);
  }
}

std::string bare(const std::string& key) {
  std::string form = "left over";
  bare_form(key, form);
  return form;
}

TEST(BareForm, HasNoAccentsAndNoPunctuation) {
  const std::vector<std::pair<std::string, std::string>> forms = {
      {"", ""},
      {"apple", "apple"},
      {"naïve café", "naive cafe"},
      {"ice-cream", "icecream"},
      {"o'clock", "oclock"},
      {"rock 'n' roll", "rock n roll"},
      {"a - b", "a b"},
      {"c++", "c"},
      {"4×4", "44"},
      {"…!", ""},
      {"苹果（树）", "苹果树"},
      {"tiếng việt", "tieng viet"},
      {"ἀγάπη", "αγαπη"},
      {"й", "и"},
      {"שָׁלוֹם", "שלום"},
      {"Café", "Cafe"},              // a form with its case
      {"q\u0307", "q"},              // composed with nothing
      {"❤\ufe0f", ""},               // a variation selector is a mark, but not to be seen
      {"smørrebrød", "smørrebrød"},  // no accent, but letters
      {"がぎ", "がぎ"},              // another sound, not かき
      {"हिन्दी", "हिन्दी"},            // vowels and a virama
      {"m²", "m²"},                  // a digit
  };
  for (const auto& [key, form] : forms) EXPECT_EQ(bare(key), form) << key;
}

TEST(BareForm, OfItselfIsItselfAndSoIsItsKey) {
  for (const auto& text : all_kinds_of_text()) {
    const auto form = bare(folded(text));
    ASSERT_EQ(bare(form), form) << testing::PrintToString(text);
    ASSERT_EQ(folded(form), form) << testing::PrintToString(text);
    ASSERT_EQ(normalized(utf8proc_NFC, form), form) << testing::PrintToString(text);
  }
}

TEST(BareForm, OfAsciiIsTheSameOnBothWays) {
  for (utf8proc_int32_t c = 1; c < 0x80; ++c) {
    const auto key = "x" + utf8(c) + "y";
    EXPECT_EQ(bare(key) + "果", bare(key + "果")) << c;
  }
}

TEST(InWord, AreLettersDigitsAndMarks) {
  for (const auto* text : {"a", "Z", "7", "é", "ß", "果", "\u0301", "ी", "Ⅷ", "²"}) {
    EXPECT_TRUE(begins_in_word(text + "-"s)) << text;
    EXPECT_TRUE(ends_in_word("-"s + text)) << text;
  }
  for (const auto* text : {" ", "-", "'", "_", "、", "\u3000", "+", "€", "😀"}) {
    EXPECT_FALSE(begins_in_word(text + "a"s)) << text;
    EXPECT_FALSE(ends_in_word("a"s + text)) << text;
  }
  EXPECT_FALSE(begins_in_word(""));
  EXPECT_FALSE(ends_in_word(""));
}

TEST(FoldPlain, DoesAsFoldOrDeclines) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string word = "aB" + std::string(1, static_cast<char>(byte)) + "Z~!";
    std::string key;
    const bool plain = byte > 0x20 && byte < 0x7f;
    ASSERT_EQ(fold_plain(word, key), plain) << byte;
    if (plain) {
      EXPECT_EQ(key, folded(word)) << byte;
    }
  }
  std::string key = "what was there before, and is longer";
  EXPECT_TRUE(fold_plain("Short", key));
  EXPECT_EQ(key, "short");
}

}  // namespace
}  // namespace dictd
