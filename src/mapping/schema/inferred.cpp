#include "mapping/schema/inferred.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "json/members.h"
#include "mapping/expression/path.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Of a JSON value, by its bytes: a number may be one that no type of ours holds.
std::string_view type_of(std::string_view value) {
  const std::string_view kind = jq_kind(value);
  return kind == "number" && value.find_first_of(".eE") == value.npos ? "integer" : kind;
}

/// What was seen in one place.
struct Seen {
  std::vector<std::string> types;  // in the order of their first appearance
  std::vector<std::string> keys;   // of the members
  std::vector<Seen> members;       // one for each key
  std::vector<Seen> elements;      // one, once a list had some

  void add(std::string_view value) {
    const std::string type(type_of(value));
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    if (type == "object") {
      for (const Member& inner : top_level_members(value)) {
        member(text_of_value(std::string("\"").append(inner.key).append("\""))).add(inner.value);
      }
    }
    if (type != "array") return;
    for (const std::string_view element : elements_of(value)) {
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
  for (const std::string& record : records) seen.add(record);
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"type", "object"},
          {"additionalProperties", true},
          {"properties", seen.properties()}};
}

}  // namespace source_sentry
