#include "words/charset.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <utility>

namespace words {
namespace {

constexpr char kMeaningless = '\xFF';

}  // namespace

tl::expected<Charset, std::string> Charset::open(const std::string& name) {
  if (name.empty()) return Charset(nullptr);
  const iconv_t conversion = iconv_open("UTF-8", name.c_str());
  if (conversion == reinterpret_cast<iconv_t>(-1)) {  // NOLINT(performance-no-int-to-ptr)
    return tl::unexpected("there is no encoding " + name + "; iconv --list has their names");
  }
  return Charset(conversion);
}

Charset::~Charset() {
  if (conversion_ != nullptr) iconv_close(conversion_);
}

Charset::Charset(Charset&& other) noexcept
    : conversion_(std::exchange(other.conversion_, nullptr)), cut_off_(std::move(other.cut_off_)) {}

void Charset::convert(std::string_view bytes, std::string& utf8) {
  if (conversion_ == nullptr) {
    utf8 += bytes;
    return;
  }
  std::string input = std::exchange(cut_off_, {});
  input += bytes;
  char* next = input.data();
  std::size_t left = input.size();
  while (left != 0) {
    std::array<char, 4096> converted;
    char* end = converted.data();
    std::size_t room = converted.size();
    const bool stopped = iconv(conversion_, &next, &left, &end, &room) == static_cast<std::size_t>(-1);
    const int why = stopped ? errno : 0;
    utf8.append(converted.data(), end);
    if (why == EINVAL) {
      cut_off_.assign(next, left);
      return;
    }
    if (why == EILSEQ) {
      utf8 += kMeaningless;
      ++next;
      --left;
    }
  }
}

void Charset::finish(std::string& utf8) {
  if (!std::exchange(cut_off_, {}).empty()) utf8 += kMeaningless;
  if (conversion_ != nullptr) iconv(conversion_, nullptr, nullptr, nullptr, nullptr);
}

std::string Charset::to_utf8(std::string_view bytes) {
  std::string utf8;
  convert(bytes, utf8);
  finish(utf8);
  return utf8;
}

}  // namespace words
