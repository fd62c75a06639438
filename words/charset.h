// Text of another encoding turned into UTF-8, by the C library's iconv.
//
// Bytes that mean nothing in that encoding become the byte FF, which is never UTF-8: who checks the text finds them, and
// can tell where. Not for guessing an encoding.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace words {

// One thread.
class Charset {
 public:
  // From UTF-8 if there is no name: then text stays as it is. An error says that there is no such encoding.
  [[nodiscard]] static tl::expected<Charset, std::string> open(const std::string& name);
  ~Charset();
  Charset(Charset&& other) noexcept;
  Charset& operator=(Charset&&) = delete;

  // Appends to `utf8` what comes next of a longer text; a character that is cut off waits for the next call.
  void convert(std::string_view bytes, std::string& utf8);
  void finish(std::string& utf8);  // the end of that text
  // A whole text.
  [[nodiscard]] std::string to_utf8(std::string_view bytes);

 private:
  explicit Charset(void* conversion) : conversion_(conversion) {}
  void* conversion_;     // an iconv_t; null: none is needed
  std::string cut_off_;  // the beginning of a character
};

}  // namespace words
