#include "mapping/schema/derived.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "mapping/schema/result_type.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Node = MapTree::Node;

OrderedJson any_type() {
  return {{"type", {"null", "boolean", "number", "string", "array", "object"}}};
}

OrderedJson type_or_null(std::string_view type) {
  if (type.empty()) return any_type();
  if (type == "null") return {{"type", OrderedJson::array({"null"})}};
  return {{"type", OrderedJson::array({"null", std::string(type)})}};
}

std::string type_of_literal(const std::string& literal) { return std::string(jq_kind(literal)); }

/// The schema with or without null among its types.
OrderedJson nullable(OrderedJson schema, bool may_be_null) {
  const auto type = schema.find("type");
  if (type == schema.end()) return may_be_null ? any_type() : schema;
  OrderedJson types = type->is_array() ? *type : OrderedJson::array({*type});
  const bool has_null = std::find(types.begin(), types.end(), "null") != types.end();
  if (may_be_null && !has_null) types.insert(types.begin(), "null");
  if (!may_be_null && has_null) types.erase(std::find(types.begin(), types.end(), "null"));
  *type = types.size() == 1 ? types.front() : types;
  return schema;
}

/// What `schema` says of what the path's steps from `from` on lead to; null where it says nothing.
OrderedJson schema_at(const OrderedJson& schema, const PlainPath& path, std::size_t from = 0) {
  const OrderedJson* at = &schema;
  for (; from < path.steps().size(); ++from) {
    const auto* key = std::get_if<std::string>(&path.steps()[from]);
    const auto inner = at->find(key != nullptr ? "properties" : "items");
    if (inner == at->end()) return nullptr;
    at = &*inner;
    if (key == nullptr) continue;
    const auto member = at->find(*key);
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return *at;
}

constexpr char kGoneMember[] = "_deleted";

/// Derives one stream's schema; what it needs for that.
class Deriver {
 public:
  Deriver(const MappedStream& stream, const std::vector<std::string>& key,
          const OrderedJson& source)
      : stream_(stream), key_(key), source_(source) {}

  OrderedJson derive() const {
    OrderedJson schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                          {"type", "object"},
                          {"additionalProperties", true}};
    schema["properties"] = properties();
    // What is gone from the source is told by a record of its own.
    const OrderedJson known = source_.value("properties", OrderedJson::object());
    const bool tells = known.contains(kGoneMember) && !stream_.items && !stream_.program;
    if (tells) schema["properties"][kGoneMember] = known[kGoneMember];
    if (stream_.select_marker) {
      schema["properties"]["_deselected"] = {{"type", {"null", "boolean"}}};
    }
    return schema;
  }

 private:
  OrderedJson properties() const {
    if (stream_.program) {
      OrderedJson properties = OrderedJson::object();
      for (const std::string& key : key_) properties[key] = {{"type", "string"}};
      return properties;
    }
    OrderedJson properties = OrderedJson::object();
    if (stream_.map) {
      for (const Node& node : stream_.map->root().members) {
        properties[node.key] = nullable(of_node(node), !holds(key_, node.key));
      }
      return properties;
    }
    const OrderedJson known = source_.value("properties", OrderedJson::object());
    if (!stream_.fields.empty()) return of_fields(known, stream_.fields.fields());
    properties = known;
    if (stream_.items) {
      if (stream_.items->removed) properties.erase(std::string(stream_.items->removed->only_key()));
      properties[stream_.items->name] = item_schema();
    }
    return properties;
  }

  static OrderedJson of_fields(const OrderedJson& known, const std::vector<Fields::Field>& fields) {
    OrderedJson properties = OrderedJson::object();
    for (const Fields::Field& field : fields) {
      const auto found = known.find(field.name);
      OrderedJson schema = found == known.end() ? any_type() : *found;
      if (!field.inner.empty()) {
        const OrderedJson inner = schema.value("properties", OrderedJson::object());
        schema["properties"] = of_fields(inner, field.inner);
      }
      properties[field.name] = std::move(schema);
    }
    return properties;
  }

  OrderedJson item_schema() const {
    const PlainPath* list = stream_.items->list.path();
    const OrderedJson schema = list != nullptr ? schema_at(source_, *list) : OrderedJson();
    return schema.is_object() && schema.contains("items") ? schema["items"] : any_type();
  }

  OrderedJson of_path(const PlainPath& path) const {
    const auto* key = path.is_whole() ? nullptr : std::get_if<std::string>(&path.steps().front());
    const bool is_item = stream_.items && key != nullptr && *key == stream_.items->name;
    const OrderedJson found =
        is_item ? schema_at(item_schema(), path, 1) : schema_at(source_, path);
    return found.is_object() ? nullable(found, true) : any_type();
  }

  OrderedJson of_leaf(const Leaf& leaf) const {
    if (leaf.outputs == Leaf::Outputs::kText) return type_or_null("string");
    if (leaf.outputs == Leaf::Outputs::kTexts) {
      return {{"type", {"null", "string", "array"}}, {"items", {{"type", "string"}}}};
    }
    const Expression& expression = leaf.expression;
    if (const std::string* literal = expression.literal()) {
      return type_or_null(type_of_literal(*literal));
    }
    if (const PlainPath* path = expression.path()) return of_path(*path);
    const bool several =
        leaf.outputs == Leaf::Outputs::kCollected && may_give_several(expression.text());
    return type_or_null(several ? std::string_view() : result_type(expression.text()));
  }

  OrderedJson of_node(const Node& node) const {
    if (node.kind == Node::Kind::kLeaf) return of_leaf(stream_.map->leaves()[node.leaf]);
    if (node.kind == Node::Kind::kList) return {{"type", {"null", "array"}}};
    OrderedJson properties = OrderedJson::object();
    for (const Node& inner : node.members) properties[inner.key] = of_node(inner);
    return {{"type", {"null", "object"}}, {"properties", std::move(properties)}};
  }

  const MappedStream& stream_;
  const std::vector<std::string>& key_;
  const OrderedJson& source_;
};

}  // namespace

bool keeps_member(const MappedStream& stream, const std::string& name) {
  if (stream.program) return false;
  if (!stream.fields.empty()) return stream.fields.keeps(name);
  if (!stream.map) return true;
  for (const Node& node : stream.map->root().members) {
    if (node.key != name || node.kind != Node::Kind::kLeaf) continue;
    const PlainPath* path = stream.map->leaves()[node.leaf].expression.path();
    return path != nullptr && path->only_key() == name;
  }
  return false;
}

DerivedStream derive_stream(const MappedStream& stream, const std::vector<std::string>& source_key,
                            const std::string& source_cursor) {
  DerivedStream derived;
  const bool keeps_key =
      !stream.items && std::all_of(source_key.begin(), source_key.end(),
                                   [&](const auto& key) { return keeps_member(stream, key); });
  if (stream.primary_key) {
    derived.primary_key = *stream.primary_key;
  } else if (keeps_key) {
    derived.primary_key = source_key;
  }
  if (!stream.cursor_field.empty()) {
    derived.cursor_field = stream.cursor_field;
  } else if (!source_cursor.empty() && keeps_member(stream, source_cursor)) {
    derived.cursor_field = source_cursor;
  }
  return derived;
}

nlohmann::ordered_json derive_schema(const MappedStream& stream,
                                     const std::vector<std::string>& primary_key,
                                     const nlohmann::ordered_json& source_schema) {
  if (!stream.schema.empty()) return OrderedJson::parse(stream.schema);
  return Deriver(stream, primary_key, source_schema).derive();
}

}  // namespace source_sentry
