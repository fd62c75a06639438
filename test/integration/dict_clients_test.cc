// Other people's clients against dictd: each looks a word up, matches, asks what databases there are where it can, and
// misses a word; what it prints has to be right to the byte.
//
// Those that are libraries, or have a screen, are driven by the small programs in dict_clients/. GoldenDict needs more of
// a desktop than a test has: its habits are played back. Not for the protocol itself (dict2229_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reactor/address.h"
#include "test/support/dictd.h"
#include "test/support/mariadb.h"
#include "test/support/peer.h"
#include "test/support/process.h"
#include "test/support/temp_dir.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

constexpr const char* kFruit =
    "apple\tn. a round fruit\n"
    "applet\tn. a small program\n"
    "back\\slash\tn. a leaning stroke\n"
    "café\tn. a place to drink coffee\n"
    "say \"hi\"\tv. to greet\n";
constexpr const char* kDrinks =
    "apple\tn. what cider is made of\n"
    "cider\tn. a drink\n";

// A dictd with two dictionaries, which all tests here share.
class DictClientsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto database = support::shared_database();
    support::load_words(database, "fruit", kFruit, "Fruit and more");
    support::load_words(database, "drinks", kDrinks, "Drinks");
    dictd_ = std::make_unique<support::Dictd>(
        database, std::vector<std::string>{"--dict-listen", "127.0.0.1:0", "--dictionaries", "fruit,drinks"});
    port_ = std::to_string(dictd_->logged_port("listening for DICT on 127.0.0.1:"));
  }
  static void TearDownTestSuite() { dictd_.reset(); }

  // Runs a client, with a home of its own.
  void expect(std::vector<std::string> arguments, int status, const testing::Matcher<const std::string&>& output,
              const testing::Matcher<const std::string&>& errors = testing::_) {
    const support::Outcome outcome = support::run({.arguments = std::move(arguments),
                                                   .environment = {{"HOME", home_.path()}, {"LC_ALL", "C.UTF-8"}},
                                                   .directory = home_.path()});
    EXPECT_THAT(outcome.output, output) << "It said beside:\n" << outcome.errors;
    EXPECT_THAT(outcome.errors, errors);
    EXPECT_EQ(outcome.status, status) << outcome.output << outcome.errors;
  }
  // One of dict_clients/.
  static std::string program(const std::string& name) {
    return std::filesystem::absolute(support::source_root() / "test/integration/dict_clients" / name);
  }

  static inline std::unique_ptr<support::Dictd> dictd_;
  static inline std::string port_;
  support::TempDir home_;
};

TEST_F(DictClientsTest, Dict) {
  const auto dict = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"dict", "--host", "127.0.0.1", "--port", port_});
    return arguments;
  };
  expect(dict({"apple"}), 0,
         "2 definitions found\n\nFrom Fruit and more [fruit]:\n\n  n. a round fruit\n\n"
         "From Drinks [drinks]:\n\n  n. what cider is made of\n");
  expect(dict({"--database", "drinks", "apple"}), 0,
         "1 definition found\n\nFrom Drinks [drinks]:\n\n  n. what cider is made of\n");
  expect(dict({"--match", "--strategy", "prefix", "app"}), 0, "fruit:  apple  applet\ndrinks:  apple\n");
  expect(dict({"--dbs"}), 0, "Databases available:\n fruit      Fruit and more\n drinks     Drinks\n");
  expect(dict({"zzzz"}), 20, "", "No definitions found for \"zzzz\"\n");
  expect(dict({"aple"}), 21, "",
         "No definitions found for \"aple\", perhaps you mean:\nfruit:  apple\ndrinks:  apple\n");
  expect(dict({"--database", "nosuch", "apple"}), 39, "",
         "nosuch is not a valid database, use -D for a list\nNo definitions found for \"apple\"\n");
  expect(dict({"café"}), 0, "1 definition found\n\nFrom Fruit and more [fruit]:\n\n  n. a place to drink coffee\n");
}

