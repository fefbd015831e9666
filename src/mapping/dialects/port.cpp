#include "mapping/dialects/port.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/text.h"
#include "mapping/dialects/port_mapping.h"
#include "mapping/dialects/port_quotes.h"
#include "mapping/jq/programs.h"
#include "mapping/jq/quoted.h"
#include "mapping/shape/mapped_stream.h"
#include "mapping/shape/refuse.h"
#include "mapping/yaml/yaml.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct PortKind {
  std::string_view name;    // Port's
  std::string_view source;  // ours
  bool has_tag;
};

constexpr std::array<PortKind, 6> kKinds = {{{"project", "projects", false},
                                             {"issue", "issues", false},
                                             {"project-tag", kProjectsWithTag, true},
                                             {"issue-tag", kIssuesWithTag, true},
                                             {"team", kTeamsWithProjects, false},
                                             {"user", "organization_members", false}}};
constexpr std::string_view kDefaultTag = "environment";

const OrderedJson& child(const OrderedJson& object, const char* key) {
  static const OrderedJson kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

bool flag(const OrderedJson& object, const char* key, bool otherwise, const std::string& place) {
  const OrderedJson& value = child(object, key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) refuse_config(place + "." + key + " must be true or false.");
  return value.get<bool>();
}

/// Collects the keys that nobody reads, to tell of them once.
class UnknownKeys {
 public:
  void look(const OrderedJson& object, std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return;
    for (const auto& [key, value] : object.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end() && !holds(keys_, key)) {
        keys_.push_back(key);
      }
    }
  }
  std::string text() const {
    std::string text;
    for (const std::string& key : keys_) text.append(text.empty() ? "" : ", ").append(key);
    return text;
  }

 private:
  std::vector<std::string> keys_;
};

class PortFile {
 public:
  explicit PortFile(std::string name) : name_(std::move(name)) {}

  Translation translate(const OrderedJson& root) {
    const OrderedJson& resources = root.is_array() ? root : child(root, "resources");
    if (!root.is_array() && !root.is_object())
      refuse_config(name_ + " must be a mapping with resources.");
    if (!resources.is_null() && !resources.is_array())
      refuse_config(name_ + ".resources must be a list.");
    unknown_.look(root, {"resources", "createMissingRelatedEntities", "deleteDependentEntities",
                         "enableMergeEntity", "entityDeletionThreshold"});
    for (std::size_t at = 0; at < resources.size(); ++at) {
      each_([&] { add_resource(resources[at], name_ + ".resources[" + std::to_string(at) + "]"); });
    }
    each_.finish();
    if (root.is_object()) tell_flags(root);
    if (const std::string unknown = unknown_.text(); !unknown.empty()) {
      translation_.notes.push_back(name_ + ": unknown keys are ignored: " + unknown + ".");
    }
    return std::move(translation_);
  }

 private:
  void add_resource(const OrderedJson& resource, const std::string& place) {
    if (!resource.is_object()) refuse_config(place + " must be a mapping.");
    if (child(resource, "kind").is_null() && !child(resource, "blueprint").is_null()) {
      return add_webhook_mapping(resource, place);
    }
    unknown_.look(resource, {"kind", "selector", "port", "stream"});
    const PortKind& kind = kind_of_resource(resource, place);
    const OrderedJson& port = child(resource, "port");
    if (!port.is_object()) refuse_config(place + ".port must be a mapping.");
    unknown_.look(port,
                  {"entity", "itemsToParse", "itemsToParseName", "itemsToParseTopLevelTransform"});
    const OrderedJson& entity = child(port, "entity");
    unknown_.look(entity, {"mappings"});
    const OrderedJson& mappings = child(entity, "mappings");
    if (!mappings.is_object() && !mappings.is_array()) {
      refuse_config(place + ".port.entity.mappings must be a mapping.");
    }
    OrderedJson source = OrderedJson::object();
    each_([&] { add_selector(child(resource, "selector"), kind, place, source); });
    each_([&] { add_items(port, place + ".port", source); });
    const OrderedJson each = mappings.is_array() ? mappings : OrderedJson::array({mappings});
    for (const OrderedJson& mapping : each) {
      OrderedJson stream = {{"name", name_for(resource, kind, place)}};
      stream.update(source);
      const std::string mapping_place = place + ".port.entity.mappings";
      unknown_.look(
          mapping, {"identifier", "title", "icon", "blueprint", "team", "properties", "relations"});
      each_([&] { add_mapping(mapping, mapping_place, stream); });
      translation_.mapped_streams.push_back(std::move(stream));
      translation_.mapped_places.push_back(place);
    }
  }

