#include "live/notion/api/values.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_member.h"
#include "live/notion/text/utf8.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// Of a description as JSON; a request has 500 KB, of which the rest is for the properties.
constexpr std::size_t kLargestDescription = 400'000;

const Json* property(const Json& page, const std::string& column) {
  const Json* properties = member(page, "properties");
  return properties == nullptr ? nullptr : member(*properties, column);
}

Json text_item(std::string text) {
  return {{"type", "text"}, {"text", {{"content", std::move(text)}}}};
}

Json paragraph(Json items) {
  return {
      {"object", "block"}, {"type", "paragraph"}, {"paragraph", {{"rich_text", std::move(items)}}}};
}

}  // namespace

std::string notion_id(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  std::string digits;
  for (const char c : text) {
    if (c == '-') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return {};
    digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (digits.size() != kDigits) return {};
  for (const std::size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, 1, '-');
  return digits;
}

Json text_items(std::string_view text) {
  Json items = Json::array();
  for (std::string& piece : pieces_of(text, kLongestText)) {
    if (items.size() == kMostTexts) break;
    items.push_back(text_item(std::move(piece)));
  }
  return items;
}

Json paragraphs(std::string_view text) {
  Json blocks = Json::array();
  Json items = Json::array();
  std::size_t size = 0;
  bool cut = false;
  for (std::string& piece : pieces_of(text, kLongestText)) {
    Json item = text_item(std::move(piece));
    size += item.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    cut = size > kLargestDescription;
    if (cut) break;
    items.push_back(std::move(item));
    if (items.size() == kMostTexts)
      blocks.push_back(paragraph(std::exchange(items, Json::array())));
  }
  if (!items.empty()) blocks.push_back(paragraph(std::move(items)));
  if (cut) blocks.push_back(paragraph({text_item("The description goes on in Sentry.")}));
  return blocks;
}

std::string title_of(const Json& page) {
  std::string title;
  const Json* properties = member(page, "properties");
  if (properties == nullptr || !properties->is_object()) return title;
  for (const auto& [name, value] : properties->items()) {
    if (text_member(value, "type") != "title") continue;
    const Json* items = member(value, "title");
    if (items == nullptr || !items->is_array()) continue;
    for (const Json& item : *items) title += text_member(item, "plain_text");
  }
  return title;
}

std::string identifier_of(const Json& page, const std::string& column) {
  const Json* found = property(page, column);
  const Json* id = found == nullptr ? nullptr : member(*found, "unique_id");
  const Json* number = id == nullptr ? nullptr : member(*id, "number");
  if (number == nullptr || !number->is_number_integer()) return {};
  const std::string prefix = text_member(*id, "prefix");
  return (prefix.empty() ? "" : prefix + "-") + number->dump();
}

std::string url_in(const Json& page, const std::string& column) {
  const Json* found = property(page, column);
  return found == nullptr ? "" : text_member(*found, "url");
}

bool is_in_trash(const Json& page) {
  for (const char* key : {"in_trash", "archived"}) {
    const Json* found = member(page, key);
    if (found != nullptr && found->is_boolean() && found->get<bool>()) return true;
  }
  return false;
}

}  // namespace source_sentry
