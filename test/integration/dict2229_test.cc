// The DICT port as a client meets it: each command and each code of RFC 2229, byte for byte.
#include "test/integration/dict2229_fixture.h"

#include <regex>

#include "test/support/certificates.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

// ---- The grammar, and what it is answered with

struct Row {
  const char* name;
  std::string sent;
  std::string answered;  // behind the banner
};

void PrintTo(const Row& row, std::ostream* out) { *out << testing::PrintToString(row.sent); }

class GrammarTest : public Dict2229Test, public testing::WithParamInterface<Row> {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_unique<DictPort>(std::vector<std::string>{"--dict-plain-unencrypted"});
  }
  static void TearDownTestSuite() { shared_.reset(); }
  static inline std::unique_ptr<DictPort> shared_;
};

TEST_P(GrammarTest, IsAnswered) { EXPECT_EQ(shared_->converse(GetParam().sent), GetParam().answered); }

const std::string kApple =
    "150 1 definitions found\r\n"
    "151 \"apple\" words \"The words\"\r\n"
    "n. 苹果\r\n"
    ".\r\n"
    "250 ok\r\n";
const std::string kBye = "221 bye\r\n";

INSTANTIATE_TEST_SUITE_P(
    Commands, GrammarTest,
    testing::Values(
        Row{"Define", "DEFINE words apple\r\nQUIT\r\n", kApple + kBye},
        Row{"DefineInAnyCase", "define words APPLE\r\nquit\r\n", kApple + kBye},
        Row{"BareLf", "DEFINE words apple\nQUIT\n", kApple + kBye},
        Row{"BlankLinesAreNothing", "\r\n  \r\n\nDEFINE words apple\r\n\r\nQUIT\r\n", kApple + kBye},
        Row{"DefineQuoted", "DEFINE words \"ice cream\"\r\nQUIT\r\n",
            "150 1 definitions found\r\n151 \"ice cream\" words \"The words\"\r\nn. 冰淇淋\r\n.\r\n250 ok\r\n" + kBye},
        Row{"DefineInAll", "DEFINE * pear\r\nQUIT\r\n",
            "150 3 definitions found\r\n"
            "151 \"pear\" words \"The words\"\r\nn. 梨\r\n.\r\n"
            "151 \"pear\" more \"More \\\"words\\\"\"\r\na fruit\r\n.\r\n"
            "151 \"pear\" more \"More \\\"words\\\"\"\r\na tree\r\n.\r\n"
            "250 ok\r\n" +
                kBye},
        Row{"DefineInTheFirst", "DEFINE ! pear\r\nQUIT\r\n",
            "150 1 definitions found\r\n151 \"pear\" words \"The words\"\r\nn. 梨\r\n.\r\n250 ok\r\n" + kBye},
        Row{"DefineInTheFirstThatHasIt", "DEFINE ! dot\r\nQUIT\r\n",
            "150 1 definitions found\r\n151 \"dot\" more \"More \\\"words\\\"\"\r\n..begins with one\r\n.\r\n250 "
            "ok\r\n" +
                kBye},
        Row{"DefineAMiss", "DEFINE * xyzzy\r\nQUIT\r\n", "552 no match\r\n" + kBye},
        Row{"DefineInNoDatabase", "DEFINE nowhere apple\r\nQUIT\r\n",
            "550 there is no such database; SHOW DB lists them\r\n" + kBye},
        Row{"DefineNoWord", "DEFINE words \"\"\r\nQUIT\r\n", "501 the word is empty\r\n" + kBye},
        Row{"DefineTooLongAWord", "DEFINE words " + std::string(256, 'a') + "\r\nQUIT\r\n",
            "501 the word is longer than 255 characters\r\n" + kBye},
        Row{"Match", "MATCH words prefix appl\r\nQUIT\r\n",
            "152 2 matches found\r\nwords \"apple\"\r\nwords \"apply\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"MatchInAll", "MATCH * exact pear\r\nQUIT\r\n",
            "152 2 matches found\r\nwords \"pear\"\r\nmore \"pear\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"MatchInTheFirst", "MATCH ! exact pear\r\nQUIT\r\n",
            "152 1 matches found\r\nwords \"pear\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"MatchByDefault", "MATCH words . aple\r\nQUIT\r\n",
            "152 1 matches found\r\nwords \"apple\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"MatchQuoted", "MATCH more substring \\\"\r\nQUIT\r\n",
            "152 1 matches found\r\nmore \"a \\\"b\\\" \\\\ c\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"MatchAMiss", "MATCH * prefix xyzzy\r\nQUIT\r\n", "552 no match\r\n" + kBye},
        Row{"MatchInNoDatabase", "MATCH nowhere prefix a\r\nQUIT\r\n",
            "550 there is no such database; SHOW DB lists them\r\n" + kBye},
        Row{"MatchByNoStrategy", "MATCH * telepathy a\r\nQUIT\r\n",
            "551 there is no such strategy; SHOW STRAT lists them\r\n" + kBye},
        Row{"ShowDb", "SHOW DB\r\nQUIT\r\n",
            "110 2 databases present\r\nwords \"The words\"\r\nmore \"More \\\"words\\\"\"\r\n.\r\n250 ok\r\n" + kBye},
        Row{"ShowInfoOfNone", "SHOW INFO nowhere\r\nQUIT\r\n",
            "550 there is no such database; SHOW DB lists them\r\n" + kBye},
        Row{"ShowInfoOfAll", "SHOW INFO *\r\nQUIT\r\n", "550 there is no such database; SHOW DB lists them\r\n" + kBye},
        Row{"Client", "CLIENT a test of Bob's\r\nQUIT\r\n", "250 ok\r\n" + kBye},
        Row{"OptionMime", "OPTION MIME\r\nDEFINE words apple\r\nMATCH words exact apple\r\nQUIT\r\n",
            "250 ok, with MIME headers\r\n"
            "150 1 definitions found\r\n"
            "151 \"apple\" words \"The words\"\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "n. 苹果\r\n.\r\n250 ok\r\n"
            "152 1 matches found\r\n\r\nwords \"apple\"\r\n.\r\n250 ok\r\n" +
                kBye},
        Row{"OtherOption", "OPTION GZIP\r\nQUIT\r\n", "503 there is no such option but MIME\r\n" + kBye},
        Row{"Auth", "AUTH joe 0123\r\nQUIT\r\n",
            "502 AUTH is not possible here: passwords are kept as Argon2id hashes, which cannot answer its digest; use "
            "SASLAUTH PLAIN\r\n" +
                kBye},
        Row{"OtherMechanism", "SASLAUTH CRAM-MD5\r\nQUIT\r\n", "532 there is only the mechanism PLAIN\r\n" + kBye},
        Row{"ResponseToNothing", "SASLRESP AGEAYg==\r\nQUIT\r\n", "501 SASLAUTH comes first\r\n" + kBye},
        Row{"ResponseThatIsNone", "SASLAUTH PLAIN\r\nSASLRESP %%%\r\nQUIT\r\n",
            "330 send response\r\n501 a response is base64 of: NUL, name, NUL, password\r\n" + kBye},
        Row{"WrongCredentials", "SASLAUTH PLAIN AG5vYm9keQBub3RoaW5nLWhlcmU=\r\nQUIT\r\n",
            "531 the name or the password is wrong\r\n" + kBye},
        Row{"UnknownCommand", "FROBNICATE\r\nQUIT\r\n", "500 unknown command; HELP lists those there are\r\n" + kBye},
        Row{"UnclosedQuote", "DEFINE words \"apple\r\nQUIT\r\n", "501 a quotation mark is not closed\r\n" + kBye},
        Row{"InvalidUtf8", "DEFINE words caf\xE9\r\nQUIT\r\n", "501 a parameter is not UTF-8\r\n" + kBye},
        Row{"Nul", std::string("DEFINE words a\0b\r\nQUIT\r\n", 25),
            "501 there is a control character in a parameter\r\n" + kBye},
        Row{"TooLongALine", "DEFINE words " + std::string(1100, 'a') + "\r\nDEFINE words apple\r\nQUIT\r\n",
            "501 a line has at most 1024 characters\r\n" + kApple + kBye},
        Row{"FarTooLongALine", std::string(200'000, 'a') + "\r\nDEFINE words apple\r\nQUIT\r\n",
            "501 a line has at most 1024 characters\r\n" + kApple + kBye},
        Row{"LongestLine", "CLIENT " + std::string(1015, 'a') + "\r\nQUIT\r\n", "250 ok\r\n" + kBye},
        Row{"NothingIsReadBehindQuit", "QUIT\r\nDEFINE words apple\r\n", kBye}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(Dict2229Test, TheBannerNamesCapabilitiesAndAMessageIdOfItsOwn) {
  DictPort dict;
  const std::string banner = dict.banner();
  EXPECT_TRUE(std::regex_match(banner, std::regex("220 \\S+ dictd 1\\.0 <mime> <[^ <>@]+@[^ <>@]+>\r\n"))) << banner;
  const auto id = [](const std::string& line) { return line.substr(line.rfind(' ')); };
  EXPECT_NE(id(dict.banner()), id(dict.banner()));
}

TEST_F(Dict2229Test, TheBannerNamesPlainWhereItIsTaken) {
  DictPort dict({"--dict-plain-unencrypted"});
  EXPECT_THAT(dict.banner(), HasSubstr(" <mime.xplain> <"));
}

TEST_F(Dict2229Test, ShowStratListsWhatMatchTakes) {
  DictPort dict;
  const std::string answer = dict.converse("SHOW STRAT\r\nQUIT\r\n");
  EXPECT_THAT(answer, StartsWith("111 "));
  const std::regex row("\r\n([a-z0-9]+) \"[^\"\r\n]+\"");
  std::vector<std::string> names;
  for (std::sregex_iterator at(answer.begin(), answer.end(), row); at != std::sregex_iterator(); ++at) {
    names.push_back((*at)[1]);
  }
  for (const char* expected : {"exact", "prefix", "nprefix", "suffix", "substring", "word", "first", "last", "re",
                               "regexp", "soundex", "metaphone", "lev", "dlev"}) {
    EXPECT_THAT(names, testing::Contains(expected));
  }
  for (const std::string& name : names) {
    EXPECT_THAT(dict.converse("MATCH words " + name + " apple\r\nQUIT\r\n"), HasSubstr("words \"apple\"")) << name;
  }
}

TEST_F(Dict2229Test, ShowInfoTellsOfADictionary) {
  DictPort dict;
  EXPECT_EQ(dict.converse("SHOW INFO words\r\nQUIT\r\n"),
            "112 information about words\r\nThe words\r\n4 headwords\r\n.\r\n250 ok\r\n" + kBye);
}

TEST_F(Dict2229Test, ServerStatusAndHelpSaySomething) {
  DictPort dict;
  const std::string server = dict.converse("SHOW SERVER\r\nQUIT\r\n");
  EXPECT_THAT(server, StartsWith("114 server information\r\ndictd 1.0 on "));
  EXPECT_THAT(server, HasSubstr("4 headwords  words\r\n"));
  EXPECT_THAT(dict.converse("DEFINE words apple\r\nSTATUS\r\nQUIT\r\n"),
              HasSubstr("210 1 connections, 1 definitions and 0 matches so far\r\n"));
  const std::string help = dict.converse("HELP\r\nQUIT\r\n");
  EXPECT_THAT(help, StartsWith("113 help text\r\nDEFINE database word "));
  EXPECT_THAT(help, testing::EndsWith(".\r\n250 ok\r\n221 bye\r\n"));
}

TEST_F(Dict2229Test, WithoutDictionariesThereAreNoDatabases) {
  DictPort dict({}, DictPort::Words::kNone);
  EXPECT_EQ(dict.converse("SHOW DB\r\nDEFINE * a\r\nMATCH * . a\r\nDEFINE words a\r\nQUIT\r\n"),
            "554 no databases present\r\n552 no match\r\n552 no match\r\n"
            "550 there is no such database; SHOW DB lists them\r\n" +
                kBye);
}

// ---- Bytes as they come

TEST_F(Dict2229Test, CommandsMayBeSplitAtEveryByte) {
  DictPort dict;
  const std::string sent = "DEFINE words \"ice cream\"\r\nMATCH * exact pear\nQUIT\r\n";
  const std::string answer = dict.converse(sent);
  for (std::size_t split = 1; split < sent.size(); ++split) {
    support::Peer peer = dict.connect();
    (void)read_line(peer);
    peer.send(sent.substr(0, split));
    dict.wait_until_read();
    peer.send(sent.substr(split));
    ASSERT_EQ(peer.receive_all(), answer) << split;
  }
}

TEST_F(Dict2229Test, AThousandCommandsMayBeSentAtOnceAndAreAnsweredInOrder) {
  DictPort dict;
  std::string sent;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const bool slow = i % 100 == 0;  // it goes to a worker
    sent += slow ? "MATCH words re ^ap.*e$\r\n" : "DEFINE words apple\r\n";
    expected += slow ? "152 1 matches found\r\nwords \"apple\"\r\n.\r\n250 ok\r\n" : kApple;
  }
  EXPECT_EQ(dict.converse(sent + "QUIT\r\n"), expected + kBye);
}

TEST_F(Dict2229Test, AnswersAfterTheClientFinishedSending) {
  DictPort dict;
  support::Peer peer = dict.connect();
  peer.send("DEFINE words apple\r\nMATCH words re apple\r\n");
  peer.finish_writing();
  EXPECT_THAT(peer.receive_all(), HasSubstr("152 1 matches found\r\n"));
}

TEST_F(Dict2229Test, ALineThatNeverEndsIsAnsweredOnce) {
  DictPort dict;
  support::Peer peer = dict.connect();
  (void)read_line(peer);
  for (int i = 0; i < 20; ++i) {
    peer.send(std::string(10'000, 'a'));
    dict.wait_until_read();
  }
  peer.send("\nQUIT\r\n");
  EXPECT_EQ(peer.receive_all(), "501 a line has at most 1024 characters\r\n" + kBye);
}

// ---- Matching

TEST_F(Dict2229Test, AMatchCanBeGivenToDefineAsItStands) {
  DictPort dict;
  const std::string matches = dict.converse("MATCH more re .\r\nQUIT\r\n");
  const std::regex row("\r\n(more \"(?:[^\"\\\\\r\n]|\\\\.)*\")");
  std::size_t rows = 0;
  for (std::sregex_iterator at(matches.begin(), matches.end(), row); at != std::sregex_iterator(); ++at, ++rows) {
    EXPECT_THAT(dict.converse("DEFINE " + (*at)[1].str() + "\r\nQUIT\r\n"), StartsWith("150 ")) << (*at)[1];
  }
  EXPECT_EQ(rows, 5U);
}

TEST_F(Dict2229Test, BlanksAtTheEndsOfAPatternArePartOfIt) {
  DictPort dict;
  const std::string ice_cream = "152 1 matches found\r\nwords \"ice cream\"\r\n.\r\n250 ok\r\n" + kBye;
  EXPECT_EQ(dict.converse("MATCH words re \"e \"\r\nQUIT\r\n"), ice_cream);
  EXPECT_EQ(dict.converse("MATCH words regexp \" c\"\r\nQUIT\r\n"), ice_cream);
}

TEST_F(Dict2229Test, APatternThatIsNoneIsABadParameter) {
  DictPort dict;
  for (const char* pattern : {"(", "a{2,1}", "[z-a]", "(((a{1,99}){1,99}){1,99})x"}) {
    EXPECT_THAT(dict.converse("MATCH words re \"" + std::string(pattern) + "\"\r\nQUIT\r\n"), StartsWith("501 "))
        << pattern;
  }
}

TEST_F(Dict2229Test, MoreMatchesThanTheLimitAreSaidToBeMore) {
  DictPort dict({"--most-matches", "2"});
  EXPECT_EQ(dict.converse("MATCH words prefix p\r\nMATCH words re .\r\nMATCH words nprefix 2#2#\r\nQUIT\r\n"),
            "152 1 matches found\r\nwords \"pear\"\r\n.\r\n250 ok\r\n"
            "152 2 matches, the first of more; nprefix pages through them\r\nwords \"apple\"\r\nwords \"apply\"\r\n"
            ".\r\n250 ok\r\n"
            "152 2 matches found\r\nwords \"ice cream\"\r\nwords \"pear\"\r\n.\r\n250 ok\r\n" +
                kBye);
}

// ---- Users

TEST_F(Dict2229Test, AUsersLookUpsAreInTheHistory) {
  DictPort dict({"--dict-plain-unencrypted"});
  Client framed = logged_in(dict.framed_port(), "joe");
  EXPECT_EQ(dict.converse("SASLAUTH PLAIN " + plain("joe", kPassword) +
                          "\r\nDEFINE words Apple\r\nDEFINE * xyzzy\r\nQUIT\r\n"),
            "230 logged in; look-ups go into your history\r\n" + kApple + "552 no match\r\n" + kBye);
  EXPECT_EQ(framed.ask(history(10)), "history xyzzy Apple");
}

TEST_F(Dict2229Test, TheResponseMayComeByItself) {
  DictPort dict({"--dict-plain-unencrypted"});
  Client framed = logged_in(dict.framed_port(), "joe");
  EXPECT_EQ(dict.converse("SASLAUTH plain\r\nSASLRESP " + plain("joe", kPassword) + "\r\nQUIT\r\n"),
            "330 send response\r\n230 logged in; look-ups go into your history\r\n" + kBye);
}

TEST_F(Dict2229Test, NobodysLookUpsAreNotRecorded) {
  DictPort dict;
  Client framed = logged_in(dict.framed_port(), "joe");
  EXPECT_EQ(dict.converse("DEFINE words apple\r\nQUIT\r\n"), kApple + kBye);
  EXPECT_EQ(framed.ask(query("pear")).substr(0, 5), "found");
  EXPECT_EQ(framed.ask(history(10)), "history pear");
}

TEST_F(Dict2229Test, APasswordIsNotTakenInTheClear) {
  DictPort dict;
  EXPECT_EQ(dict.converse("SASLAUTH PLAIN " + plain("joe", kPassword) + "\r\nQUIT\r\n"),
            "530 a password is not taken over a connection that others can read; use TLS\r\n" + kBye);
}

TEST_F(Dict2229Test, ALoginMayBeAskedForFirst) {
  DictPort dict({"--dict-login-only", "--dict-plain-unencrypted"});
  (void)logged_in(dict.framed_port(), "joe");
  const std::string asked = "DEFINE words apple\r\nMATCH words exact apple\r\n";
  EXPECT_EQ(dict.converse(asked + "SASLAUTH PLAIN " + plain("joe", kPassword) + "\r\n" + asked + "QUIT\r\n"),
            "530 log in first\r\n530 log in first\r\n230 logged in; look-ups go into your history\r\n" + kApple +
                "152 1 matches found\r\nwords \"apple\"\r\n.\r\n250 ok\r\n" + kBye);
}

TEST_F(Dict2229Test, ALoginLeavesNoSessionBehind) {
  DictPort dict({"--dict-plain-unencrypted"});
  (void)logged_in(dict.framed_port(), "joe");
  EXPECT_EQ(dict.sql("SELECT COUNT(*) FROM session"), "1\n");  // of the framed client
  EXPECT_THAT(dict.converse("SASLAUTH PLAIN " + plain("joe", kPassword) + "\r\nQUIT\r\n"), StartsWith("230"));
  EXPECT_EQ(dict.sql("SELECT COUNT(*) FROM session"), "1\n");
}

// ---- Encrypted

TEST_F(Dict2229Test, OverTlsAPasswordIsTaken) {
  support::CertificateAuthority authority;
  const support::Certificate certificate = authority.issue("IP:127.0.0.1");
  DictPort dict(
      {"--dict-tls-listen", "127.0.0.1:0", "--tls-cert", certificate.file, "--tls-key", certificate.key_file});
  (void)logged_in(dict.framed_port(), "joe");
  const std::uint16_t port = dict.dictd().logged_port("listening for DICT with TLS on 127.0.0.1:");
  const support::Outcome outcome =
      support::run({{"openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", authority.file(), "-connect",
                     "127.0.0.1:" + std::to_string(port)}},
                   "SASLAUTH PLAIN " + plain("joe", kPassword) + "\r\nDEFINE words apple\r\nQUIT\r\n");
  EXPECT_THAT(outcome.output, MatchesRegex("220 [^\r]* <mime\\.xplain> <[^\r]*>\r\n.*")) << outcome.errors;
  EXPECT_THAT(outcome.output,
              testing::EndsWith("\r\n230 logged in; look-ups go into your history\r\n" + kApple + kBye));
}

// ---- Limits, and the end

TEST_F(Dict2229Test, TooManyConnectionsAreToldSo) {
  DictPort dict({"--max-connections", "1"});
  support::Peer first = dict.connect();
  EXPECT_THAT(read_line(first), StartsWith("220 "));
  EXPECT_EQ(dict.connect().receive_all(), "420 too many connections; try again later\r\n");
}

TEST_F(Dict2229Test, ASilentClientIsToldAndClosed) {
  DictPort dict({"--idle-timeout", "1", "--first-request-timeout", "1"});
  support::Peer peer = dict.connect();
  EXPECT_THAT(read_line(peer), StartsWith("220 "));
  EXPECT_EQ(peer.receive_all(), "420 nothing came for too long\r\n");
}

TEST_F(Dict2229Test, HalfALineIsNotWaitedForForEver) {
  DictPort dict({"--frame-timeout", "1"});
  support::Peer peer = dict.connect();
  (void)read_line(peer);
  peer.send("DEFINE words");
  EXPECT_EQ(peer.receive_all(), "420 the rest of a line did not come\r\n");
}

TEST_F(Dict2229Test, AStopIsSaid) {
  DictPort dict;
  support::Peer peer = dict.connect();
  (void)read_line(peer);
  EXPECT_EQ(dict.stop(), 0);
  EXPECT_EQ(peer.receive_all(), "421 the server stops; connect again in a moment\r\n");
}

}  // namespace
}  // namespace integration
