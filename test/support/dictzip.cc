#include "test/support/dictzip.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace support {
namespace {

// Packs texts one after the other, so that each can be unpacked by itself.
class Deflater {
 public:
  explicit Deflater(int window_bits) {
    if (deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("deflateInit2");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string pack(std::string_view text, int flush) {
    std::string packed(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // it is only read
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream_, flush);
    if (result != (flush == Z_FINISH ? Z_STREAM_END : Z_OK)) throw std::runtime_error("deflate");
    packed.resize(packed.size() - stream_.avail_out);
    return packed;
  }

 private:
  z_stream stream_{};
};

std::string little_endian(std::uint32_t number, std::size_t bytes) {
  std::string text;
  for (; text.size() < bytes; number >>= 8U) text += static_cast<char>(number & 0xFFU);
  return text;
}

}  // namespace

DictzipParts::DictzipParts(std::string_view text, std::size_t bytes_of_a_chunk)
    : chunk_bytes(static_cast<std::uint16_t>(bytes_of_a_chunk)),
      crc(static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()))),
      size(static_cast<std::uint32_t>(text.size())) {
  Deflater deflater(-MAX_WBITS);
  for (; !text.empty(); text.remove_prefix(std::min(bytes_of_a_chunk, text.size()))) {
    chunks.push_back(deflater.pack(text.substr(0, bytes_of_a_chunk), Z_FULL_FLUSH));
    packed.push_back(static_cast<std::uint16_t>(chunks.back().size()));
  }
  end = deflater.pack("", Z_FINISH);
}

std::string DictzipParts::bytes() const {
  std::string table = little_endian(version, 2) + little_endian(chunk_bytes, 2) +
                      little_endian(static_cast<std::uint32_t>(packed.size()), 2);
  for (const std::uint16_t size_of_chunk : packed) table += little_endian(size_of_chunk, 2);
  const std::string extra = "RA" + little_endian(static_cast<std::uint32_t>(table.size()), 2) + table;
  std::string file =
      std::string("\x1F\x8B\x08", 3) + (name.empty() ? '\x04' : '\x0C') + std::string(4, '\0') + "\x02\x03";
  file += little_endian(static_cast<std::uint32_t>(extra.size()), 2) + extra;
  if (!name.empty()) file += name + '\0';
  for (const std::string& chunk : chunks) file += chunk;
  return file + end + little_endian(crc, 4) + little_endian(size, 4);
}

std::string dictzip(std::string_view text, std::size_t chunk_bytes) { return DictzipParts(text, chunk_bytes).bytes(); }

std::string gzip(std::string_view text) { return Deflater(MAX_WBITS + 16).pack(text, Z_FINISH); }

}  // namespace support
