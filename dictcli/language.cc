#include "dictcli/language.h"

#include <array>
#include <cstddef>

namespace dictcli {
namespace {

struct Row {
  Text which;
  std::string_view chinese, english;
};

constexpr auto kTable = std::to_array<Row>({
    {Text::kMainMenu,
     "\n==== 词典 ====\n"
     "  1) 注册\n"
     "  2) 登录\n"
     "  3) 退出\n",
     "\n==== Dictionary ====\n"
     "  1) register\n"
     "  2) log in\n"
     "  3) exit\n"},
    {Text::kUserMenu,
     "\n==== {0} ====\n"
     "  1) 查单词\n"
     "  2) 历史记录\n"
     "  3) 退出登录\n"
     "（Ctrl-D 离开程序，已记住的登录仍然有效）\n",
     "\n==== {0} ====\n"
     "  1) look up\n"
     "  2) history\n"
     "  3) log out\n"
     "(Ctrl-D leaves the program; a remembered login stays)\n"},
    {Text::kChoice, "请选择：", "Your choice: "},
    {Text::kChooseOneToThree, "请输入 1、2 或 3。", "Please type 1, 2 or 3."},
    {Text::kGoodbye, "再见！", "Goodbye!"},
    {Text::kYesOrNo, "请输入 y（是）或 n（否）。", "Please type y (yes) or n (no)."},

    {Text::kName, "用户名：", "Name: "},
    {Text::kPassword, "密码：", "Password: "},
    {Text::kNewPassword, "密码（6 到 128 字节）：", "Password (6 to 128 bytes): "},
    {Text::kPasswordAgain, "再输入一次密码：", "The same password again: "},
    {Text::kPasswordsDiffer, "两次输入的密码不一样，请重新输入。", "The two passwords differ; please type them again."},
    {Text::kRegistered, "{0} 注册成功。", "{0} is registered."},
    {Text::kLogInNow, "现在就登录吗？[Y/n] ", "Log in now? [Y/n] "},
    {Text::kLoggedIn, "{0} 已登录。", "{0} is logged in."},
    {Text::kWelcomeBack, "欢迎回来，{0}！", "Welcome back, {0}!"},
    {Text::kRemember, "在这台电脑上记住登录吗？[y/N] ", "Remember the login on this computer? [y/N] "},
    {Text::kCannotRemember, "无法记住登录：不能写入 {0}。", "The login cannot be remembered: {0} cannot be written."},
    {Text::kCannotForget, "无法删除记住的登录：不能写入 {0}，请自行删除该文件。",
     "The remembered login cannot be removed: {0} cannot be written. Please delete that file yourself."},
    {Text::kLoggedOut, "已退出登录。", "You are logged out."},

    {Text::kWord, "单词（## 结束）：", "Word (## ends): "},
    {Text::kNotFound, "没有找到“{0}”。", "“{0}” was not found."},
    {Text::kNearWords, "相近的词：{0}", "Near words: {0}"},
    {Text::kListSeparator, "、", ", "},

    {Text::kColumnDictionary, "名称", "name"},
    {Text::kColumnHeadwords, "词条数", "headwords"},
    {Text::kColumnTitle, "标题", "title"},
    {Text::kNothingMatches, "没有与“{0}”匹配的词。", "Nothing matches “{0}”."},
    {Text::kMatchesCut, "与“{0}”匹配的词太多，这里只有前 {1} 个。",
     "Many headwords match “{0}”: these are the first {1}."},

    {Text::kNoHistory, "还没有查过单词。", "No word was looked up yet."},
    {Text::kColumnName, "用户名", "name"},
    {Text::kColumnWord, "单词", "word"},
    {Text::kColumnTime, "时间", "time"},
    {Text::kShowAll, "显示全部吗？[y/N] ", "Show all? [y/N] "},
    {Text::kHistoryCut, "更早的记录没有显示，这里只有最近 {0} 条。",
     "Older look-ups are not shown: these are the last {0}."},

    {Text::kUnknownHost, "找不到主机 {0}。", "There is no host named {0}."},
    {Text::kRefusesConnections, "连不上 {0}：那里没有服务器在运行。请启动 dictd，或用 --host 和 --port 指定服务器。",
     "Cannot reach {0}: no server is running there. Start dictd, or name another with --host and --port."},
    {Text::kCannotConnect, "连不上 {0}（系统错误 {1}）。", "Cannot reach {0} (system error {1})."},
    {Text::kConnectTimedOut, "连不上 {0}：没有回应。", "Cannot reach {0}: nothing answers."},
    {Text::kNoTls, "{0} 不使用 TLS，或者没有双方都支持的 TLS 版本。",
     "{0} does not speak TLS, or no version of it that dictcli knows."},
    {Text::kUntrustedCertificate, "{0} 的证书不可信：它不是由信任的机构签发的。请用 --tls-ca 指定信任的证书。",
     "The certificate of {0} is not trusted: nobody you trust has signed it. Name whom to trust with --tls-ca."},
    {Text::kWrongHost, "{0} 的证书属于别的主机：请检查 --host，也可能有人在冒充它。",
     "The certificate of {0} is another host's: check --host; or else somebody pretends to be it."},
    {Text::kCertificateOutOfDate, "{0} 的证书已经过期，或者尚未生效。",
     "The certificate of {0} has expired, or is not valid yet."},
    {Text::kUnusableCa, "无法从 {0} 读取证书。", "No certificates can be read from {0}."},
    {Text::kLost, "与服务器的连接断开了。", "The connection to the server was lost."},
    {Text::kAnswerTimedOut, "服务器太久没有回答。", "The server took too long to answer."},
    {Text::kNonsense, "对方的回答无法理解：{0} 可能不是词典服务器。",
     "The answer makes no sense: {0} may not be a dictionary server."},
    {Text::kAnswerTooLarge, "服务器的回答太大了。", "The server's answer is too large."},
    {Text::kInterrupted, "已中断。", "Interrupted."},
    {Text::kSessionEnded, "登录已失效，请重新登录。", "Your login has ended; please log in again."},
    {Text::kNoDictionary, "没有名为“{0}”的词典，可用 dictcli --list 查看有哪些词典。",
     "There is no dictionary named “{0}”; dictcli --list shows which there are."},
    {Text::kConnectsLater, "下次请求时会重新连接。", "It is made again at the next request."},
    {Text::kConnectedAgain, "与服务器的连接曾经断开，已重新连接。",
     "The connection to the server had been lost; it was made again."},
    {Text::kBadWord, "单词应有 1 到 255 个字符，并且是有效的 UTF-8。",
     "A word has 1 to 255 characters and is valid UTF-8."},
    {Text::kBadRequest, "服务器不接受这个请求：{1}", "The server does not accept this: {1}"},
    {Text::kUnknownRequest, "服务器不支持这个请求。", "The server does not know this request."},
    {Text::kNotLoggedIn, "还没有登录。", "You are not logged in."},
    {Text::kNameTaken, "这个用户名已经有人用了，请换一个。", "This name is taken; please choose another."},
    {Text::kBadCredentials, "用户名或密码不对。", "The name or the password is wrong."},
    {Text::kInvalidName, "用户名应有 1 到 32 个字符，不能有空白和控制字符。",
     "A name has 1 to 32 characters, without white space and control characters."},
    {Text::kInvalidPassword, "密码应有 6 到 128 字节，不能有控制字符。",
     "A password has 6 to 128 bytes, without control characters."},
    {Text::kTooManyAttempts, "尝试次数太多，请稍后再试。", "Too many attempts; please try again later."},
    {Text::kUnavailable, "服务器的数据库暂时不可用，请稍后再试。",
     "The server's database does not answer; please try again later."},
    {Text::kOverloaded, "服务器太忙，请稍后再试。", "The server is too busy; please try again later."},
    {Text::kRequestTooLarge, "请求太大，服务器不接受。", "The request is too large for the server."},
    {Text::kUnsupportedVersion, "服务器不支持这个版本的 dictcli。",
     "The server does not speak with this version of dictcli."},
    {Text::kServerFailed, "服务器内部出错。", "The server failed inside."},
    {Text::kShuttingDown, "服务器正在关闭。", "The server is shutting down."},
    {Text::kIdle, "太久没有请求，服务器关闭了连接。", "The server closed the connection after a long silence."},
    {Text::kUnknownRefusal, "服务器拒绝了请求（代码 {0}）。", "The server refused (code {0})."},

    {Text::kHelp,
     "用法：dictcli [选项] [单词…]\n"
     "\n"
     "查词典。不给单词时显示菜单，菜单也可以由管道驱动。单词为 - 时，从标准输入逐行\n"
     "读取单词。\n"
     "\n"
     "  --dictionary 名称  只查这部词典；* 是服务器的默认词典，! 是其中第一部查得到的\n"
     "  --match 方式       不查词义，只列出匹配的词：prefix 以此开头，\n"
     "                     suffix 以此结尾，substring 包含，re 正则表达式，soundex\n"
     "                     读音相近，等等；. 是服务器的默认方式\n"
     "  --list             列出服务器的词典\n"
     "  --host 主机        服务器（默认 127.0.0.1）\n"
     "  --port 端口        服务器的端口（默认 8888）\n"
     "  --tls              用 TLS 加密连接，并验证服务器的证书\n"
     "  --tls-ca 文件      信任的证书（PEM 格式；默认是系统信任的证书）\n"
     "  --user 用户名      以谁的身份查（默认是上次记住的登录）\n"
     "  --lang zh|en       语言（默认由 LC_ALL、LC_MESSAGES、LANG 决定）\n"
     "  --json             每个单词或词典输出一行 JSON；错误仍以文字写到标准错误\n"
     "  --help             显示这段说明\n"
     "\n"
     "给出单词时，用记住的登录；没有则用 --user 和环境变量 DICTCLI_PASSWORD，或在终端\n"
     "上询问。如果服务器对所有人开放，--match 和 --list 不需要登录。\n"
     "\n"
     "退出码：0 全部找到；1 有单词没找到，或没有匹配的词；2 命令行有误；3 连不上\n"
     "服务器或连接断开；4 没有登录，或用户名、密码不对；5 服务器拒绝；6 无法写出结果；\n"
     "130 被 Ctrl-C 中断。\n",
     "Usage: dictcli [OPTION]... [WORD]...\n"
     "\n"
     "Looks words up. Without a WORD it shows menus, which a pipe can drive as well.\n"
     "With - as a WORD it reads words from standard input, one a line.\n"
     "\n"
     "  --dictionary NAME  look only there; * is what the server asks by itself, ! the\n"
     "                     first of it that has the word\n"
     "  --match STRATEGY   no meanings, but the headwords like WORD: prefix, suffix,\n"
     "                     substring, re (a regular expression), soundex and more;\n"
     "                     . is the server's default\n"
     "  --list             the server's dictionaries\n"
     "  --host HOST        the server (127.0.0.1)\n"
     "  --port PORT        its port (8888)\n"
     "  --tls              encrypt the connection, and verify the server's certificate\n"
     "  --tls-ca FILE      the certificates to trust, in PEM (those the system trusts)\n"
     "  --user NAME        who looks up (the login remembered last)\n"
     "  --lang zh|en       the language (by LC_ALL, LC_MESSAGES, LANG)\n"
     "  --json             one line of JSON for each word or dictionary; errors stay\n"
     "                     words, on standard error\n"
     "  --help             this text\n"
     "\n"
     "With a WORD the remembered login is used, else --user with the password in the\n"
     "environment variable DICTCLI_PASSWORD, else the terminal is asked. --match and\n"
     "--list need no login if the server answers everybody.\n"
     "\n"
     "Exit status: 0 all found; 1 a word was not found, or nothing matches it; 2 wrong\n"
     "usage; 3 the server cannot be reached or was lost; 4 not logged in, or a wrong\n"
     "name or password; 5 the server refused; 6 output cannot be written; 130\n"
     "interrupted by Ctrl-C.\n"},
    {Text::kUsageError, "命令行有误，请看 dictcli --help。", "Wrong usage; see dictcli --help."},
    {Text::kPortOutOfRange, "--port 应是 1 到 65535 的数字。", "--port is a number from 1 to 65535."},
    {Text::kUnknownLanguage, "--lang 应是 zh 或 en。", "--lang is zh or en."},
    {Text::kJsonNeedsWords, "--json 需要给出单词，或者 --list。", "--json needs a WORD, or --list."},
    {Text::kMatchNeedsWords, "--match 需要给出单词。", "--match needs a WORD."},
    {Text::kHowToLogIn, "没有登录：请运行 dictcli 登录并记住，或用 --user 和环境变量 DICTCLI_PASSWORD。",
     "Not logged in: run dictcli and let it remember the login, or use --user with DICTCLI_PASSWORD."},
    {Text::kOutputFailed, "无法写出结果。", "The output cannot be written."},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].which != static_cast<Text>(i)) return false;
  }
  return kTable.size() == static_cast<std::size_t>(Text::kCount);
}
static_assert(in_order(), "the table has a row for each Text, in the order of the enum");

}  // namespace

std::string_view text(Language language, Text which) {
  const Row& row = kTable[static_cast<std::size_t>(which)];
  return language == Language::kChinese ? row.chinese : row.english;
}

std::string fill(Language language, Text which, std::initializer_list<std::string_view> values) {
  std::string_view rest = text(language, which);
  std::string filled;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    filled += rest.substr(0, open);
    filled += values.begin()[rest[open + 1] - '0'];
    rest.remove_prefix(open + 3);
  }
  filled += rest;
  return filled;
}

std::optional<Language> parse_language(std::string_view name) {
  if (name == "zh") return Language::kChinese;
  if (name == "en") return Language::kEnglish;
  return std::nullopt;
}

Language language_of_locale(const char* lc_all, const char* lc_messages, const char* lang) {
  for (const char* value : {lc_all, lc_messages, lang}) {
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("zh") ? Language::kChinese : Language::kEnglish;
  }
  return Language::kEnglish;
}

}  // namespace dictcli
