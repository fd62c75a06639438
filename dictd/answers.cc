#include "dictd/answers.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "dictd/fold.h"

namespace dictd {
namespace {

using Place = Index::Place;

// Whether two words are the same in the same case, or two bare forms of them.
bool agree_in_case(std::string_view one, std::string_view other, bool bare) {
  const auto form_of = [bare](std::string_view word) {
    std::string form;
    fold_keeping_case(word, form);
    if (!bare) return form;
    std::string bare_of_it;
    bare_form(form, bare_of_it);
    return bare_of_it;
  };
  return form_of(one) == form_of(other);
}

// Collects what may answer one look-up, and chooses; lives for it.
class Choice {
 public:
  Choice(const Index& index, const Sought& sought, const Scope& scope)
      : index_(index), sought_(sought), scope_(scope), has_the_word_(scope.dictionaries.size()) {}

  void add_the_word(Place key) {
    add(key, false, [this](std::size_t rank, const Dictionary& /*dictionary*/) {
      has_the_word_[rank] = true;
      return true;
    });
  }
  // Once the word is added.
  void add_variant(Place key) {
    add(key, true, [this](std::size_t rank, const Dictionary& dictionary) {
      return dictionary.matching == Matching::kLoose ||
             (dictionary.matching == Matching::kFallback && !has_the_word_[rank]);
    });
  }
  std::vector<Place> chosen() && {
    std::ranges::sort(candidates_);
    std::vector<Place> places;
    std::set<const char*> meanings;
    for (const auto& [rank, place] : candidates_) {
      if (scope_.first_only && rank != candidates_.front().first) break;
      const auto meaning = index_.entry(place).meaning;
      if (meaning.empty() || meanings.insert(meaning.data()).second) places.push_back(place);
    }
    return places;
  }

 private:
  using Candidate = std::pair<std::size_t, Place>;  // the rank of its dictionary in the scope, and its place

  template <typename Answers>
  void add(Place key, bool bare, Answers answers) {
    index_.each_entry(key, [&](Place place, std::uint16_t number) {
      const auto found = std::ranges::find(scope_.dictionaries, number);
      if (found == scope_.dictionaries.end()) return;
      const Dictionary& dictionary = index_.dictionaries()[number];
      if (dictionary.case_sensitive && !agree_in_case(index_.entry(place).headword, sought_.word, bare)) return;
      const auto rank = static_cast<std::size_t>(found - scope_.dictionaries.begin());
      if (answers(rank, dictionary)) candidates_.emplace_back(rank, place);
    });
  }

  const Index& index_;
  const Sought& sought_;
  const Scope& scope_;
  std::vector<bool> has_the_word_;  // by rank
  std::vector<Candidate> candidates_;
};

}  // namespace

std::vector<Place> answers(const Index& index, Place place, const Sought& sought, const Scope& scope) {
  std::vector<Place> variants;
  if (place == Index::kNowhere || index.has_variants(place)) variants = index.variants(sought.key);
  if (place == Index::kNowhere && variants.empty()) return {};
  Choice choice(index, sought, scope);
  if (place != Index::kNowhere) choice.add_the_word(place);
  for (const Place variant : variants) choice.add_variant(variant);
  return std::move(choice).chosen();
}

}  // namespace dictd
