#include "sentry/streams/explore/field_types.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/json_text.h"

namespace source_sentry {
namespace {

using Schema = nlohmann::ordered_json;

Schema open_type() { return {{"type", Schema::array({"null", "string", "number", "boolean"})}}; }

/// Explore's words for types are those of getsentry/sentry, search/events/types.py and
/// utils/snuba.py: durations, sizes and the like are numbers, and their units stand beside them.
Schema property_of(std::string_view type) {
  constexpr std::array<std::string_view, 7> kNumbers = {
      "number", "duration", "size", "rate", "percentage", "percent_change", "currency"};
  const auto nullable = [](const char* name) {
    return Schema{{"type", Schema::array({"null", name})}};
  };
  if (std::find(kNumbers.begin(), kNumbers.end(), type) != kNumbers.end()) {
    return nullable("number");
  }
  if (type == "integer") return nullable("integer");
  if (type == "boolean") return nullable("boolean");
  if (type.starts_with("array")) {
    Schema list = nullable("array");
    list["items"] = open_type();
    return list;
  }
  Schema text = nullable("string");
  if (type == "date") text["format"] = "date-time";
  return text;
}

std::string schema_with(Schema properties) {
  return Schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"type", "object"},
                {"additionalProperties", true},
                {"properties", std::move(properties)}}
      .dump();
}

}  // namespace

std::string untyped_rows(const std::vector<std::string>& fields) {
  Schema properties = Schema::object();
  for (const std::string& field : fields) properties[field] = open_type();
  return schema_with(std::move(properties));
}

std::optional<std::string> rows_typed_by(std::string_view answer,
                                         const std::vector<std::string>& fields) {
  const nlohmann::json parsed = parse_json(answer);
  const nlohmann::json* meta = member(parsed, "meta");
  const nlohmann::json* types = meta == nullptr ? nullptr : member(*meta, "fields");
  if (types == nullptr || !types->is_object()) return std::nullopt;
  Schema properties = Schema::object();
  for (const std::string& field : fields) {
    properties[field] = property_of(text_member(*types, field));
  }
  for (const auto& [field, type] : types->items()) {
    if (!properties.contains(field)) properties[field] = property_of(text_member(*types, field));
  }
  return schema_with(std::move(properties));
}

}  // namespace source_sentry
