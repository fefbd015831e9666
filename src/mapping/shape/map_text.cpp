#include "mapping/shape/map_text.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "mapping/yaml/yaml.h"

namespace source_sentry {
namespace {

/// Whether the text's first line begins like a member of a YAML mapping.
bool begins_with_name(std::string_view text) {
  text = trim(text);
  std::size_t end = 0;
  while (end < text.size() &&
         (is_letter_or_digit(text[end]) || text[end] == '_' || text[end] == '-')) {
    ++end;
  }
  if (end == 0 || end >= text.size() || text[end] != ':') return false;
  return end + 1 == text.size() || text[end + 1] == ' ' || text[end + 1] == '\n' ||
         text[end + 1] == '\r';
}

}  // namespace

nlohmann::ordered_json map_of_text(const std::string& text, const std::string& name) {
  if (!too_deep_at(text)) {
    auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    if (json.is_object()) return json;
  }
  if (!begins_with_name(text)) return text;
  const auto documents = read_yaml(text, name);
  if (documents.size() == 1 && documents.front().is_object()) return documents.front();
  throw ConnectorError(FailureKind::kConfig,
                       name + " must be one mapping of names to expressions.");
}

}  // namespace source_sentry
