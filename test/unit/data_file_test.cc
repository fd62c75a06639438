#include "words/data_file.h"

#include <random>

#include "test/support/dictzip.h"
#include "test/unit/words_fixture.h"
#include "words/dictzip.h"

namespace words {
namespace {

using support::DictzipParts;
using testing::HasSubstr;

class DataFileTest : public FormatTest {
 protected:
  // The part, or the error.
  std::string part(const std::string& path, std::uint64_t offset, std::uint64_t size) const {
    auto data = DataFile::open(path);
    if (!data) return without_directory(data.error().message);
    const auto text = data->read({offset, size});
    return text ? std::string(*text) : without_directory(text.error().message);
  }
  // What opening says of a file with these bytes.
  std::string opened(const std::string& bytes) const {
    const auto data = DataFile::open(file("f", bytes));
    return data ? "ok" : without_directory(data.error().message);
  }
};

// Text that says where it is from.
std::string text_of(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += std::to_string(text.size()) + " ";
  text.resize(bytes);
  return text;
}

TEST_F(DataFileTest, EveryPartIsTheSameHoweverItIsPacked) {
  const std::string text = text_of(20'000);
  DictzipParts named(text, 777);
  named.name = "words.dict";
  const std::string halves = support::dictzip(text.substr(0, 7000), 900) + support::dictzip(text.substr(7000), 1100);
  const std::string files[] = {file("plain.dict", text),
                               file("plain.dict.gz", support::gzip(text)),
                               file("777.dict.dz", named.bytes()),
                               file("one.dict.dz", support::dictzip(text, 60'000)),
                               file("exact.dict.dz", support::dictzip(text, 1000)),
                               file("two.dict.dz", halves)};
  std::mt19937 random(1);
  for (const std::string& path : files) {
    auto data = DataFile::open(path);
    ASSERT_TRUE(data) << data.error().message;
    for (int i = 0; i < 200; ++i) {
      const std::size_t offset = random() % (text.size() + 1);
      const std::size_t size = random() % (text.size() - offset + 1);
      const auto part = data->read({offset, size});
      ASSERT_TRUE(part) << path;
      ASSERT_EQ(*part, text.substr(offset, size)) << path << " " << offset << " " << size;
    }
  }
}

TEST_F(DataFileTest, PartThatIsNotThereIsAnError) {
  for (const std::string& path : {file("a.dict", "12345"), file("a.dict.dz", support::dictzip("12345"))}) {
    EXPECT_EQ(part(path, 0, 5), "12345");
    EXPECT_EQ(part(path, 5, 0), "");
    EXPECT_THAT(part(path, 0, 6), HasSubstr("a text of 6 bytes should begin at byte 0, and it has 5 in all"));
    EXPECT_THAT(part(path, 6, 0), HasSubstr("a text of 0 bytes should begin at byte 6"));
    EXPECT_THAT(part(path, 1, ~std::uint64_t{0}), HasSubstr("should begin at byte 1"));
  }
  EXPECT_THAT(part(dir_.file("none"), 0, 0), HasSubstr("cannot read none: No such file"));
}

TEST_F(DataFileTest, DictzipThatIsCutOffAnywhereIsRefused) {
  const std::string whole = support::dictzip(text_of(2500));
  EXPECT_EQ(opened(whole), "ok");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    ASSERT_THAT(opened(whole.substr(0, size)), HasSubstr("it is cut off")) << size;
  }
}

TEST_F(DataFileTest, DictzipWithOneWrongByteIsRefused) {
  const std::string whole = support::dictzip(text_of(1500));
  const std::size_t table = 10 + 2 + 4;
  for (std::size_t at = table; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x11);
    ASSERT_THAT(opened(wrong), HasSubstr("cannot read f: ")) << at;
  }
}

TEST_F(DataFileTest, TableThatLiesIsRefused) {
  const std::string text = text_of(5000);
  const std::string contradiction = "the table of chunks contradicts itself (byte 0)";
  struct Row {
    const char* what;
    void (*lie)(DictzipParts&);
    std::string reason;
  };
  const std::vector<Row> table = {
      {"a chunk is longer, the next shorter", [](DictzipParts& p) { ++p.packed[1], --p.packed[2]; },
       "a chunk is damaged"},
      {"two chunks exchanged",
       [](DictzipParts& p) { std::swap(p.chunks[1], p.chunks[2]), std::swap(p.packed[1], p.packed[2]); },
       "the checksum is wrong"},
      {"a chunk too few", [](DictzipParts& p) { p.packed.pop_back(); }, "the packed data go on after the last chunk"},
      {"a chunk too many", [](DictzipParts& p) { p.packed.push_back(2); }, "a chunk has not the size"},
      {"chunks are larger than it says", [](DictzipParts& p) { p.chunk_bytes = 999; }, "a chunk has not the size"},
      {"chunks are smaller than it says", [](DictzipParts& p) { p.chunk_bytes = 1001; }, "a chunk has not the size"},
      {"no chunks", [](DictzipParts& p) { p.packed.clear(); }, contradiction},
      {"chunks of no bytes", [](DictzipParts& p) { p.chunk_bytes = 0; }, contradiction},
      {"a packed chunk of no bytes", [](DictzipParts& p) { p.packed[1] = 0; }, contradiction},
      {"another version", [](DictzipParts& p) { p.version = 2; }, contradiction},
      {"wrong CRC", [](DictzipParts& p) { ++p.crc; }, "the checksum is wrong"},
      {"wrong ISIZE", [](DictzipParts& p) { ++p.size; }, "the size is wrong"},
      {"text after the last chunk", [](DictzipParts& p) { p.end = p.chunks[0] + p.end; }, "the packed data go on"},
  };
  for (const Row& row : table) {
    DictzipParts parts(text, 1000);
    row.lie(parts);
    EXPECT_THAT(opened(parts.bytes()), HasSubstr(row.reason)) << row.what;
  }
  EXPECT_THAT(opened(support::dictzip(text) + "more"), HasSubstr("it is cut off"));
  EXPECT_THAT(opened(support::dictzip(text) + "more than a header"), HasSubstr("no gzip header"));
}

TEST_F(DataFileTest, GzipThatIsDamagedIsRefused) {
  const std::string whole = support::gzip(text_of(5000));
  EXPECT_EQ(opened(whole), "ok");
  EXPECT_THAT(opened(whole.substr(0, whole.size() - 3)), HasSubstr("cut off"));
  std::string wrong = whole;
  wrong[whole.size() - 6] ^= 1;
  EXPECT_THAT(opened(wrong), HasSubstr("damaged"));
}

TEST(Dictzip, HeaderIsReadWhereverItEnds) {
  using std::string;
  const string fixed("\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\x03", 10);
  const auto with_flags = [&](char flags, const string& rest) {
    string header = fixed + rest;
    header[3] = flags;
    return header;
  };
  const string ra("\x0C\x00RA\x08\x00\x01\x00\x05\x00\x01\x00\x09\x00", 14);
  const string other("\x04\x00XY\x00\x00", 6);
  const std::vector<std::pair<string, std::size_t>> table = {{fixed, 0},
                                                             {with_flags(4, ra), 1},
                                                             {with_flags(4, other), 0},
                                                             {with_flags(0x18, string("name\0comment\0", 13)), 0},
                                                             {with_flags(0x1C, ra + string("n\0c\0", 4)), 1}};
  for (const auto& [header, chunks] : table) {
    const auto read = read_gzip_header(header + "data");
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->bytes, header.size());
    EXPECT_EQ((*read)->packed.size(), chunks);
    for (std::size_t size = 0; size < header.size(); ++size) {
      const auto cut = read_gzip_header(header.substr(0, size));
      EXPECT_TRUE(cut && !*cut) << size;
    }
  }
  EXPECT_FALSE(read_gzip_header(with_flags(0x20, "")));                  // a flag that is not known
  EXPECT_FALSE(read_gzip_header(with_flags(2, string("\x12\x34", 2))));  // a checksum of its own, and wrong
  EXPECT_FALSE(read_gzip_header(with_flags(4, string("\x03\x00RA\x08", 5))));
}

}  // namespace
}  // namespace words
