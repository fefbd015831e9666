#include "mapping/dialects/port_mapping.h"

#include <nlohmann/json.hpp>

#include "mapping/dialects/port_quotes.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// A search for an entity, `{combinator, rules}`, whose leaves are expressions; rules nest.
OrderedJson search(const OrderedJson& value, const std::string& place) {
  if (value.is_object()) {
    OrderedJson out = OrderedJson::object();
    for (const auto& [key, inner] : value.items()) {
      out[key] = search(inner, std::string(place).append(".").append(key));
    }
    return out;
  }
  if (value.is_array()) {
    OrderedJson out = OrderedJson::array();
    for (const OrderedJson& inner : value) out.push_back(search(inner, place + "[]"));
    return out;
  }
  return port_expression(value, place);
}

OrderedJson expression_or_search(const OrderedJson& value, const std::string& place) {
  if (!value.is_object()) return port_expression(value, place);
  if (!value.contains("combinator") || !value.contains("rules") || !value["rules"].is_array()) {
    refuse_config(place +
                  " must be a jq expression, or a search with combinator and a list of rules.");
  }
  return search(value, place);
}

bool may_be_search(std::string_view key) { return key == "identifier" || key == "team"; }

}  // namespace

nlohmann::ordered_json port_expression(const nlohmann::ordered_json& value,
                                       const std::string& place) {
  if (value.is_boolean() || value.is_number()) return value;
  if (value.is_string()) return with_double_quotes(value.get<std::string>());
  refuse_config(place + " must be a jq expression" +
                (value.is_null() ? ", and it is empty." : "."));
}

nlohmann::ordered_json port_map(const nlohmann::ordered_json& mappings, const std::string& place) {
  if (!mappings.is_object()) refuse_config(place + " must be a mapping.");
  EveryMistake each;
  for (const char* key : {"identifier", "blueprint"}) {
    each([&] {
      if (!mappings.contains(key)) refuse_config(place + "." + key + " must be given.");
    });
  }
  OrderedJson map = OrderedJson::object();
  for (const char* key : {"identifier", "title", "icon", "blueprint", "team"}) {
    const auto found = mappings.find(key);
    const bool is_optional =
        std::string_view(key) != "identifier" && std::string_view(key) != "blueprint";
    if (found == mappings.end() || (is_optional && found->is_null())) continue;
    const std::string at = place + "." + key;
    each([&] {
      map[key] =
          may_be_search(key) ? expression_or_search(*found, at) : port_expression(*found, at);
    });
  }
  for (const char* key : {"properties", "relations"}) {
    const auto found = mappings.find(key);
    if (found == mappings.end() || found->is_null()) continue;
    const std::string at = place + "." + key;
    const bool is_mapping = each([&] {
      if (!found->is_object()) refuse_config(at + " must be a mapping of names to jq expressions.");
    });
    if (!is_mapping) continue;
    const bool relations = std::string_view(key) == "relations";
    map[key] = OrderedJson::object();
    for (const auto& member : found->items()) {
      const std::string inner = std::string(at).append(".").append(member.key());
      each([&] {
        map[key][member.key()] = relations ? expression_or_search(member.value(), inner)
                                           : port_expression(member.value(), inner);
      });
    }
  }
  each.finish();
  return map;
}

}  // namespace source_sentry