// It sends a word between quotes as it is, whatever quotes and backslashes that has; and, as it takes the first quote of
// an answer's headword for the end of that, it may call the dictionary by other names.
TEST_F(DictClientsTest, DictFindsWhatItDoesNotQuoteRight) {
  for (const auto& [word, meaning] : {std::pair{"say \"hi\"", "v. to greet"}, {"back\\slash", "n. a leaning stroke"}}) {
    expect({"dict", "--host", "127.0.0.1", "--port", port_, word}, 0,
           testing::AllOf(StartsWith("1 definition found\n"), EndsWith("]:\n\n  " + std::string(meaning) + "\n")));
  }
}

// It shows what came as it came: but for the banner, which has a number, to the byte.
TEST_F(DictClientsTest, Curl) {
  const auto curl = [&](const std::string& path, const std::string& answer) {
    expect({"curl", "--silent", "--show-error", "dict://127.0.0.1:" + port_ + path}, 0,
           testing::AllOf(StartsWith("220 "), EndsWith(">\r\n250 ok\r\n" + answer + "221 bye\r\n")));
  };
  curl("/d:cider:drinks",
       "150 1 definitions found\r\n151 \"cider\" drinks \"Drinks\"\r\nn. a drink\r\n.\r\n250 ok\r\n");
  curl("/d:say%20%22hi%22",
       "150 1 definitions found\r\n151 \"say \\\"hi\\\"\" fruit \"Fruit and more\"\r\nv. to greet\r\n.\r\n250 ok\r\n");
  curl("/m:app:fruit:prefix", "152 2 matches found\r\nfruit \"apple\"\r\nfruit \"applet\"\r\n.\r\n250 ok\r\n");
  curl("/show:db", "110 2 databases present\r\nfruit \"Fruit and more\"\r\ndrinks \"Drinks\"\r\n.\r\n250 ok\r\n");
  curl("/d:zzzz", "552 no match\r\n");
}

// It ends with 0 whatever came.
TEST_F(DictClientsTest, Dico) {
  const auto dico = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"dico", "--quiet", "--noauth", "--host=127.0.0.1", "--port=" + port_});
    return arguments;
  };
  expect(dico({"apple"}), 0, "From fruit, Fruit and more:\nn. a round fruit\n\n");
  expect(dico({"--database=drinks", "apple"}), 0, "From drinks, Drinks:\nn. what cider is made of\n\n");
  expect(dico({"--match", "--strategy=prefix", "--database=*", "app"}), 0,
         "fruit \"apple\"\nfruit \"applet\"\ndrinks \"apple\"\n");
  expect(dico({"--dbs"}), 0, "fruit \"Fruit and more\"\ndrinks \"Drinks\"\n");
  expect(dico({"zzzz"}), 0, "No match\n");
}

TEST_F(DictClientsTest, DicoclientOfPython) {
  expect({"/usr/bin/python3", program("dicoclient_user.py"), port_}, 0,
         "capabilities ['mime']\n"
         "databases {'count': 2, 'databases': [['fruit', 'Fruit and more'], ['drinks', 'Drinks']]}\n"
         "define {'count': 2, 'definitions': ["
         "{'term': 'apple', 'db': 'fruit', 'db_fullname': 'Fruit and more', 'desc': 'n. a round fruit'}, "
         "{'term': 'apple', 'db': 'drinks', 'db_fullname': 'Drinks', 'desc': 'n. what cider is made of'}]}\n"
         "match {'matches': {'fruit': ['apple', 'applet'], 'drinks': ['apple']}}\n"
         "miss 552 552\n"
         "option mime True\n"
         "define {'count': 1, 'definitions': [{'term': 'cider', 'db': 'drinks', 'db_fullname': 'Drinks', "
         "'content-type': 'text/plain; charset=utf-8', 'content-transfer-encoding': '8bit', 'desc': 'n. a drink'}]}\n"
         "match {'matches': {'drinks': ['cider']}}\n");
}

TEST_F(DictClientsTest, NetDictOfPerl) {
  expect({"perl", program("net_dict.pl"), port_}, 0,
         "database drinks|Drinks\n"
         "database fruit|Fruit and more\n"
         "define fruit|n. a round fruit\n\n"
         "define drinks|n. what cider is made of\n\n"
         "match fruit|apple\n"
         "match fruit|applet\n"
         "match drinks|apple\n"
         "misses 0 0\n"
         "message id as in RFC 822\n");
}