  /// An entry of the other file, that of a Port webhook: it maps webhooks as they are sent, and its
  /// blueprint is plain text. Port takes a leaf that is no expression for a text of its own.
  void add_webhook_mapping(const OrderedJson& entry, const std::string& place) {
    unknown_.look(entry, {"blueprint", "entity", "filter", "itemsToParse", "operation", "stream"});
    const OrderedJson& blueprint = child(entry, "blueprint");
    const OrderedJson& entity = child(entry, "entity");
    if (!blueprint.is_string()) refuse_config(place + ".blueprint must be a text.");
    if (!entity.is_object()) refuse_config(place + ".entity must be a mapping.");
    if (const OrderedJson& operation = child(entry, "operation");
        !operation.is_null() && operation != "create") {
      translation_.warnings.push_back(place + ".operation is ignored: records are made, and " +
                                      "nothing is deleted.");
    }
    OrderedJson mapping = with_texts(entity);
    mapping["blueprint"] = json_quoted(blueprint.get_ref<const std::string&>());
    const PortKind kind{"webhook", kWebhooksAsSent, false};
    OrderedJson stream = {{"name", name_for(entry, kind, place)}, {"from", kWebhooksAsSent}};
    if (const OrderedJson& filter = child(entry, "filter"); !filter.is_null()) {
      stream["select"] = port_expression(filter, place + ".filter");
    }
    each_([&] { add_items(entry, place, stream); });
    unknown_.look(mapping,
                  {"identifier", "title", "icon", "blueprint", "team", "properties", "relations"});
    each_([&] { add_mapping(mapping, place + ".entity", stream); });
    translation_.mapped_streams.push_back(std::move(stream));
    translation_.mapped_places.push_back(place);
  }

  bool compiles(const std::string& expression) {
    try {
      programs_.get(expression);
      return true;
    } catch (const ExpressionError&) {
      return false;
    }
  }

  /// The mapping with a quoted text in place of each that does not compile.
  OrderedJson with_texts(const OrderedJson& value) {
    if (value.is_string()) {
      const std::string text = with_double_quotes(value.get_ref<const std::string&>());
      return compiles(text) ? value : OrderedJson(json_quoted(text));
    }
    OrderedJson all = value;
    if (value.is_structured()) {
      for (auto& one : all) one = with_texts(one);
    }
    return all;
  }

