#include "mapping/shape/mapped_stream.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "mapping/shape/map_text.h"
#include "mapping/shape/refuse.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::array<std::string_view, 14> kKeys = {
    "name", "from",        "tag",          "select", "items", "item_name", "keep_items",
    "map",  "primary_key", "cursor_field", "schema", "shape", "fields",    "select_marker"};
constexpr std::size_t kLongestName = 63;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || (name[0] >= '0' && name[0] <= '9'))
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

/// Reads one entry; `place_` is what its messages begin with.
class EntryReader {
 public:
  EntryReader(const OrderedJson& entry, std::string place)
      : entry_(entry), place_(std::move(place)) {}

  MappedStream read(const KnownSources& sources) {
    if (!entry_.is_object()) refuse_config(place_ + " must be an object.");
    stream_.place = place_;
    for (const auto& [key, value] : entry_.items()) {
      each_([&, name = key] {
        if (!holds(kKeys, name)) refuse_config(place_ + ": there is no key \"" + name + "\".");
      });
    }
    each_([&] { read_name(); });
    each_([&] {
      stream_.from = text("from");
      check_source(sources);
    });
    each_([&] { stream_.tag = text("tag"); });
    each_([&] { stream_.shape = shape(); });
    each_([&] { read_select(); });
    each_([&] { read_items(); });
    each_([&] { read_output(); });
    each_([&] { read_key(); });
    each_([&] { stream_.cursor_field = text("cursor_field"); });
    each_([&] { read_schema(); });
    each_([&] { read_marker(); });
    each_.finish();
    return std::move(stream_);
  }

 private:
  const OrderedJson* value(const char* key) const {
    const auto found = entry_.find(key);
    return found == entry_.end() || found->is_null() ? nullptr : &*found;
  }

  std::string text(const char* key) const {
    const OrderedJson* found = value(key);
    if (found == nullptr) return {};
    if (!found->is_string()) refuse_config(place_ + "." + key + " must be a string.");
    return found->get<std::string>();
  }

  bool flag(const char* key) const {
    const OrderedJson* found = value(key);
    if (found == nullptr) return false;
    if (!found->is_boolean()) refuse_config(place_ + "." + key + " must be true or false.");
    return found->get<bool>();
  }

  void read_name() {
    stream_.name = text("name");
    if (!is_name(stream_.name)) {
      refuse_config(place_ +
                    ".name must be letters, digits and _, at most 63, and begin with no digit.");
    }
    stream_.place = place_ + " \"" + stream_.name + "\"";
  }

  void check_source(const KnownSources& sources) const {
    const std::string& from = stream_.from;
    if (from.empty()) refuse_config(place_ + ".from must name the stream that it is made of.");
    if (holds(kWideSources, from)) return;
    if (holds(sources.names, from) || sources.some_are_lost) return;
    if (from == kWebhooksAsSent) {
      refuse_config(place_ +
                    " is made of webhooks: name the folder of received ones in live_spool.");
    }
    const auto nearest = std::min_element(sources.names.begin(), sources.names.end(),
                                          [&](const auto& a, const auto& b) {
                                            return edit_distance(a, from) < edit_distance(b, from);
                                          });
    const bool is_near =
        nearest != sources.names.end() && edit_distance(*nearest, from) <= 1 + from.size() / 4;
    refuse_config(place_ + ".from: there is no stream \"" + from + "\"" +
                  (is_near ? "; did you mean \"" + *nearest + "\"?" : "."));
  }

  RecordShape shape() const {
    const std::string shape = text("shape");
    if (shape.empty() || shape == "plain") return RecordShape::kPlain;
    if (shape == "port") return RecordShape::kPort;
    if (shape == "opslevel") return RecordShape::kOpsLevel;
    refuse_config(place_ + ".shape must be plain, port or opslevel.");
  }

  void add_select(const OrderedJson& part) {
    if (part.is_boolean()) {
      if (!part.get<bool>()) stream_.select.push_back(Expression::literal("false"));
      return;
    }
    if (!part.is_string())
      refuse_config(place_ + ".select must be a jq expression, or a list of them.");
    stream_.select.emplace_back(part.get<std::string>());
  }

  void read_select() {
    const OrderedJson* select = value("select");
    if (select == nullptr) return;
    if (!select->is_array()) return add_select(*select);
    for (const OrderedJson& part : *select) add_select(part);
  }

  void read_items() {
    const std::string list = text("items");
    if (list.empty()) return;
    Items items{Expression(list), "item", {}};
    if (const std::string name = text("item_name"); !name.empty()) items.name = name;
    if (!flag("keep_items")) items.removed = place_of_items(list);
    stream_.items = std::move(items);
  }

