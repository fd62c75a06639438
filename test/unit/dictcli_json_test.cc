// dictcli --json.
#include <gtest/gtest.h>

#include <string>

#include "dictcli/json.h"

namespace dictcli {
namespace {

TEST(JsonString, EscapesWhatJsonWantsEscaped) {
  struct Case {
    std::string text, json;
  };
  const std::vector<Case> cases{
      {"", R"("")"},
      {"apple", R"("apple")"},
      {"苹果", R"("苹果")"},
      {R"(a "quoted" \ word)", R"("a \"quoted\" \\ word")"},
      {"a/b", R"("a/b")"},
      {"line\nline", R"("line\nline")"},
      {"a\tb", R"("a\tb")"},
      {std::string("a\0b", 3), R"("a\u0000b")"},
      {"\x1b[2J", R"("\u001b[2J")"},
      {"\x7f", R"("\u007f")"},
      {"\u009b", R"("\u009b")"},
      {"\U0001f34e", "\"\U0001f34e\""},
      {"\xff", "\"\ufffd\""},
      {"\xe8\x8b", "\"\ufffd\ufffd\""},
  };
  for (const auto& [text, json] : cases) EXPECT_EQ(json_string(text), json);
}

TEST(Json, AWordThatWasFoundHasItsEntries) {
  EXPECT_EQ(json_found("china", {{"a", "China", "中国"}, {"a", "china", "瓷器"}}),
            R"({"word":"china","found":true,"entries":[{"dictionary":"a","headword":"China","meaning":"中国"},)"
            R"({"dictionary":"a","headword":"china","meaning":"瓷器"}]})"
            "\n");
}

TEST(Json, AMissHasTheWordsNearIt) {
  EXPECT_EQ(json_missed("appl", {"apple", "apply"}),
            "{\"word\":\"appl\",\"found\":false,\"near\":[\"apple\",\"apply\"]}\n");
  EXPECT_EQ(json_missed("qqq", {}), "{\"word\":\"qqq\",\"found\":false,\"near\":[]}\n");
}

TEST(Json, AMatchNamesTheDictionaryOfEachHeadword) {
  EXPECT_EQ(json_matches("app", {{"a", "apple"}, {"b", "\"app\""}}),
            R"({"word":"app","found":true,"matches":[{"dictionary":"a","headword":"apple"},)"
            R"({"dictionary":"b","headword":"\"app\""}]})"
            "\n");
  EXPECT_EQ(json_matches("qqq", {}), "{\"word\":\"qqq\",\"found\":false,\"matches\":[]}\n");
}

TEST(Json, ADictionaryIsAnObjectOfItsOwn) {
  EXPECT_EQ(json_dictionary({"wn", "WordNet \"3\"", 147306}),
            R"({"name":"wn","title":"WordNet \"3\"","headwords":147306})"
            "\n");
}

}  // namespace
}  // namespace dictcli
