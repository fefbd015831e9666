#include "mapping/yaml/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "base/error.h"
#include "mapping/yaml/yaml_hints.h"
#include "mapping/yaml/yaml_scalar.h"

namespace source_sentry {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Builds the documents from the parser's events, and so sees what the library's own nodes hide: a
/// key that comes twice, and where aliases lead.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const std::string& name) : name_(name) {}

  std::vector<OrderedJson> take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    keep(anchor, nullptr, 0);
    put(mark, nullptr, true, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    OrderedJson scalar = tag == "?" || tag.empty() ? plain_scalar(value) : OrderedJson(value);
    keep(anchor, scalar, 0);
    put(mark, std::move(scalar), tag == "?", 0, &value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(mark, "an alias to a value that it is part of");
    if (found->second.depth >= kDeepestAlias) refuse(mark, "aliases that lead to aliases");
    count(mark, found->second.values);
    put(mark, found->second.value, false, found->second.depth + 1);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, OrderedJson::array(), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, OrderedJson::object(), anchor);
  }
  void OnMapEnd() override {
    Open& open = open_.back();
    for (const OrderedJson& base : open.merged) {
      for (const auto& [key, value] : base.items()) {
        if (!open.value.contains(key)) open.value[key] = value;
      }
    }
    close();
  }

 private:
  struct Open {
    OrderedJson value;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::size_t alias_depth = 0;
    std::size_t values_before = 0;
    bool has_key = false;
    std::string key;
    std::vector<OrderedJson> merged;
  };
  struct Anchored {
    OrderedJson value;
    std::size_t depth = 0;   // of aliases within
    std::size_t values = 1;  // within
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) const {
    throw ConnectorError(FailureKind::kConfig,
                         yaml_place(name_, mark.line, mark.column) + what + ".");
  }

  void count(const YAML::Mark& mark, std::size_t values) {
    values_ += values;
    if (values_ > kMostYamlValues) refuse(mark, "more than 100,000 values");
  }

  void keep(YAML::anchor_t anchor, const OrderedJson& value, std::size_t depth,
            std::size_t values = 1) {
    if (anchor != 0) anchors_[anchor] = {value, depth, values};
  }

  void open(const YAML::Mark& mark, OrderedJson value, YAML::anchor_t anchor) {
    if (open_.size() == kDeepestYaml) refuse(mark, "nested more than 64 levels deep");
    count(mark, 1);
    Open opened;
    opened.value = std::move(value);
    opened.mark = mark;
    opened.anchor = anchor;
    opened.values_before = values_;
    open_.push_back(std::move(opened));
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    keep(closed.anchor, closed.value, closed.alias_depth, 1 + values_ - closed.values_before);
    put(closed.mark, std::move(closed.value), false, closed.alias_depth);
  }

  /// Puts a finished value where it belongs. `text`: a scalar's characters, for keys.
  void put(const YAML::Mark& mark, OrderedJson value, bool is_plain, std::size_t alias_depth,
           const std::string* text = nullptr) {
    count(mark, 1);
    if (open_.empty()) {
      if (!value.is_null()) documents_.push_back(std::move(value));
      return;
    }
    Open& inside = open_.back();
    inside.alias_depth = std::max(inside.alias_depth, alias_depth);
    if (inside.value.is_array()) {
      inside.value.push_back(std::move(value));
    } else if (!inside.has_key) {
      if (text == nullptr) refuse(mark, "a key that is not a text");
      inside.key = *text;
      inside.has_key = true;
      const bool merges = is_plain && inside.key == "<<";
      if (!merges && inside.value.contains(inside.key)) {
        refuse(mark, "the key \"" + inside.key + "\" comes twice");
      }
    } else {
      inside.has_key = false;
      if (inside.key == "<<") {
        merge(mark, inside, value);
      } else {
        inside.value[inside.key] = std::move(value);
      }
    }
  }

  void merge(const YAML::Mark& mark, Open& inside, const OrderedJson& value) const {
    const bool is_list = value.is_array();
    for (const OrderedJson& base : is_list ? value : OrderedJson::array({value})) {
      if (!base.is_object()) refuse(mark, "<< wants a mapping");
      inside.merged.push_back(base);
    }
  }

  const std::string& name_;
  std::vector<OrderedJson> documents_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t values_ = 0;
};

}  // namespace

std::vector<nlohmann::ordered_json> read_yaml(const std::string& text, const std::string& name) {
  if (text.size() > kLargestYaml) {
    throw ConnectorError(FailureKind::kConfig, name + " is longer than 1 MiB.");
  }
  std::istringstream stream(text);
  Builder builder(name);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const YAML::Mark& mark = error.mark;
    const int column = column_of_mistake(text, mark.line, mark.column);
    throw ConnectorError(FailureKind::kConfig, yaml_place(name, mark.line, column) +
                                                   yaml_hint(text, mark.line, error.msg) + ".");
  }
  std::vector<OrderedJson> documents = builder.take();
  try {
    (void)OrderedJson(documents).dump();
  } catch (const OrderedJson::type_error&) {
    throw ConnectorError(FailureKind::kConfig, name + " is not UTF-8, which YAML has to be here.");
  }
  return documents;
}

}  // namespace source_sentry
