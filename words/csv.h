// Comma-separated values, as RFC 4180 and spreadsheets have them: fields in quotes hold commas, line ends and doubled
// quotes. A parser fed line by line: a record may need more of them. Pure; what the fields mean is not for here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace words {

constexpr std::size_t kMaxCsvRecordBytes = 1 << 22;

// One record under way. One thread.
class CsvRecord {
 public:
  // Takes the next line, without its LF. True: the record is whole, and its fields stay until the next line. An error
  // is of the whole record, or of a quote that is not closed within the limit.
  [[nodiscard]] tl::expected<bool, std::string> add_line(std::string_view line);
  // Whether a record has begun that is not whole.
  [[nodiscard]] bool open() const { return in_quotes_; }
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

 private:
  std::vector<std::string> fields_;
  std::size_t bytes_ = 0;
  bool in_quotes_ = false;  // at the end of the last line
};

}  // namespace words
