// What --match and --list print for people: a line for each headword, a line for each dictionary. Pure: text out, each
// line with its newline.
//
//   wn<TAB>apple            name    headwords  title
//   wn<TAB>applecart        basic       12297  English–Chinese basics
//   gcide<TAB>Apple         wn         147306  WordNet (r) 3.0 (2006)
//
// Scripts read the first as well, so that its form depends on what is asked, and never on what is found.
#pragma once

#include <string>
#include <vector>

#include "dictcli/client.h"
#include "dictcli/language.h"

namespace dictcli {

// Each with its dictionary and a tab before it; if one dictionary was asked, without, and each headword once.
[[nodiscard]] std::string show_matches(const std::vector<Match>& matches, bool one_dictionary);
// A head and a line for each, in columns; names are never cut, since they are there to be typed.
[[nodiscard]] std::string show_dictionaries(const std::vector<Dictionary>& dictionaries, Language language);

}  // namespace dictcli