TEST_F(DictClientsTest, DictionaryOfEmacs) {
  expect({"emacs", "--batch", "-Q", "-l", program("dictionary.el"), port_}, 0,
         "== define\n2 definitions found\n\nFrom Fruit and more [fruit]:\n\nn. a round fruit\n\n"
         "From Drinks [drinks]:\n\nn. what cider is made of\n"
         "== match\n3 matching words found\n\nMatches from fruit:\n  apple\n  applet\n\n"
         "Matches from drinks:\n  apple\n"
         "== databases\nPlease select your default dictionary:\n\n*: All dictionaries\n"
         "!: The first matching dictionary\nfruit: Fruit and more (Details)\ndrinks: Drinks (Details)\n"
         "== miss\nNo match for \"zzzz\" with strategy \".\" in dictionary \"*\".\n");
}

// Before its own words others stand there, of what makes the screen readable.
TEST_F(DictClientsTest, GnomeDictionary) {
  expect({"dbus-run-session", "--", "xvfb-run", "--auto-servernum", "/usr/bin/python3", program("gnome_dictionary.py"),
          port_, home_.path()},
         0,
         EndsWith("define 'apple\\nn. a round fruit\\n \\n\\t-- From Fruit and more\\n\\n'\n"
                  "match ['apple', 'applet', 'apple']\n"
                  "strategies True\n"
                  "miss 'Error while looking up definition\\n\\nNo definitions found for “zzzz”'\n"));
}

// What GoldenDict does, played back: it asks for the databases before it has read the banner, takes what follows the
// banner's last space as the message id, and goes no further unless OPTION MIME is answered by 250.
class GoldenDictTest : public DictClientsTest {
 protected:
  GoldenDictTest() : peer_(support::Peer::connect(*reactor::parse_listen_address("127.0.0.1:" + port_))) {}

  void send(const std::string& line) { peer_.send(line + "\r\n"); }
  std::string line() {
    std::string text;
    while (!text.ends_with("\r\n")) text += peer_.receive(1);
    text.resize(text.size() - 2);
    return text;
  }
  // To the line that begins with this code, and that line.
  std::vector<std::string> lines_to(const std::string& code) {
    std::vector<std::string> lines{line()};
    while (!lines.back().starts_with(code)) lines.push_back(line());
    return lines;
  }

  support::Peer peer_;
};

TEST_F(GoldenDictTest, AsksForTheDatabasesBeforeTheBannerIsRead) {
  send("SHOW DB");
  const std::string banner = line();
  EXPECT_THAT(banner, StartsWith("220 "));
  EXPECT_THAT(banner.substr(banner.rfind(' ') + 1), testing::MatchesRegex("<[^<> ]+@[^<> ]+>"));
  EXPECT_THAT(lines_to("250"),
              ElementsAre("110 2 databases present", "fruit \"Fruit and more\"", "drinks \"Drinks\"", ".", "250 ok"));
}

TEST_F(GoldenDictTest, GoesOnAfterOptionMime) {
  EXPECT_THAT(line(), StartsWith("220 "));
  send("CLIENT GoldenDict");
  EXPECT_THAT(line(), StartsWith("250"));
  send("OPTION MIME");
  EXPECT_THAT(line(), StartsWith("250"));
  send("MATCH fruit prefix \"app\"");
  EXPECT_THAT(lines_to("250"),
              ElementsAre("152 2 matches found", "", "fruit \"apple\"", "fruit \"applet\"", ".", "250 ok"));
  send("DEFINE fruit \"apple\"");
  EXPECT_THAT(lines_to("250"), ElementsAre("150 1 definitions found", "151 \"apple\" fruit \"Fruit and more\"",
                                           "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
                                           "", "n. a round fruit", ".", "250 ok"));
  send("DEFINE fruit \"zzzz\"");
  EXPECT_EQ(line(), "552 no match");
  send("QUIT");
  EXPECT_THAT(line(), StartsWith("221"));
}

}  // namespace
}  // namespace integration
