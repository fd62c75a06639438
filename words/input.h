// A file read from its beginning to its end: as it is or packed by gzip, in UTF-8 or another encoding; and its lines.
//
// "-" is the standard input. A packed file that is cut off or damaged is an error at its end at the latest, so what was
// read of it counts only then. Not for files that are read here and there (data_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "words/charset.h"
#include "words/sink.h"

struct gzFile_s;

namespace words {

// One thread.
class Input {
 public:
  [[nodiscard]] static LoadResult<Input> open(const std::string& path, const std::string& charset);
  ~Input();
  Input(Input&& other) noexcept;
  Input& operator=(Input&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // The beginning, as much as comes with the first read; it is still to be read.
  [[nodiscard]] std::string_view head();
  // Appends what comes next to `text`; false at the end, or after an error.
  [[nodiscard]] bool read(std::string& text);
  [[nodiscard]] const std::optional<LoadError>& error() const { return error_; }

 private:
  Input(std::string path, gzFile_s* file, Charset charset);

  std::string path_;
  gzFile_s* file_;
  Charset charset_;
  std::string head_;
  bool ended_ = false;
  std::optional<LoadError> error_;
};

// An input, line by line. One thread.
class Lines {
 public:
  Lines(Input& input, std::size_t max_line_bytes) : input_(input), max_line_bytes_(max_line_bytes) {}

  // The next line without its LF, good until the next call; false at the end, or after an error of the input. Of a line
  // longer than the limit only so much is kept that it is seen to be too long.
  [[nodiscard]] bool next(std::string_view& line);
  // Where the line is that came last.
  [[nodiscard]] Place place() const { return {input_.path(), number_}; }
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  Input& input_;
  const std::size_t max_line_bytes_;
  std::uint64_t number_ = 0;
  bool ended_ = false;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet taken of it
};

}  // namespace words
