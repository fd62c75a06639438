// phonetic.h, sentence by sentence.
#include "dictd/phonetic.h"

#include <utility>

#include "test/unit/index_fixture.h"

namespace dictd::index_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Codes = std::vector<std::pair<std::string, std::string>>;

std::string soundex_of(const std::string& word) {
  std::string code = "left over";
  soundex(key_of(word), code);
  return code;
}
std::string metaphone_of(const std::string& word) {
  std::string code = "left over";
  metaphone(key_of(word), code);
  return code;
}

TEST(Soundex, IsALetterAndThreeDigits) {
  const Codes codes = {
      {"Robert", "R163"},
      {"Rupert", "R163"},
      {"Rubin", "R150"},
      {"Lee", "L000"},
      {"Jackson", "J250"},
      {"Washington", "W252"},
      {"robert a. heinlein", "R163"},  // all words as one
      {"ray bradbury", "R163"},
      {"3com", "C500"},  // the first letter
      {"'hood", "H300"},
  };
  for (const auto& [word, code] : codes) EXPECT_EQ(soundex_of(word), code) << word;
}

TEST(Soundex, CountsLettersOfAClassOnceIfNothingStandsBetween) {
  const Codes codes = {
      {"Pfister", "P236"},                         // the first letter too
      {"Gutierrez", "G362"}, {"Tymczak", "T522"},  // c z; k behind a vowel
      {"Ashcraft", "A226"},                        // s h c: H stands between
      {"dt", "D000"},        {"d-t", "D000"},
  };
  for (const auto& [word, code] : codes) EXPECT_EQ(soundex_of(word), code) << word;
}

TEST(Soundex, TakesAccentsAwayAndKnowsNoOtherLetters) {
  const Codes codes = {{"Müller", "M460"}, {"Čapek", "C120"}, {"Nguyễn", "N250"}, {"Šibenik", "S152"}, {"苹果", ""},
                       {"Москва", ""},     {"123", ""},       {"", ""},           {"苹果 pie", "P000"}};
  for (const auto& [word, code] : codes) EXPECT_EQ(soundex_of(word), code) << word;
}

TEST(Metaphone, IsTheSoundsOfAWord) {
  const Codes codes = {
      {"phone", "FN"},         {"fone", "FN"},         {"knight", "NT"},
      {"night", "NT"},         {"nite", "NT"},         {"write", "RT"},
      {"right", "RT"},         {"gnome", "NM"},        {"aeon", "EN"},
      {"pneumonia", "NMN"},    {"xylophone", "SLFN"},  {"box", "BKS"},
      {"x-ray", "SR"},         {"whole", "WL"},        {"which", "WX"},
      {"thumb", "0M"},         {"number", "NMBR"},     {"science", "SNS"},
      {"special", "SPXL"},     {"school", "SKL"},      {"church", "XRX"},
      {"Christmas", "KRSTMS"}, {"accident", "AKSTNT"}, {"back", "BK"},
      {"judge", "JJ"},         {"ghost", "KST"},       {"sign", "SN"},
      {"signed", "SNT"},       {"signal", "SKNL"},     {"suggest", "SKST"},
      {"gem", "JM"},           {"catch", "KX"},        {"nation", "NXN"},
      {"Matthew", "M0"},       {"Asia", "AX"},         {"mission", "MXN"},
      {"shoe", "X"},           {"vacuum", "FKM"},      {"aardvark", "ARTFRK"},
      {"yellow", "YL"},        {"happy", "HP"},        {"ah", "A"},
      {"queen", "KN"},         {"zoo", "S"},
  };
  for (const auto& [word, code] : codes) EXPECT_EQ(metaphone_of(word), code) << word;
}

TEST(Metaphone, BeginsAnewWithEachWord) {
  EXPECT_EQ(metaphone_of("new knife"), "NNF");
  EXPECT_EQ(metaphone_of("the-knee"), "0N");
  EXPECT_EQ(metaphone_of("big x"), "BKS");
}

TEST(Metaphone, TakesAccentsAwayAndKnowsNoOtherLetters) {
  const Codes codes = {{"Élan", "ELN"}, {"façade", "FKT"}, {"苹果", ""}, {"Москва", ""}, {"", ""}};
  for (const auto& [word, code] : codes) EXPECT_EQ(metaphone_of(word), code) << word;
}

TEST(Sounds, AlikeAreFoundInTheOrderOfKeys) {
  const auto index =
      build(in_one_dictionary({"rupert", "Robert", "'ribbert", "émigré", "night", "knight", "苹果", "7"}));
  EXPECT_THAT(headwords(match(*index, "soundex", "robbard")), ElementsAre("'ribbert", "Robert", "rupert"));
  EXPECT_THAT(headwords(match(*index, "soundex", "emigre")), ElementsAre("émigré"));
  EXPECT_THAT(headwords(match(*index, "metaphone", "nite")), ElementsAre("knight", "night"));
  for (const auto* strategy : {"soundex", "metaphone"}) {
    for (const auto* word : {"苹果", "7", ""})
      EXPECT_THAT(match(*index, strategy, word), IsEmpty()) << strategy << word;
  }
}

}  // namespace
}  // namespace dictd::index_test
