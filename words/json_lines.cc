#include "words/json_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dictd/fold.h"

namespace words {
namespace {

using Json = nlohmann::ordered_json;

BadLine bad(std::string_view reason) { return {std::string(reason)}; }

JsonLine header_of(const Json& json) {
  JsonHeader header;
  header.dictionary = json.value("dictionary", "");
  header.title = json.value("title", "");
  const Json properties = json.value("properties", Json::object());
  for (const auto& [name, value] : properties.items()) {
    header.properties.emplace_back(name, value.get<std::string>());
  }
  return header;
}

JsonLine line_of(const Json& json) {
  if (!json.is_object()) return bad("not an object");
  if (!json.contains("headword")) {
    return json.contains("dictionary") || json.contains("title") ? header_of(json) : bad("no headword");
  }
  std::string headword = json.at("headword");
  if (json.contains("meaning") == json.contains("same_as")) return bad("neither a meaning nor same_as, or both");
  if (json.contains("same_as")) {
    const Json& number = json.at("same_as");
    if (!number.is_number_unsigned() || number == 0) return bad("same_as is not a number from 1");
    return JsonAlias{std::move(headword), number};
  }
  return Record{std::move(headword), json.value("also", std::vector<std::string>()), json.at("meaning")};
}

std::string to_line(const Json& json) { return json.dump() + '\n'; }

}  // namespace

JsonLine read_json_line(std::string_view line) try {
  if (dictd::trim(line).empty()) return Blank{};
  if (!dictd::valid_utf8(line)) return bad(kNotUtf8);
  return line_of(Json::parse(line));
} catch (const Json::parse_error& error) {
  return BadLine{fmt::format("not JSON, at byte {}", error.byte)};
} catch (const Json::exception&) {
  return bad("a value is not of its type");
}

std::string to_json_line(const JsonHeader& header) {
  Json json = {{"dictionary", header.dictionary}, {"title", header.title}};
  if (!header.properties.empty()) {
    Json& properties = json["properties"] = Json::object();
    for (const auto& [name, value] : header.properties) properties[name] = value;
  }
  return to_line(json);
}

std::string to_json_line(const Record& record) {
  Json json = {{"headword", record.headword}};
  if (!record.also.empty()) json["also"] = record.also;
  json["meaning"] = record.meaning;
  return to_line(json);
}

std::string to_json_line(const JsonAlias& alias) {
  return to_line({{"headword", alias.headword}, {"same_as", alias.same_as}});
}

}  // namespace words