  static const PortKind& kind_of_resource(const OrderedJson& resource, const std::string& place) {
    const OrderedJson& kind = child(resource, "kind");
    if (!kind.is_string()) refuse_config(place + ".kind must be given.");
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const PortKind& known) {
      return known.name == kind.get_ref<const std::string&>();
    });
    if (found != kKinds.end()) return *found;
    refuse_config(place + ".kind: there is no kind " + kind.dump() +
                  " (project, issue, project-tag, issue-tag, team, user).");
  }

  /// `port_KIND`; the second of a kind is `port_KIND_2`; or as the resource says.
  std::string name_for(const OrderedJson& resource, const PortKind& kind,
                       const std::string& place) {
    const OrderedJson& given = child(resource, "stream");
    if (!given.is_null() && !given.is_string()) refuse_config(place + ".stream must be a name.");
    std::string name =
        given.is_string() ? given.get<std::string>() : "port_" + std::string(kind.name);
    if (!given.is_string()) std::replace(name.begin(), name.end(), '-', '_');
    const int number = ++named_[name];
    return number == 1 ? name : name + "_" + std::to_string(number);
  }

  void add_selector(const OrderedJson& selector, const PortKind& kind, const std::string& place,
                    OrderedJson& stream) {
    if (!selector.is_null() && !selector.is_object())
      refuse_config(place + ".selector must be a mapping.");
    unknown_.look(selector,
                  {"query", "tag", "includeArchived", "includeMembers", "exportEnvVariables"});
    const std::string at = place + ".selector";
    const bool with_members = flag(selector, "includeMembers", false, at) && kind.name == "team";
    stream["from"] = with_members ? kTeamsWithMembers : kind.source;
    if (kind.has_tag) {
      const OrderedJson& tag = child(selector, "tag");
      if (!tag.is_null() && !tag.is_string()) refuse_config(at + ".tag must be a tag's key.");
      stream["tag"] = tag.is_string() ? tag.get<std::string>() : std::string(kDefaultTag);
    }
    OrderedJson select = OrderedJson::array();
    const bool is_issue = kind.name == "issue" || kind.name == "issue-tag";
    if (!flag(selector, "includeArchived", true, at) && is_issue) {
      select.push_back(R"(.status != "ignored")");  // Sentry's name for archived
    }
    if (const OrderedJson& query = child(selector, "query"); !query.is_null()) {
      select.push_back(port_expression(query, at + ".query"));
    }
    if (select.size() == 1) stream["select"] = select[0];
    if (select.size() > 1) stream["select"] = select;
    if (!child(selector, "exportEnvVariables").empty()) {
      translation_.warnings.push_back(at +
                                      ".exportEnvVariables is ignored: records hold nothing of "
                                      "the environment.");
    }
  }

  static void add_items(const OrderedJson& port, const std::string& place, OrderedJson& stream) {
    const OrderedJson& items = child(port, "itemsToParse");
    if (items.is_null()) return;
    stream["items"] = port_expression(items, place + ".itemsToParse");
    if (!stream["items"].is_string())
      refuse_config(place + ".itemsToParse must be a jq expression.");
    const OrderedJson& name = child(port, "itemsToParseName");
    if (!name.is_null() && !name.is_string())
      refuse_config(place + ".itemsToParseName must be a name.");
    if (name.is_string()) stream["item_name"] = name;
    if (!flag(port, "itemsToParseTopLevelTransform", true, place)) stream["keep_items"] = true;
  }

  void add_mapping(const OrderedJson& mapping, const std::string& place, OrderedJson& stream) {
    stream["map"] = port_map(mapping, place);
    const bool has_key = !stream["map"]["identifier"].is_object();
    if (has_key) stream["primary_key"] = {"blueprint", "identifier"};
    stream["shape"] = "port";
  }

  /// They are the destination's; ours is to say that they were seen.
  void tell_flags(const OrderedJson& root) {
    std::string flags;
    for (const char* key : {"createMissingRelatedEntities", "deleteDependentEntities",
                            "enableMergeEntity", "entityDeletionThreshold"}) {
      const OrderedJson& value = child(root, key);
      if (value.is_null()) continue;
      flags.append(flags.empty() ? "" : ", ").append(key).append(" ").append(value.dump());
    }
    if (flags.empty()) return;
    translation_.notes.push_back(name_ +
                                 ": for the destination, and without effect here: " + flags + ".");
  }

  const std::string name_;
  Translation translation_;
  UnknownKeys unknown_;
  std::map<std::string, int> named_;
  EveryMistake each_;
  JqPrograms programs_;
};

}  // namespace

Translation translate_port(const std::string& text, const std::string& name) {
  const auto documents = read_yaml(text, name);
  if (documents.size() != 1) refuse_config(name + " must be one YAML document.");
  return PortFile(name).translate(documents.front());
}

}  // namespace source_sentry
