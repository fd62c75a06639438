// Every look-up and strategy of the index against a slow and obvious one, over random words.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "dictd/phonetic.h"
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

// The textbook's table, with exchanges of neighbours or without.
int distance(const std::string& one, const std::string& other, bool exchanges) {
  const auto a = characters(one);
  const auto b = characters(other);
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = static_cast<int>(i + j);
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanges && exchanged) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

// Whether the word stands in the key as a word; at its beginning, or its end, if asked for there.
bool has_word(const std::string& key, const std::string& word, bool first, bool last) {
  for (std::size_t at = 0; !word.empty() && at + word.size() <= key.size(); ++at) {
    const auto before = key.substr(0, at);
    const auto after = key.substr(at + word.size());
    if (key.substr(at, word.size()) != word || ends_in_word(before) || begins_in_word(after)) continue;
    if ((!first || before.empty()) && (!last || after.empty())) return true;
  }
  return false;
}

template <auto encode>
bool sounds_alike(const std::string& key, const std::string& word) {
  std::string one;
  std::string other;
  encode(key, one);
  encode(word, other);
  return !one.empty() && one == other;
}

// A strategy as a question to each key: how far it is from the word; nothing if it is not like it.
using SlowStrategy = std::function<std::optional<int>(const std::string& key, const std::string& word)>;

SlowStrategy if_true(const std::function<bool(const std::string&, const std::string&)>& is_like) {
  return [=](const auto& key, const auto& word) { return is_like(key, word) ? std::optional(0) : std::nullopt; };
}
SlowStrategy within(int most, bool exchanges) {
  return [=](const auto& key, const auto& word) {
    const auto far = distance(key, word, exchanges);
    return far <= most ? std::optional(far) : std::nullopt;
  };
}

const std::map<std::string, SlowStrategy>& slow_strategies() {
  static const std::map<std::string, SlowStrategy> strategies = {
      {"prefix", if_true([](const auto& key, const auto& word) { return key.starts_with(word); })},
      {"nprefix", if_true([](const auto& key, const auto& word) { return key.starts_with(word); })},
      {"suffix", if_true([](const auto& key, const auto& word) { return key.ends_with(word); })},
      {"substring", if_true([](const auto& key, const auto& word) { return key.find(word) != std::string::npos; })},
      {"word", if_true([](const auto& key, const auto& word) { return has_word(key, word, false, false); })},
      {"first", if_true([](const auto& key, const auto& word) { return has_word(key, word, true, false); })},
      {"last", if_true([](const auto& key, const auto& word) { return has_word(key, word, false, true); })},
      {"soundex", if_true(sounds_alike<soundex>)},
      {"metaphone", if_true(sounds_alike<metaphone>)},
      {"lev", within(1, true)},
      {"lev1", within(1, false)},
      {"lev2", within(2, false)},
      {"lev3", within(3, false)},
      {"lev4", within(4, false)},
      {"dlev", within(1, true)},
      {"dlev1", within(1, true)},
      {"dlev2", within(2, true)},
      {"dlev3", within(3, true)},
      {"dlev4", within(4, true)},
  };
  return strategies;
}

// Everything as it was added, one pass over all of it for each question.
class SlowIndex {
 public:
  SlowIndex(std::vector<DictionarySettings> dictionaries, std::vector<Addition> additions)
      : dictionaries_(std::move(dictionaries)), additions_(std::move(additions)) {}

  // Those asked: the scope of that name, written out.
  struct Asked {
    std::vector<std::string> dictionaries;
    bool first_only = false;
  };

  [[nodiscard]] std::vector<Entry> look_up(const std::string& word, const Asked& asked) const {
    std::vector<Entry> results;
    for (const auto& name : asked.dictionaries) {
      const auto& settings = *std::ranges::find(dictionaries_, name, &DictionarySettings::name);
      auto found = entries(settings, [&](const auto& headword) { return is_word(settings, headword, word); });
      if (settings.matching == Matching::kLoose || (settings.matching == Matching::kFallback && found.empty())) {
        found = entries(settings, [&](const auto& headword) {
          return is_word(settings, headword, word) || is_variant(settings, headword, word);
        });
      }
      results.insert(results.end(), found.begin(), found.end());
      if (asked.first_only && !results.empty()) break;
    }
    return results;
  }

  [[nodiscard]] std::vector<Entry> match(const std::string& strategy, const std::string& word,
                                         const Asked& asked) const {
    if (strategy == "exact") return each_headword_once(look_up(word, asked));
    std::vector<Entry> results;
    for (const auto& name : asked.dictionaries) {
      const auto found = each_headword_once(match_in(name, slow_strategies().at(strategy), word));
      results.insert(results.end(), found.begin(), found.end());
      if (asked.first_only && !results.empty()) break;
    }
    return results;
  }

 private:
  static std::string form_of(const DictionarySettings& settings, const std::string& word) {
    std::string form;
    settings.case_sensitive ? fold_keeping_case(word, form) : fold(word, form);
    return form;
  }
  static std::string bare_of(const std::string& form) {
    std::string bare;
    bare_form(form, bare);
    return bare;
  }
  static bool is_word(const DictionarySettings& settings, const std::string& headword, const std::string& word) {
    return form_of(settings, headword) == form_of(settings, word);
  }
  static bool is_variant(const DictionarySettings& settings, const std::string& headword, const std::string& word) {
    const auto bare = bare_of(form_of(settings, word));
    return !bare.empty() && key_of(headword) != key_of(word) && bare_of(form_of(settings, headword)) == bare;
  }

