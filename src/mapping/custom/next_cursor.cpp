#include "mapping/custom/next_cursor.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "json/members.h"

namespace source_sentry {
namespace {

using Json = nlohmann::ordered_json;

/// Takes what is before `end`, which counts outside of quotes and angle brackets only, and `end`
/// itself off `text`.
std::string_view take_until(std::string_view& text, char end) {
  bool quoted = false;
  bool in_url = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '<') in_url = true;
    if (c == '>') in_url = false;
    if (c == end && !in_url) break;
  }
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return trim(taken);
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

Json links_of(std::string_view header) {
  Json links = Json::object();
  while (!header.empty()) {
    std::string_view link = take_until(header, ',');
    const std::string_view url = take_until(link, ';');
    if (url.size() < 2 || url.front() != '<' || url.back() != '>') continue;
    Json attributes = Json::object();
    while (!link.empty()) {
      std::string_view attribute = take_until(link, ';');
      const std::string name = lower(trim(attribute.substr(0, attribute.find('='))));
      if (name.empty()) continue;
      attribute.remove_prefix(std::min(name.size() + 1, attribute.size()));
      attributes[name] = std::string(without_quotes(trim(attribute)));
    }
    const auto relation = attributes.find("rel");
    if (relation == attributes.end()) continue;
    links[relation->get<std::string>()] = {
        {"target_url", std::string(url.substr(1, url.size() - 2))}, {"attributes", attributes}};
  }
  return links;
}

}  // namespace

NextCursor next_cursor(const Expression& value, std::string_view input, JqPrograms& programs) {
  MappedRow row(input);
  std::string lent;
  const Evaluated found = value.first(row, programs, lent);
  if (!found.error.empty()) return {std::nullopt, found.error};
  const std::string_view json = found.value;
  if (json.empty() || json == "null" || json == "false" || json == R"("")") return {};
  if (json.front() == '"') return {text_of_value(json), {}};
  const std::string_view kind = jq_kind(json);
  if (kind == "number") return {std::string(json), {}};
  return {std::nullopt, "the cursor is neither text nor a number, but " + std::string(kind)};
}

std::string headers_as_json(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json object = Json::object();
  for (const auto& [name, value] : headers) {
    Json& known = object[name];
    known = known.is_null() ? value : known.get<std::string>() + ", " + value;
  }
  if (const auto link = object.find("link"); link != object.end()) {
    *link = links_of(link->get<std::string>());
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace source_sentry
