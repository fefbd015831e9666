#include "mapping/schema/inferred.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string_view type_of(const OrderedJson& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "boolean";
  if (value.is_number_integer()) return "integer";
  return value.is_number() ? "number" : "null";
}

/// What was seen in one place.
struct Seen {
  std::vector<std::string> types;  // in the order of their first appearance
  std::vector<std::string> keys;   // of the members
  std::vector<Seen> members;       // one for each key
  std::vector<Seen> elements;      // one, once a list had some

  void add(const OrderedJson& value) {
    const std::string type(type_of(value));
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) member(key).add(inner);
    }
    if (!value.is_array()) return;
    for (const OrderedJson& element : value) {
      if (elements.empty()) elements.emplace_back();
      elements.front().add(element);
    }
  }

  Seen& member(const std::string& key) {
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found != keys.end()) return members[static_cast<std::size_t>(found - keys.begin())];
    keys.push_back(key);
    return members.emplace_back();
  }

  OrderedJson schema() const {
    const auto has = [&](const char* type) {
      return std::find(types.begin(), types.end(), type) != types.end();
    };
    OrderedJson names = OrderedJson::array({"null"});
    for (const std::string& type : types) {
      // An integer is a number, too.
      if (type != "null" && !(type == "integer" && has("number"))) names.push_back(type);
    }
    OrderedJson schema = {{"type", names}};
    if (has("object")) {
      schema["additionalProperties"] = true;
      schema["properties"] = properties();
    }
    if (!elements.empty()) schema["items"] = elements.front().schema();
    return schema;
  }

  OrderedJson properties() const {
    OrderedJson properties = OrderedJson::object();
    for (std::size_t i = 0; i < keys.size(); ++i) properties[keys[i]] = members[i].schema();
    return properties;
  }
};

}  // namespace

OrderedJson inferred_schema(const std::vector<std::string>& records) {
  Seen seen;
  for (const std::string& record : records) seen.add(OrderedJson::parse(record));
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"type", "object"},
          {"additionalProperties", true},
          {"properties", seen.properties()}};
}

}  // namespace source_sentry
