#include "dictcli/json.h"

#include <utf8proc.h>

#include <array>
#include <cstdio>

namespace dictcli {
namespace {

void append_escaped(std::string& result, std::int32_t code, std::string_view bytes) {
  if (code == '"' || code == '\\') {
    result += '\\';
    result += bytes;
  } else if (code == '\n') {
    result += "\\n";
  } else if (code == '\t') {
    result += "\\t";
  } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {  // DEL and C1 need no escape, but steer terminals
    std::array<char, 8> escape{};
    (void)std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(code));
    result += escape.data();
  } else {
    result += bytes;
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    std::int32_t code = -1;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code);
    const std::size_t taken = length > 0 ? static_cast<std::size_t>(length) : 1;
    if (length > 0) {
      append_escaped(result, code, text.substr(0, taken));
    } else {
      result += "\xef\xbf\xbd";
    }
    text.remove_prefix(taken);
  }
  return result + '"';
}

std::string json_found(std::string_view word, const std::vector<Entry>& entries) {
  std::string result = R"({"word":)" + json_string(word) + R"(,"found":true,"entries":[)";
  for (const Entry& entry : entries) {
    if (&entry != entries.data()) result += ',';
    result += R"({"dictionary":)" + json_string(entry.dictionary) + R"(,"headword":)" + json_string(entry.headword) +
              R"(,"meaning":)" + json_string(entry.meaning) + '}';
  }
  return result + "]}\n";
}

std::string json_missed(std::string_view word, const std::vector<std::string>& near) {
  std::string result = R"({"word":)" + json_string(word) + R"(,"found":false,"near":[)";
  for (const std::string& headword : near) {
    if (&headword != near.data()) result += ',';
    result += json_string(headword);
  }
  return result + "]}\n";
}

std::string json_matches(std::string_view word, const std::vector<Match>& matches) {
  const std::string_view found = matches.empty() ? "false" : "true";
  std::string result = R"({"word":)" + json_string(word) + R"(,"found":)" + std::string(found) + R"(,"matches":[)";
  for (const Match& match : matches) {
    if (&match != matches.data()) result += ',';
    result +=
        R"({"dictionary":)" + json_string(match.dictionary) + R"(,"headword":)" + json_string(match.headword) + '}';
  }
  return result + "]}\n";
}

std::string json_dictionary(const Dictionary& dictionary) {
  return R"({"name":)" + json_string(dictionary.name) + R"(,"title":)" + json_string(dictionary.title) +
         R"(,"headwords":)" + std::to_string(dictionary.headwords) + "}\n";
}

}  // namespace dictcli