  void read_output() {
    const OrderedJson* map = value("map");
    const OrderedJson* fields = value("fields");
    if (map != nullptr && fields != nullptr)
      refuse_config(place_ + " has map and fields; give one.");
    if (map != nullptr) {
      const OrderedJson tree =
          map->is_string() ? map_of_text(map->get<std::string>(), stream_.place + ".map") : *map;
      if (tree.is_string()) {
        stream_.program = Expression(tree.get<std::string>());
      } else if (tree.is_object() && !tree.empty()) {
        stream_.map.emplace(tree, stream_.shape);
      } else {
        refuse_config(place_ + ".map must be an object of expressions, or one jq expression.");
      }
    }
    if (fields == nullptr) return;
    if (!fields->is_array() || fields->empty())
      refuse_config(place_ + ".fields must be a list of names.");
    for (const OrderedJson& field : *fields) {
      each_([&] {
        if (field.is_string() && stream_.fields.add(field.get<std::string>())) return;
        refuse_config(place_ + ".fields: " + field.dump() +
                      " is not a dotted path like project.slug.");
      });
    }
  }

  void read_key() {
    const OrderedJson* key = value("primary_key");
    if (key == nullptr) return;
    if (!key->is_array()) refuse_config(place_ + ".primary_key must be a list of members.");
    stream_.primary_key.emplace();
    for (const OrderedJson& part : *key) {
      if (!part.is_string()) refuse_config(place_ + ".primary_key must be a list of members.");
      each_([&] { need(part.get<std::string>()); });
      stream_.primary_key->push_back(part.get<std::string>());
    }
  }

  /// Checks that a declared key is in the records, and has its leaf never be null.
  void need(const std::string& key) {
    const auto unknown = [&]() {
      refuse_config(stream_.place + ".primary_key: the records have no member \"" + key + "\".");
    };
    if (!stream_.fields.empty() && !stream_.fields.keeps(key)) unknown();
    if (!stream_.map) return;
    const auto& members = stream_.map->root().members;
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const auto& member) { return member.key == key; });
    if (found == members.end()) unknown();
    if (found->kind != MapTree::Node::Kind::kLeaf) return;
    Leaf& leaf = stream_.map->leaves()[found->leaf];
    if (leaf.need == Leaf::Need::kNone) leaf.need = Leaf::Need::kNotNull;
  }

  void read_marker() {
    stream_.select_marker = flag("select_marker");
    if (!stream_.select_marker) return;
    const std::string marker = stream_.place + ".select_marker";
    if (value("select") == nullptr) refuse_config(marker + " needs a select.");
    if (stream_.program) {
      refuse_config(marker +
                    " cannot be used with one expression as map: what the key would be of a record "
                    "that is not selected is not known.");
    }
  }

  void read_schema() {
    const OrderedJson* schema = value("schema");
    if (schema == nullptr) return;
    const OrderedJson read = schema->is_string()
                                 ? OrderedJson::parse(schema->get<std::string>(), nullptr, false)
                                 : *schema;
    const bool is_schema = read.is_object() && read.value("type", OrderedJson()) == "object";
    if (!is_schema) refuse_config(stream_.place + ".schema must be a JSON schema of type object.");
    const OrderedJson properties = read.value("properties", OrderedJson::object());
    std::vector<std::string> named = stream_.primary_key.value_or(std::vector<std::string>());
    if (!stream_.cursor_field.empty()) named.push_back(stream_.cursor_field);
    for (const std::string& name : named) {
      if (!properties.contains(name)) {
        refuse_config(stream_.place + ".schema must name \"" + name + "\", its key or cursor.");
      }
    }
    stream_.schema = read.dump();
  }

  const OrderedJson& entry_;
  const std::string place_;
  MappedStream stream_;
  EveryMistake each_;
};

}  // namespace

std::vector<std::shared_ptr<const MappedStream>> read_mapped_streams(
    const nlohmann::ordered_json& entries, const KnownSources& sources, bool fail_on_error,
    const std::vector<std::string>& places) {
  if (!entries.is_array()) refuse_config("mapped_streams must be a list.");
  std::vector<std::shared_ptr<const MappedStream>> streams;
  std::set<std::string> names;
  EveryMistake each;
  for (std::size_t at = 0; at < entries.size(); ++at) {
    std::string place = at < places.size() ? places[at] : "";
    if (place.empty()) place = "mapped_streams[" + std::to_string(at) + "]";
    each([&] {
      MappedStream stream = EntryReader(entries[at], place).read(sources);
      stream.first_error_is_fatal = fail_on_error;
      if (!names.insert(stream.name).second) {
        refuse_config(place + ".name: there is a mapped stream \"" + stream.name + "\" already.");
      }
      streams.push_back(std::make_shared<const MappedStream>(std::move(stream)));
    });
  }
  each.finish();
  return streams;
}

void for_each_expression(
    const MappedStream& stream,
    const std::function<void(const Expression& expression, const std::string& what)>& take) {
  if (stream.items) take(stream.items->list, "items");
  for (const Expression& select : stream.select) take(select, "select");
  if (stream.program) take(*stream.program, "map");
  if (!stream.map) return;
  for (const Leaf& leaf : stream.map->leaves()) take(leaf.expression, leaf.name);
}

void check_expressions(const MappedStream& stream, JqPrograms& programs) {
  EveryMistake each;
  const auto check = [&](const Expression& expression, const std::string& what) {
    each([&] { check_expression(expression, programs, stream.place + ", " + what); });
  };
  for_each_expression(stream, [&](const Expression& expression, const std::string& what) {
    check(expression, what.starts_with("map.") ? "leaf \"" + what + "\"" : what);
  });
  each.finish();
}

}  // namespace source_sentry
