#include "words/markup.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace words {
namespace {

constexpr int kQuiet = XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET;
constexpr std::string_view kSpaces = " \t\r\n\f";
constexpr std::string_view kBlocks[] = {"address", "article",  "aside",   "blockquote", "center", "dd",   "div", "dl",
                                        "dt",      "fieldset", "footer",  "form",       "h1",     "h2",   "h3",  "h4",
                                        "h5",      "h6",       "header",  "hr",         "li",     "main", "nav", "ol",
                                        "p",       "pre",      "section", "table",      "tr",     "ul",  // of HTML
                                        "ar",      "def",      "deftext", "ex",         "sense"};        // of XDXF

using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

std::string_view name_of(const xmlNode* node) {
  return node->type == XML_ELEMENT_NODE && node->name != nullptr ? reinterpret_cast<const char*>(node->name)
                                                                 : std::string_view();
}

// The text that has been written so far.
class Text {
 public:
  explicit Text(Markup kind) : kind_(kind) {}

  void add(std::string_view text, bool preformatted) {
    if (kind_ == Markup::kXml || preformatted) {
      text_ += text;
      return;
    }
    while (!text.empty()) {
      const std::size_t spaces = std::min(text.find_first_not_of(kSpaces), text.size());
      if (spaces != 0) add_space();
      text.remove_prefix(spaces);
      const std::size_t word = std::min(text.find_first_of(kSpaces), text.size());
      text_ += text.substr(0, word);
      text.remove_prefix(word);
    }
  }
  void add_space() {
    if (!text_.empty() && text_.back() != ' ' && text_.back() != '\n') text_ += ' ';
  }
  void end_line() {
    while (text_.ends_with(' ')) text_.pop_back();
    text_ += '\n';
  }
  void begin_line() {
    if (!text_.empty() && text_.back() != '\n') end_line();
  }
  std::string take() && {
    const std::size_t begin = text_.find_first_not_of(kSpaces);
    if (begin == std::string::npos) return "";
    return text_.substr(begin, text_.find_last_not_of(kSpaces) + 1 - begin);
  }

 private:
  const Markup kind_;
  std::string text_;
};

bool is_block(std::string_view name) {
  return std::find(std::begin(kBlocks), std::end(kBlocks), name) != std::end(kBlocks);
}

bool is_hidden(std::string_view name) { return name == "script" || name == "style"; }

bool is_preformatted(const xmlNode* node) {
  for (; node != nullptr; node = node->parent) {
    if (name_of(node) == "pre") return true;
  }
  return false;
}

void enter(const xmlNode* node, Text& text) {
  const std::string_view name = name_of(node);
  if (node->type == XML_CDATA_SECTION_NODE) text.begin_line();
  if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
    text.add(reinterpret_cast<const char*>(node->content), is_preformatted(node->parent));
  }
  if (node->type == XML_CDATA_SECTION_NODE) text.begin_line();
  if (name == "br") text.end_line();
  if (name == "td" || name == "th") text.add_space();
  if (is_block(name)) text.begin_line();
}

// All of the document, without recursion: markup may be nested as deep as it is long.
std::string walk(const xmlDoc& document, Markup kind) {
  Text text(kind);
  const xmlNode* node = xmlDocGetRootElement(const_cast<xmlDoc*>(&document));
  while (node != nullptr) {
    enter(node, text);
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr && !is_hidden(name_of(node))) {
      node = node->children;
      continue;
    }
    while (node != nullptr) {
      if (is_block(name_of(node))) text.begin_line();
      if (node->next != nullptr) break;
      node = node->parent;
    }
    if (node != nullptr) node = node->next;
  }
  return std::move(text).take();
}

Document parse_xml(std::string_view markup) {
  if (markup.starts_with("<?xml")) markup.remove_prefix(std::min(markup.find("?>"), markup.size() - 2) + 2);
  const std::string whole = "<x>" + std::string(markup) + "</x>";
  return {xmlReadMemory(whole.data(), static_cast<int>(whole.size()), nullptr, "UTF-8", kQuiet), &xmlFreeDoc};
}

Document parse_html(std::string_view markup) {
  constexpr int kOptions = kQuiet | XML_PARSE_HUGE | HTML_PARSE_RECOVER | HTML_PARSE_IGNORE_ENC;
  return {htmlReadMemory(markup.data(), static_cast<int>(markup.size()), nullptr, "UTF-8", kOptions), &xmlFreeDoc};
}

}  // namespace

std::string text_of(std::string_view markup, Markup kind) {
  if (kind == Markup::kXml) {
    if (const Document document = parse_xml(markup)) return walk(*document, kind);
  }
  const Document document = parse_html(markup);
  return document == nullptr ? "" : walk(*document, Markup::kHtml);
}

}  // namespace words
