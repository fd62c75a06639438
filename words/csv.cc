#include "words/csv.h"

#include <fmt/format.h>

#include <utility>

namespace words {

tl::expected<bool, std::string> CsvRecord::add_line(std::string_view line) {
  if (in_quotes_) {
    fields_.back() += '\n';
  } else {
    fields_.assign(1, "");
    bytes_ = 0;
  }
  bytes_ += line.size() + 1;
  if (bytes_ > kMaxCsvRecordBytes) {
    return tl::unexpected(fmt::format("{} of more than {} bytes",
                                      std::exchange(in_quotes_, false) ? "quoted field" : "line", kMaxCsvRecordBytes));
  }
  bool quoted = in_quotes_;  // this field
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const char next = i + 1 < line.size() ? line[i + 1] : '\0';
    if (in_quotes_ && c == '"' && next == '"') {
      fields_.back() += line[i++];
    } else if (in_quotes_) {
      if (c == '"')
        in_quotes_ = false;
      else
        fields_.back() += c;
    } else if (c == ',') {
      fields_.emplace_back();
      quoted = false;
    } else if (c == '"' && fields_.back().empty() && !quoted) {
      in_quotes_ = quoted = true;
    } else if (quoted && !(c == '\r' && i + 1 == line.size())) {
      return tl::unexpected(std::string("text after a quoted field"));
    } else if (c != '\r' || i + 1 != line.size()) {
      fields_.back() += c;
    }
  }
  return !in_quotes_;
}

}  // namespace words
