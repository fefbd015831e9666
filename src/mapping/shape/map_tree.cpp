#include "mapping/shape/map_tree.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "json/members.h"
#include "mapping/jq/quoted.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Node = MapTree::Node;

constexpr const char* kNothing = "the expression gives nothing";

/// What becomes of the outputs of the leaf at `place`, in an entity of Port.
void shape_for_port(const std::vector<std::string>& place, Leaf& leaf) {
  const std::string& top = place.front();
  if (top == "relations" && place.size() == 2) leaf.outputs = Leaf::Outputs::kTexts;
  if (place.size() != 1) return;
  const bool is_key = top == "identifier" || top == "blueprint";
  if (is_key) leaf.need = Leaf::Need::kNotEmpty;
  if (is_key || top == "title" || top == "icon") leaf.outputs = Leaf::Outputs::kText;
}

void shape_for_opslevel(const std::vector<std::string>& place, Leaf& leaf) {
  if (place.front() == "properties" || place.front() == "default_properties") {
    const bool in_list = place.back() == "[]";
    leaf.outputs = in_list ? Leaf::Outputs::kJoined : Leaf::Outputs::kCollected;
  } else if (place.front() == "opslevel_identifier") {
    leaf.outputs = Leaf::Outputs::kText;
    leaf.need = Leaf::Need::kNotEmpty;
  }
}

std::string name_of(const std::vector<std::string>& place) {
  std::string name = "map";
  for (const std::string& part : place) name.append(part == "[]" ? "" : ".").append(part);
  return name;
}

bool is_scalar_of_json(std::string_view value) {
  const std::string_view kind = jq_kind(value);
  return kind == "number" || kind == "boolean";
}

void append_text(std::string_view value, std::string& out) {
  const bool quote = is_scalar_of_json(value);
  out.append(quote ? "\"" : "").append(value).append(quote ? "\"" : "");
}

bool is_empty(std::string_view value) {
  if (value == "null" || value == "false" || value == R"("")") return true;
  if (value.starts_with('[')) return elements_of(value).empty();
  return value.starts_with('{') && top_level_members(value).empty();
}

/// One writing of a map: everything that is needed for it.
struct Writing {
  const std::vector<Leaf>& leaves;
  MappedRow& row;
  JqPrograms& programs;
  const MapTree::OnFailure& on_failure;
  std::string& out;
  std::string lent = {};

  const Leaf* write(const Node& node);
  const Leaf* write_leaf(std::size_t number);
  void write_texts(std::size_t number, std::string_view list);
  void write_collected(std::size_t number);
  void write_joined(std::size_t number, bool& first);
};

const Leaf* Writing::write(const Node& node) {
  if (node.kind == Node::Kind::kLeaf) return write_leaf(node.leaf);
  const bool is_list = node.kind == Node::Kind::kList;
  out += is_list ? '[' : '{';
  bool first = true;
  for (const Node& inner : node.members) {
    const bool joins =
        inner.kind == Node::Kind::kLeaf && leaves[inner.leaf].outputs == Leaf::Outputs::kJoined;
    if (joins) {
      write_joined(inner.leaf, first);
      continue;
    }
    if (!std::exchange(first, false)) out += ',';
    if (!is_list) {
      append_quoted(inner.key, out);
      out += ':';
    }
    if (const Leaf* lacking = write(inner)) return lacking;
  }
  out += is_list ? ']' : '}';
  return nullptr;
}

const Leaf* Writing::write_leaf(std::size_t number) {
  const Leaf& leaf = leaves[number];
  if (leaf.outputs == Leaf::Outputs::kCollected) {
    write_collected(number);
    return nullptr;
  }
  const Evaluated evaluated = leaf.expression.first(row, programs, lent);
  if (!evaluated.worked()) on_failure(number, evaluated.error.empty() ? kNothing : evaluated.error);
  const std::string_view value = evaluated.worked() ? evaluated.value : "null";
  if (leaf.need == Leaf::Need::kNotNull && value == "null") return &leaf;
  if (leaf.need == Leaf::Need::kNotEmpty && is_empty(value)) return &leaf;
  if (leaf.outputs == Leaf::Outputs::kFirst) {
    out += value;
  } else if (leaf.outputs == Leaf::Outputs::kTexts && value.starts_with('[')) {
    write_texts(number, value);
  } else {
    append_text(value, out);
  }
  return nullptr;
}

void Writing::write_texts(std::size_t number, std::string_view list) {
  out += '[';
  bool first = true;
  bool has_null = false;
  for (const std::string_view element : elements_of(list)) {
    if (element == "null") {
      has_null = true;
      continue;
    }
    if (!std::exchange(first, false)) out += ',';
    append_text(element, out);
  }
  out += ']';
  if (has_null) on_failure(number, "the list holds null, which was left out of it");
}

void Writing::write_collected(std::size_t number) {
  std::string list;
  std::size_t outputs = 0;
  const std::string error =
      leaves[number].expression.each(row, programs, [&](std::string_view output) {
        if (outputs++ > 0) list += ',';
        list += output;
        return true;
      });
  if (!error.empty()) on_failure(number, error);
  if (outputs == 0 || !error.empty()) {
    out += "null";
  } else {
    out.append(outputs > 1 ? "[" : "").append(list).append(outputs > 1 ? "]" : "");
  }
}

void Writing::write_joined(std::size_t number, bool& first) {
  std::string joined;
  const auto add = [&](std::string_view element) {
    joined.append(joined.empty() ? "" : ",").append(element);
  };
  const std::string error =
      leaves[number].expression.each(row, programs, [&](std::string_view output) {
        if (output.starts_with('[')) {
          for (const std::string_view element : elements_of(output)) add(element);
        } else {
          add(output);
        }
        return true;
      });
  if (!error.empty()) {
    on_failure(number, error);
  } else if (!joined.empty()) {
    if (!std::exchange(first, false)) out += ',';
    out += joined;
  }
}

}  // namespace

MapTree::MapTree(const nlohmann::ordered_json& map, RecordShape shape) {
  std::vector<std::string> place;
  root_ = read(map, place, shape);
}

MapTree::Node MapTree::read(const nlohmann::ordered_json& part, std::vector<std::string>& place,
                            RecordShape shape) {
  Node node;
  if (part.is_object() || part.is_array()) {
    node.kind = part.is_object() ? Node::Kind::kObject : Node::Kind::kList;
    for (const auto& [key, value] : part.items()) {
      place.push_back(part.is_object() ? key : "[]");
      node.members.push_back(read(value, place, shape));
      if (part.is_object()) node.members.back().key = key;
      place.pop_back();
    }
    return node;
  }
  node.leaf = leaves_.size();
  Expression expression =
      part.is_string() ? Expression(part.get<std::string>()) : Expression::literal(part.dump());
  Leaf leaf{name_of(place), std::move(expression)};
  if (shape == RecordShape::kPort && !place.empty()) shape_for_port(place, leaf);
  if (shape == RecordShape::kOpsLevel && !place.empty()) shape_for_opslevel(place, leaf);
  leaves_.push_back(std::move(leaf));
  return node;
}

void MapTree::keep(const std::vector<std::string>& members) {
  std::erase_if(root_.members, [&](const Node& node) { return !holds(members, node.key); });
}

const Leaf* MapTree::write(MappedRow& row, JqPrograms& programs, const OnFailure& on_failure,
                           std::string& out) const {
  return Writing{leaves_, row, programs, on_failure, out}.write(root_);
}

}  // namespace source_sentry
