#include "files/format/duckdb.h"

#include <nlohmann/json.hpp>

namespace source_sentry {
namespace {

/// The one type besides null; empty where there are several.
std::string type_of(const nlohmann::ordered_json& property) {
  const auto found = property.find("type");
  if (found == property.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  std::string type;
  for (const auto& one : *found) {
    const auto name = one.get<std::string>();
    if (name == "null") continue;
    if (!type.empty()) return {};
    type = name;
  }
  return type;
}

const char* duckdb_type(const nlohmann::ordered_json& property) {
  const std::string type = type_of(property);
  if (type == "string") return holds_times(property) ? "TIMESTAMPTZ" : "VARCHAR";
  if (type == "integer") return "BIGINT";
  if (type == "number") return "DOUBLE";
  if (type == "boolean") return "BOOLEAN";
  return "JSON";
}

/// In single quotes, as SQL writes texts.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out += "'";
}

}  // namespace

bool holds_times(const nlohmann::ordered_json& property) {
  return property.value("format", "") == "date-time" ||
         property.value("description", "").find("RFC 3339") != std::string::npos;
}

std::string duckdb_columns(const nlohmann::ordered_json& schema) {
  std::string list;
  for (const auto& [key, property] : schema.at("properties").items()) {
    list.append(list.empty() ? "" : ", ")
        .append(quoted(key))
        .append(": '")
        .append(duckdb_type(property))
        .append("'");
  }
  return "columns = {" + list + "}";
}

}  // namespace source_sentry
