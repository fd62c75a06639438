#include "dictd/wire.h"

#include "dictd/fold.h"

namespace dictd::wire {
namespace {

constexpr std::size_t kHeader = reactor::kFramePrefix + kSmallestFrame;

template <typename Integer>
void append_integer(reactor::Buffer& output, Integer value) {
  char* const bytes = output.prepare(sizeof value).data();
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof value - 1 - i)) & 0xff);
  }
  output.commit(sizeof value);
}

}  // namespace

FrameWriter::FrameWriter(reactor::Buffer& output, Type type, std::uint32_t id)
    : output_(output), begin_(output.size()) {
  char* const header = output_.prepare(kHeader).data();
  header[reactor::kFramePrefix] = static_cast<char>(type);
  reactor::store_u32(header + reactor::kFramePrefix + 1, id);
  output_.commit(kHeader);
}

FrameWriter::~FrameWriter() {
  reactor::store_u32(output_.at(begin_), static_cast<std::uint32_t>(output_.size() - begin_ - reactor::kFramePrefix));
}

void FrameWriter::put(std::uint16_t value) { append_integer(output_, value); }
void FrameWriter::put(std::uint32_t value) { append_integer(output_, value); }
void FrameWriter::put(std::uint64_t value) { append_integer(output_, value); }
void FrameWriter::put(std::string_view text) {
  put(static_cast<std::uint32_t>(text.size()));
  output_.append(text);
}

Frame parse_frame(std::string_view body) {
  return {static_cast<Type>(body[0]), reactor::load_u32(body.data() + 1), body.substr(kSmallestFrame)};
}

std::string_view describe(DecodeError error) {
  switch (error) {
    case DecodeError::kTooShort: return "a field reaches over the end of the frame";
    case DecodeError::kTooLong: return "bytes are left over after the last field";
    case DecodeError::kInvalidUtf8: return "a text is not valid UTF-8";
  }
  return "unknown";
}

std::string_view FieldReader::take(std::size_t count) {
  if (error_ || rest_.size() < count) {
    error_ = true;
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::uint64_t FieldReader::integer(std::size_t width) {
  std::uint64_t value = 0;
  for (const char byte : take(width)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void FieldReader::get(std::string_view& text) {
  std::uint32_t count = 0;
  get(count);
  text = take(count);
  if (error_ || valid_utf8(text)) return;
  error_ = true;
  reason_ = DecodeError::kInvalidUtf8;
}

tl::expected<void, DecodeError> FieldReader::finish() const {
  if (error_) return tl::unexpected(reason_);
  if (!rest_.empty()) return tl::unexpected(DecodeError::kTooLong);
  return {};
}

}  // namespace dictd::wire
