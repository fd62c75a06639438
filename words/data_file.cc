#include "words/data_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <system_error>

#include "words/dictzip.h"
#include "words/input.h"

namespace words {

std::size_t PartHash::operator()(const Part& part) const {
  return std::hash<std::uint64_t>()(part.offset * 0x9E3779B97F4A7C15U + part.size);
}

LoadResult<DataFile> DataFile::open(const std::string& path) {
  auto file = dictd::File::open(path, O_RDONLY);
  if (!file) return unreadable(path, file.error().text());
  std::string magic(2, '\0');
  const auto read = file->read_at(0, magic);
  if (!read) return unreadable(path, read.error().text());
  DataFile opened;
  opened.path_ = path;
  if (is_gzip(magic)) {
    auto dictzip = DictzipFile::open(path);
    if (!dictzip) return tl::unexpected(dictzip.error());
    if (!*dictzip) return unpack_gzip(path);
    opened.dictzip_ = std::move(*dictzip);
    opened.size_ = opened.dictzip_->size();
    return opened;
  }
  const auto size = file->size();
  if (!size) return unreadable(path, size.error().text());
  opened.size_ = *size;
  opened.plain_ = std::move(*file);
  return opened;
}

LoadResult<DataFile> DataFile::unpack_gzip(const std::string& path) {
  DataFile opened;
  opened.path_ = path;
  std::error_code no_directory;
  const std::filesystem::path directory = std::filesystem::temp_directory_path(no_directory);
  auto file = dictd::File::open(directory, O_TMPFILE | O_RDWR);
  if (!file)
    return unreadable(path, fmt::format("no temporary file in {}: {}", directory.string(), file.error().text()));
  auto input = Input::open(path, "");
  if (!input) return tl::unexpected(input.error());
  for (std::string text; input->read(text); text.clear()) {
    if (const auto written = file->write(text); !written) {
      return unreadable(path, fmt::format("its temporary file in {}: {}", directory.string(), written.error().text()));
    }
    opened.size_ += text.size();
    if (opened.size_ > kMaxUnpackedFileBytes) {
      return unreadable(path, fmt::format("more than {} bytes are packed in it", kMaxUnpackedFileBytes));
    }
  }
  if (input->error()) return tl::unexpected(*input->error());
  opened.plain_ = std::move(*file);
  return opened;
}

LoadResult<std::string_view> DataFile::read(const Part& part) {
  if (part.offset > size_ || part.size > size_ - part.offset) {
    return unreadable(path_, fmt::format("a text of {} bytes should begin at byte {}, and it has {} in all", part.size,
                                         part.offset, size_));
  }
  if (part.size > kMaxPartBytes) {
    return unreadable(path_, fmt::format("a text has more than {} bytes (byte {})", kMaxPartBytes, part.offset));
  }
  if (dictzip_) {
    return dictzip_->read(part.offset, part.size, text_).map([&] { return std::string_view(text_); });
  }
  text_.resize(part.size);
  const auto count = plain_.read_at(part.offset, text_);
  if (!count) return unreadable(path_, count.error().text());
  return std::string_view(text_).substr(0, *count);
}

}  // namespace words
