// What the tests of the formats share: a sink that writes down what it gets, and files that a test makes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "test/support/temp_dir.h"
#include "words/format.h"
#include "words/input.h"
#include "words/sink.h"

namespace words {

// Entries as `headword=meaning`, numbered from 0; further headwords as `headword->number`; the rest by its name.
class RecordingSink : public Sink {
 public:
  LoadResult<void> set_name(const Place&, std::string_view name) override {
    note("name ", name);
    return {};
  }
  std::vector<std::string> lines;

 private:
  LoadResult<EntryId> take(std::string_view headword, std::string_view meaning) override {
    note(headword, "=", meaning);
    return entries_++;
  }
  LoadResult<void> take_alias(std::string_view headword, EntryId entry) override {
    note(headword, "->", std::to_string(entry));
    return {};
  }
  void take_property(std::string_view property, std::string_view value) override { note(property, ": ", value); }
  void take_title(std::string_view title) override { note("title ", title); }
  void take_bad(const Place& place, const std::string& reason) override {
    const std::string shown = to_string(place);
    note("bad ", shown.substr(shown.rfind('/') + 1), ": " + reason);
  }
  void note(std::string_view a, std::string_view b, std::string_view c = "") {
    lines.push_back(std::string(a).append(b).append(c));
  }

  EntryId entries_ = 0;
};

class FormatTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(dir_.file(name), std::ios::binary) << bytes;
    return dir_.file(name);
  }
  // What a sink gets of a file; the last line is the error, if there is one, without the directory.
  std::vector<std::string> read(const std::string& path, std::optional<Format> format = std::nullopt,
                                const std::string& charset = "") const {
    RecordingSink sink;
    const auto done = read_source({path, format, charset}, sink);
    if (!done) sink.lines.push_back("error " + without_directory(done.error().message));
    return sink.lines;
  }
  // The same of the bytes of a file.
  std::vector<std::string> read_bytes(const std::string& bytes, std::optional<Format> format = std::nullopt,
                                      const std::string& charset = "") const {
    return read(file("f", bytes), format, charset);
  }
  std::string without_directory(std::string text) const {
    const std::string directory = dir_.path().string() + "/";
    for (std::size_t at = 0; (at = text.find(directory)) != std::string::npos;) text.erase(at, directory.size());
    return text;
  }

  support::TempDir dir_;
};

}  // namespace words
