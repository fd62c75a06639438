#include "words/markup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace words {
namespace {

struct Row {
  std::string markup;
  std::string text;
};

TEST(Markup, OfHtmlBecomesText) {
  const std::vector<Row> table = {
      {"", ""},
      {"plain text", "plain text"},
      {"<b>ap</b>ple, a&nbsp;fruit &amp; &#26524; &eacute;", "apple, a\u00A0fruit & 果 é"},
      {"one<br>two<br/>three", "one\ntwo\nthree"},
      {"  white \n\t space  ", "white space"},
      {"<p>one</p>\n<p>two</p>", "one\ntwo"},
      {"<div><div>one</div></div>two", "one\ntwo"},
      {"<ol>\n<li>first\n<li>second</ol>", "first\nsecond"},
      {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
      {"<pre>  a\n   b</pre>", "a\n   b"},
      {"a<!-- b --><script>c</script><style>d</style>e", "ae"},
      {"AT&T 1 < 2 > 0 <unknown x='1'>y", "AT&T 1 < 2 > 0 y"},
      {"not <b>closed <i>anywhere", "not closed anywhere"},
      {"果<b>苹</b>", "果苹"},
      {"<meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-1'>é", "é"},
      {"&lt;b&gt;", "<b>"},
  };
  for (const auto& [markup, text] : table) EXPECT_EQ(text_of(markup, Markup::kHtml), text) << markup;
}

TEST(Markup, OfXmlKeepsItsLines) {
  const std::vector<Row> table = {
      {"", ""},
      {"<span foreground=\"blue\">n.</span> fruit\n  <i>second</i> line", "n. fruit\n  second line"},
      {"a &lt;b&gt; &amp; &#x679C;", "a <b> & 果"},
      {"<ar><k>apple</k><def><dtrn>Apfel</dtrn><ex>an apple</ex></def></ar>", "apple\nApfel\nan apple"},
      {"<k>apple</k>\n<c c=\"green\">n.</c> fruit", "apple\nn. fruit"},
      {"a<br/>b", "a\nb"},
      {"<?xml version=\"1.0\"?><词条><原型><![CDATA[apple]]></原型><解释><![CDATA[n. <苹果>]]></解释></词条>",
       "apple\nn. <苹果>"},
  };
  for (const auto& [markup, text] : table) EXPECT_EQ(text_of(markup, Markup::kXml), text) << markup;
}

TEST(Markup, ThatIsNoXmlIsTakenAsHtml) {
  const std::vector<Row> table = {
      {"AT&T <b>n.", "AT&T n."},
      {"one<br>two", "one\ntwo"},
      {"&nbsp;a&eacute;", "\u00A0aé"},
      {"</x>a<x>b", "ab"},
  };
  for (const auto& [markup, text] : table) EXPECT_EQ(text_of(markup, Markup::kXml), text) << markup;
}

TEST(Markup, FetchesNothingAndExpandsNothing) {
  const std::string file = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><b>&e;</b>";
  const std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><b>&b;</b>";
  for (const Markup kind : {Markup::kHtml, Markup::kXml}) {
    EXPECT_EQ(text_of(file, kind).find("root"), std::string::npos);
    EXPECT_LT(text_of(bomb, kind).size(), bomb.size());
  }
}

TEST(Markup, MayBeNestedDeeply) {
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<i>";
  for (const Markup kind : {Markup::kHtml, Markup::kXml}) EXPECT_EQ(text_of(deep + "end", kind), "end");
}

}  // namespace
}  // namespace words
