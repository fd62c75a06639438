// Every strategy of the index against a slow and obvious one, over random words.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "test/unit/index_fixture.h"

namespace dictd::index_test {
namespace {

using namespace std::string_literals;

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char byte : text) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
    if (!continues) result.emplace_back();
    result.back() += byte;
  }
  return result;
}

// The textbook's table, with exchanges of neighbours.
std::size_t distance(const std::string& one, const std::string& other) {
  const auto a = characters(one);
  const auto b = characters(other);
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

// Every entry in the order of keys, one pass over all of them for each question.
class SlowIndex {
 public:
  explicit SlowIndex(const std::vector<Addition>& additions) {
    for (const auto& addition : additions) {
      entries_[key_of(addition.headword)].push_back(addition.entry());
    }
  }

  [[nodiscard]] std::vector<Entry> exact(const std::string& key) const {
    return entries_.contains(key) ? entries_.at(key) : std::vector<Entry>{};
  }

  template <typename Predicate>
  [[nodiscard]] std::vector<Entry> match(Predicate matches) const {
    std::vector<Entry> results;
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& [key, entries] : entries_) {
      if (!matches(key)) continue;
      for (const auto& entry : entries) {
        if (seen.emplace(entry.dictionary, entry.headword).second) results.push_back(entry);
      }
    }
    return results;
  }

  [[nodiscard]] std::vector<Entry> match(std::string_view strategy, const std::string& word) const {
    auto results = match([&](const std::string& key) { return key == word; });
    if (strategy == "exact") return results;
    if (strategy == "prefix") return match([&](const std::string& key) { return key.starts_with(word); });
    const auto near = match([&](const std::string& key) { return distance(key, word) == 1; });
    results.insert(results.end(), near.begin(), near.end());
    return results;
  }

 private:
  std::map<std::string, std::vector<Entry>> entries_;
};

struct Alphabet {
  std::string name;
  std::vector<std::string> characters;
};

class AgainstTheSlowOne : public testing::TestWithParam<Alphabet> {
 protected:
  std::string random_word(std::size_t longest, std::size_t shortest = 0) {
    std::string word;
    const auto& characters = GetParam().characters;
    for (auto n = shortest + random_() % (longest + 1 - shortest); n > 0; --n) {
      word += characters[random_() % characters.size()];
    }
    return word;
  }

  std::vector<Addition> random_additions(std::size_t count) {
    std::vector<Addition> additions;
    for (const auto* dictionary : {"z", "a", "m"}) {
      for (std::size_t n = 0; n < count; ++n) {
        additions.push_back({dictionary, random_word(n % 50 == 0 ? 20 : 5, 1), std::to_string(additions.size())});
      }
    }
    return additions;
  }

  std::mt19937 random_{42};
};

TEST_P(AgainstTheSlowOne, FindsTheSame) {
  for (const std::size_t count : {1U, 3U, 30U, 400U}) {
    const auto additions = random_additions(count);
    const auto index = build(additions);
    const SlowIndex slow(additions);
    for (int n = 0; n < 60; ++n) {
      const auto word = key_of(n % 3 == 0 ? additions[random_() % additions.size()].headword : random_word(6));
      ASSERT_EQ(exact(*index, word), slow.exact(word)) << testing::PrintToString(word);
      for (const auto& strategy : strategies()) {
        auto expected = slow.match(strategy.name, word);
        for (const std::size_t limit : {kNoLimit, std::size_t{20}, std::size_t{5}, std::size_t{1}, std::size_t{0}}) {
          expected.resize(std::min(limit, expected.size()));
          ASSERT_EQ(match(*index, strategy.name, word, limit), expected)
              << strategy.name << testing::PrintToString(word) << limit;
        }
      }
    }
  }
}

TEST_P(AgainstTheSlowOne, ListsKeysFromTheFrontAndFromTheBack) {
  const auto additions = random_additions(400);
  const auto index = build(additions);
  std::set<std::string> keys;
  for (const auto& addition : additions) keys.insert(key_of(addition.headword));
  const auto key = [&](Index::Place place) { return index->key(place); };
  EXPECT_TRUE(std::ranges::equal(index->by_front(), keys, {}, key));
  const auto backwards = [](std::string_view text) { return std::string(text.rbegin(), text.rend()); };
  std::set<std::string> reversed;
  for (const auto& each : keys) reversed.insert(backwards(each));
  EXPECT_TRUE(
      std::ranges::equal(index->by_back(), reversed, {}, [&](Index::Place place) { return backwards(key(place)); }));
}

INSTANTIATE_TEST_SUITE_P(Words, AgainstTheSlowOne,
                         testing::Values(Alphabet{"Two", {"a", "b"}}, Alphabet{"Latin", {"a", "B", "b", "c", "d", "e"}},
                                         Alphabet{"Accents", {"e", "é", "è", "É", "ß", "s"}},
                                         Alphabet{"Chinese", {"苹", "果", "树", "菓", "a"}},
                                         Alphabet{"EveryLength", {"a", "é", "果", "😀", "😁", "\u00a9"}},
                                         Alphabet{"Nul", {"\0"s, "\1"s, "a"}},
                                         Alphabet{"SharedBytes", {"一", "丁", "七", "丂", "亀"}}),
                         [](const auto& alphabet) { return alphabet.param.name; });

}  // namespace
}  // namespace dictd::index_test
