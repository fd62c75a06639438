#include "words/dictzip_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "words/dictzip.h"

namespace words {
namespace {

constexpr std::size_t kMaxEndBytes = 64;  // of deflated data after the last chunk; a final block without text takes two

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

}  // namespace

// Unpacks raw deflated data. One thread.
class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // From now on what comes does not depend on what was before it.
  void reset() {
    inflateReset(&stream_);
    ended_ = false;
  }
  // Takes what is needed off `packed` and puts its text, at most `at_most` bytes, in place of what `text` holds. False:
  // that is no deflated data.
  bool run(std::string_view& packed, std::size_t at_most, std::string& text) {
    text.resize(at_most);
    stream_.next_in = const_cast<Bytef*>(bytes_of(packed));  // it is only read
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(text.data());
    stream_.avail_out = static_cast<uInt>(at_most);
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    packed.remove_prefix(packed.size() - stream_.avail_in);
    text.resize(at_most - stream_.avail_out);
    ended_ = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  }
  // Whether that was the end of the deflated data.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

DictzipFile::DictzipFile(std::string path, dictd::File file, std::unique_ptr<Inflater> inflater)
    : path_(std::move(path)), file_(std::move(file)), inflater_(std::move(inflater)) {}
DictzipFile::~DictzipFile() = default;
DictzipFile::DictzipFile(DictzipFile&& other) noexcept = default;
DictzipFile& DictzipFile::operator=(DictzipFile&& other) noexcept = default;

LoadResult<std::optional<DictzipFile>> DictzipFile::open(const std::string& path) {
  auto file = dictd::File::open(path, O_RDONLY);
  if (!file) return unreadable(path, file.error().text());
  const auto packed_size = file->size();
  if (!packed_size) return unreadable(path, packed_size.error().text());
  DictzipFile opened(path, std::move(*file), std::make_unique<Inflater>());
  for (std::uint64_t at = 0; at < *packed_size;) {
    const auto added = opened.add_member(at);
    if (!added) return tl::unexpected(added.error());
    if (!*added) return std::nullopt;
  }
  return opened;
}

std::uint64_t DictzipFile::size() const { return chunks_.empty() ? 0 : chunks_.back().offset + chunks_.back().size; }

LoadResult<bool> DictzipFile::add_member(std::uint64_t& at) {
  const auto head = bytes_at(at, kMaxGzipHeaderBytes);
  if (!head) return tl::unexpected(head.error());
  const auto header = read_gzip_header(*head);
  if (!header) return damaged(at, header.error());
  if (!*header) return damaged(at, "it is cut off");
  if ((*header)->chunk_bytes == 0) return false;
  at += (*header)->bytes;
  std::uint32_t crc = 0;
  const std::uint64_t begin = size();
  for (std::size_t left = (*header)->packed.size(); const std::uint16_t packed : (*header)->packed) {
    Chunk chunk{at, size(), packed, 0, 0, {}};
    if (auto unpacked = unpack(chunk); !unpacked) return tl::unexpected(unpacked.error());
    chunk.size = static_cast<std::uint32_t>(chunk.text.size());
    const bool last = --left == 0;
    if (chunk.size > (*header)->chunk_bytes || (chunk.size < (*header)->chunk_bytes && !last) || chunk.size == 0) {
      return damaged(at, "a chunk has not the size that the table says");
    }
    crc = static_cast<std::uint32_t>(crc32_z(crc, bytes_of(chunk.text), chunk.text.size()));
    std::string().swap(chunk.text);
    at += packed;
    chunks_.push_back(std::move(chunk));
  }
  return check_end(at, crc, size() - begin).map([] { return true; });
}

LoadResult<void> DictzipFile::check_end(std::uint64_t& at, std::uint32_t crc, std::uint64_t size) {
  const auto bytes = bytes_at(at, kMaxEndBytes + kGzipTrailerBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string_view rest = *bytes;
  std::string text;
  if (!inflater_->ended() && (!inflater_->run(rest, 1, text) || !text.empty() || !inflater_->ended())) {
    return damaged(at, rest.empty() ? "it is cut off" : "the packed data go on after the last chunk");
  }
  at += bytes->size() - rest.size();
  if (rest.size() < kGzipTrailerBytes) return damaged(at, "it is cut off");
  if (little_endian_32(rest, 0) != crc) return damaged(at, "the checksum is wrong");
  if (little_endian_32(rest, 4) != (size & 0xFFFFFFFFU)) return damaged(at, "the size is wrong");
  at += kGzipTrailerBytes;
  return {};
}

LoadResult<std::string> DictzipFile::bytes_at(std::uint64_t at, std::size_t at_most) const {
  std::string bytes(at_most, '\0');
  const auto count = file_.read_at(at, bytes);
  if (!count) return unreadable(path_, count.error().text());
  bytes.resize(*count);
  return bytes;
}

LoadResult<void> DictzipFile::unpack(Chunk& chunk) {
  const auto bytes = bytes_at(chunk.at, chunk.packed);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() < chunk.packed) return damaged(chunk.at + bytes->size(), "it is cut off");
  std::string_view packed = *bytes;
  inflater_->reset();
  // One byte more than a chunk may have, so that one that is too large is seen.
  constexpr std::size_t kMaxChunkBytes = 0xFFFF;
  if (!inflater_->run(packed, kMaxChunkBytes + 1, chunk.text) || !packed.empty()) {
    return damaged(chunk.at, "a chunk is damaged, or not where the table says");
  }
  return {};
}

LoadResult<void> DictzipFile::read(std::uint64_t offset, std::size_t size, std::string& text) {
  text.clear();
  auto chunk = std::upper_bound(chunks_.begin(), chunks_.end(), offset,
                                [](std::uint64_t at, const Chunk& other) { return at < other.offset; }) -
               1;
  for (; text.size() < size; ++chunk) {
    chunk->used = ++uses_;
    if (chunk->text.empty()) {
      if (auto unpacked = unpack(*chunk); !unpacked) return unpacked;
      if (chunk->text.size() != chunk->size) return damaged(chunk->at, "it changed while it was read");
      chunk->text.shrink_to_fit();
      kept_bytes_ += chunk->size;
      while (kept_bytes_ > kMaxUnpackedBytes) drop_least_used();
    }
    text += std::string_view(chunk->text).substr(offset + text.size() - chunk->offset, size - text.size());
  }
  return {};
}

void DictzipFile::drop_least_used() {
  const auto rank = [](const Chunk& chunk) { return chunk.text.empty() ? ~std::uint64_t{0} : chunk.used; };
  const auto least = std::min_element(chunks_.begin(), chunks_.end(),
                                      [&](const Chunk& a, const Chunk& b) { return rank(a) < rank(b); });
  kept_bytes_ -= least->size;
  std::string().swap(least->text);
}

tl::unexpected<LoadError> DictzipFile::damaged(std::uint64_t at, std::string_view why) const {
  return unreadable(path_, fmt::format("{} (byte {})", why, at));
}

}  // namespace words