  template <typename IsIt>
  [[nodiscard]] std::vector<Entry> entries(const DictionarySettings& settings, IsIt is_it) const {
    std::vector<Entry> results;
    for (const auto& addition : additions_) {
      if (addition.dictionary == settings.name && is_it(addition.headword)) results.push_back(addition.entry());
    }
    return results;
  }

  [[nodiscard]] std::vector<Entry> match_in(const std::string& name, const SlowStrategy& strategy,
                                            const std::string& word) const {
    std::map<std::pair<int, std::string>, std::vector<Entry>> found;  // by distance, then by key
    for (const auto& addition : additions_) {
      if (addition.dictionary != name) continue;
      const auto key = key_of(addition.headword);
      if (const auto far = strategy(key, key_of(word))) found[{*far, key}].push_back(addition.entry());
    }
    std::vector<Entry> results;
    for (const auto& [order, entries] : found) results.insert(results.end(), entries.begin(), entries.end());
    return results;
  }

  static std::vector<Entry> each_headword_once(const std::vector<Entry>& entries) {
    std::vector<Entry> results;
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const auto& entry : entries) {
      if (seen.emplace(entry.dictionary, entry.headword).second) results.push_back(entry);
    }
    return results;
  }

  std::vector<DictionarySettings> dictionaries_;
  std::vector<Addition> additions_;
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
  std::string random_headword(std::size_t longest) {
    for (;;) {
      if (auto word = random_word(longest, 1); trim(word) == word) return word;
    }
  }

  std::vector<Addition> random_additions(std::size_t count) {
    std::vector<Addition> additions;
    for (const auto* dictionary : {"z", "a", "m"}) {
      for (std::size_t n = 0; n < count; ++n) {
        additions.push_back({dictionary, random_headword(n % 50 == 0 ? 20 : 5), std::to_string(additions.size())});
      }
    }
    return additions;
  }

  void expect_the_same(const Index& index, const SlowIndex& slow, const std::string& word) {
    const std::map<std::string, SlowIndex::Asked> asked = {
        {"*", {{"z", "a", "m"}}}, {"!", {{"z", "a", "m"}, true}}, {"a", {{"a"}}}, {"mz", {{"m", "z"}}}};
    for (const auto& [database, dictionaries] : asked) {
      ASSERT_EQ(look_up(index, word, database), slow.look_up(word, dictionaries)) << database << " " << word;
    }
    for (const auto& [database, dictionaries] : asked) {
      ASSERT_EQ(match(index, "exact", word, {.database = database}), slow.match("exact", word, dictionaries));
    }
    for (const auto& [strategy, unused] : slow_strategies()) {
      const auto& [database, dictionaries] = *std::next(asked.begin(), static_cast<std::ptrdiff_t>(random_() % 4));
      auto expected = slow.match(strategy, word, dictionaries);
      for (const std::size_t limit : {kNoLimit, std::size_t{5}, std::size_t{0}}) {
        expected.resize(std::min(limit, expected.size()));
        ASSERT_EQ(match(index, strategy, word, {.database = database, .limit = limit}), expected)
            << strategy << " " << database << " " << testing::PrintToString(word) << limit;
      }
    }
  }

  std::mt19937 random_{42};
};

TEST_P(AgainstTheSlowOne, FindsTheSame) {
  const DictionarySettings members{
      .name = "mz", .members = {"m", "z"}, .default_rank = DictionarySettings::kNotInDefault};
  const std::vector<std::vector<DictionarySettings>> kinds = {
      {{.name = "z"}, {.name = "a"}, {.name = "m"}, members},
      {{.name = "z"},
       {.name = "a", .case_sensitive = true, .matching = Matching::kLoose},
       {.name = "m", .matching = Matching::kExact},
       members}};
  for (const auto& dictionaries : kinds) {
    for (const std::size_t count : {1U, 3U, 30U, 90U}) {
      const auto additions = random_additions(count);
      const auto index = build(dictionaries, additions);
      const SlowIndex slow(dictionaries, additions);
      for (int n = 0; n < 12; ++n) {
        const auto word = n % 3 == 0 ? additions[random_() % additions.size()].headword : random_word(6);
        ASSERT_NO_FATAL_FAILURE(expect_the_same(*index, slow, word));
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
                                         Alphabet{"Sounds", {"a", "c", "g", "h", "i", "n", "s", "t"}},
                                         Alphabet{"Words", {"a", "A", "b", " ", "-", "'", "é"}},
                                         Alphabet{"Accents", {"e", "é", "è", "É", "ß", "s"}},
                                         Alphabet{"Chinese", {"苹", "果", "树", "菓", "a"}},
                                         Alphabet{"EveryLength", {"a", "é", "果", "😀", "😁", "\u00a9"}},
                                         Alphabet{"Nul", {"\0"s, "\1"s, "a"}},
                                         Alphabet{"SharedBytes", {"一", "丁", "七", "丂", "亀"}}),
                         [](const auto& alphabet) { return alphabet.param.name; });

}  // namespace
}  // namespace dictd::index_test
