#include "mapping/dialects/opslevel_parts.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "mapping/jq/quoted.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Warnings = std::vector<std::string>;

const OrderedJson& value_of(const OrderedJson& object, const char* key) {
  static const OrderedJson kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string optional_text(const OrderedJson& object, const char* key, const std::string& place) {
  const OrderedJson& value = value_of(object, key);
  if (value.is_null()) return {};
  if (value.is_boolean() || value.is_number()) return value.dump();  // a literal of jq
  if (!value.is_string()) refuse_config(place + "." + key + " must be a string.");
  return value.get<std::string>();
}

std::string required_text(const OrderedJson& object, const char* key, const std::string& place) {
  std::string text = optional_text(object, key, place);
  if (trim(text).empty()) refuse_config(place + "." + key + " must be given.");
  return text;
}

void warn_of_others(const OrderedJson& object, std::initializer_list<std::string_view> known,
                    const std::string& place, Warnings& warnings) {
  std::string others;
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      others.append(others.empty() ? "" : ", ").append(key);
    }
  }
  if (!others.empty()) warnings.push_back(place + ": unknown keys are ignored: " + others + ".");
}

OrderedJson headers_of(const OrderedJson& polling, const std::string& place) {
  OrderedJson headers = OrderedJson::object();
  const OrderedJson& list = value_of(polling, "headers");
  if (!list.is_null() && !list.is_array()) refuse_config(place + ".headers must be a list.");
  for (std::size_t at = 0; at < list.size(); ++at) {
    const std::string inner = place + ".headers[" + std::to_string(at) + "]";
    if (!list[at].is_object()) refuse_config(inner + " must have name and value.");
    headers[required_text(list[at], "name", inner)] = required_text(list[at], "value", inner);
  }
  return headers;
}

OrderedJson next_of(const OrderedJson& polling, const std::string& place) {
  const OrderedJson& next = value_of(polling, "next_cursor");
  if (next.is_null()) return {{"from", "none"}};
  const std::string inner = place + ".next_cursor";
  if (!next.is_object()) refuse_config(inner + " must have from and value.");
  const std::string from = lower(required_text(next, "from", inner));
  if (from != "header" && from != "payload")
    refuse_config(inner + ".from must be header or payload.");
  return {{"from", from == "header" ? "header" : "body"},
          {"value", required_text(next, "value", inner)}};
}

void check_method(const OrderedJson& polling, const std::string& place) {
  const std::string method = required_text(polling, "method", place);
  if (lower(method) != "get") {
    refuse_config(place + ".method: " + method + " is not done; a source only reads, by GET.");
  }
}

OrderedJson polling_stream(const OrderedJson& entry, const OrderedJson& polling,
                           const std::string& place, Extractor& extractor, Warnings& warnings) {
  const std::string inner = place + ".http_polling";
  if (!polling.is_object()) refuse_config(inner + " must be a mapping.");
  warn_of_others(polling, {"method", "url", "headers", "for_each", "next_cursor"}, inner, warnings);
  EveryMistake each;
  each([&] { check_method(polling, inner); });
  OrderedJson stream = {{"name", extractor.name}, {"external_kind", extractor.kind}};
  each([&] { stream["url"] = required_text(polling, "url", inner); });
  each([&] {
    if (OrderedJson headers = headers_of(polling, inner); !headers.empty())
      stream["headers"] = headers;
  });
  each([&] {
    extractor.for_each = optional_text(polling, "for_each", inner);
    if (!extractor.for_each.empty()) stream["for_each"] = extractor.for_each;
  });
  each([&] {
    const std::string iterator = optional_text(entry, "iterator", place);
    stream["iterator"] = iterator.empty() ? "." : iterator;
  });
  each([&] {
    const std::string exclude = optional_text(entry, "exclude", place);
    if (!exclude.empty()) stream["exclude"] = exclude;
  });
  each([&] { stream["record_id"] = required_text(entry, "external_id", place); });
  each([&] { stream["next"] = next_of(polling, inner); });
  each.finish();
  return stream;
}

OrderedJson leaves_of(const OrderedJson& properties, const std::string& place) {
  if (!properties.is_object())
    refuse_config(place + " must be a mapping of names to jq expressions.");
  EveryMistake each;
  for (const auto& member : properties.items()) {
    const std::string& name = member.key();
    const OrderedJson& value = member.value();
    const bool holds_objects =
        value.is_object() || (value.is_array() && std::any_of(value.begin(), value.end(),
                                                              [](const OrderedJson& element) {
                                                                return element.is_structured();
                                                              }));
    each([&] {
      if (!holds_objects) return;
      refuse_config(std::string(place).append(".").append(name).append(
          " must be a jq expression, or a list of them."));
    });
  }
  each.finish();
  return properties;
}

/// What is to become of what has no component.
std::string otherwise_of(const OrderedJson& entry, const std::string& place) {
  std::string otherwise = lower(required_text(entry, "on_component_not_found", place));
  if (otherwise == "ignore") otherwise = "skip";
  if (otherwise != "create" && otherwise != "suggest" && otherwise != "skip") {
    refuse_config(place + ".on_component_not_found must be create, suggest or skip.");
  }
  return otherwise;
}

/// What can be a stream's name.
std::string as_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_letter_or_digit(c); }, '_');
  return name;
}

}  // namespace

Extractor read_extractor(const nlohmann::ordered_json& entry, const std::string& place,
                         const std::vector<std::string>& streams, Warnings& warnings) {
  warn_of_others(
      entry,
      {"external_kind", "iterator", "external_id", "exclude", "expires_after_days", "http_polling"},
      place, warnings);
  Extractor extractor;
  extractor.kind = required_text(entry, "external_kind", place);
  extractor.name = as_name(extractor.kind);
  if (holds(streams, extractor.name)) extractor.name.insert(0, "opslevel_");
  extractor.place = place;
  if (const OrderedJson& days = value_of(entry, "expires_after_days"); days.is_number_integer()) {
    extractor.expires_after_days = days.get<std::int64_t>();
  }
  const OrderedJson& polling = value_of(entry, "http_polling");
  if (!polling.is_null()) {
    extractor.stream = polling_stream(entry, polling, place, extractor, warnings);
  }
  return extractor;
}

nlohmann::ordered_json read_transform(const nlohmann::ordered_json& entry, const std::string& place,
                                      std::vector<std::string>& warnings) {
  warn_of_others(entry,
                 {"external_kind", "opslevel_kind", "opslevel_identifier", "on_component_not_found",
                  "properties", "default_properties"},
                 place, warnings);
  EveryMistake each;
  std::string kind;
  std::string opslevel_kind;
  OrderedJson map = OrderedJson::object();
  each([&] { kind = required_text(entry, "external_kind", place); });
  each([&] {
    opslevel_kind = required_text(entry, "opslevel_kind", place);
    map["opslevel_kind"] = json_quoted(opslevel_kind);
  });
  each([&] { map["opslevel_identifier"] = required_text(entry, "opslevel_identifier", place); });
  each([&] { map["on_component_not_found"] = json_quoted(otherwise_of(entry, place)); });
  for (const char* key : {"properties", "default_properties"}) {
    if (const OrderedJson& properties = value_of(entry, key); !properties.is_null()) {
      each([&] { map[key] = leaves_of(properties, place + "." + key); });
    }
  }
  each.finish();
  return {{"name", as_name(kind + "_to_" + opslevel_kind)},
          {"from", kind},
          {"map", std::move(map)},
          {"primary_key", {"opslevel_kind", "opslevel_identifier"}},
          {"shape", "opslevel"}};
}

}  // namespace source_sentry
