// Text of marked-up text: HTML, and the XML that dictionaries hold (Pango's, XDXF, PowerWord's).
//
// In HTML white space is what it is there, and blocks, list items, rows and <br> begin new lines; in XML line ends stay,
// and <br> and the elements of entries are lines. What is not to be read (scripts, styles, comments) is left out. What is
// no well-formed XML is taken as HTML, of which anything can be made. The parsers are libxml2's; they fetch nothing.
#pragma once

#include <string>
#include <string_view>

namespace words {

enum class Markup { kHtml, kXml };

// `markup` is UTF-8, and so is the text; it neither begins nor ends with white space.
[[nodiscard]] std::string text_of(std::string_view markup, Markup kind);

}  // namespace words
