#include "sentry/source/schema_view.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "base/time.h"

namespace source_sentry {
namespace {

using Schema = nlohmann::ordered_json;
using Json = nlohmann::json;

std::vector<std::string> types_of(const Schema& property) {
  const auto found = property.find("type");
  if (found == property.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  return found->get<std::vector<std::string>>();
}

/// In the words of a schema.
std::string type_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  if (value.is_number_integer()) return "integer";
  const double number = value.get<double>();
  return std::floor(number) == number ? "integer" : "number";
}

class Comparison {
 public:
  /// Takes in the value of a member at `path`, as its property in the schema describes it.
  void compare(const std::string& path, const Schema& property, const Json& value) {
    const std::vector<std::string> types = types_of(property);
    const std::string found = type_of(value);
    const bool fits = types.empty() || contains(types, found) ||
                      (found == "integer" && contains(types, "number"));
    if (!fits) {
      note(path, types, found);
      return;
    }
    if (value.is_string() && property.value("format", "") == "date-time" &&
        !parse_instant(value.get_ref<const std::string&>())) {
      note(path, types, "text that is not a time");
    }
    if (value.is_object()) compare_members(path.empty() ? "" : path + ".", property, value);
    if (value.is_array() && property.contains("items")) {
      for (const Json& item : value) compare(path + "[]", property["items"], item);
    }
  }

  /// The next record begins.
  void next_record() { in_this_record_.clear(); }

  std::set<std::string> unknown;
  std::map<std::pair<std::string, std::string>, SchemaView::Difference> differences;

 private:
  static bool contains(const std::vector<std::string>& list, const std::string& one) {
    for (const std::string& other : list) {
      if (other == one) return true;
    }
    return false;
  }

  void compare_members(const std::string& before, const Schema& property, const Json& object) {
    const auto properties = property.find("properties");
    if (properties == property.end()) return;
    for (const auto& [key, value] : object.items()) {
      const auto known = properties->find(key);
      if (known == properties->end()) {
        unknown.insert(before + key);
      } else {
        compare(before + key, *known, value);
      }
    }
  }

  void note(const std::string& path, const std::vector<std::string>& types,
            const std::string& found) {
    if (!in_this_record_.emplace(path, found).second) return;
    auto& difference = differences[{path, found}];
    if (difference.records++ > 0) return;
    difference.key = path;
    difference.found = found;
    for (const std::string& type : types) {
      if (type == "null") continue;
      difference.schema.append(difference.schema.empty() ? "" : " or ").append(type);
    }
  }

  std::set<std::pair<std::string, std::string>> in_this_record_;
};

}  // namespace

SchemaView schema_view(const nlohmann::ordered_json& schema,
                       const std::vector<std::string>& records) {
  Comparison comparison;
  std::set<std::string> met;
  for (const std::string& text : records) {
    const Json record = parse_json(text);
    if (!record.is_object()) continue;  // it holds a number that no double holds
    comparison.next_record();
    comparison.compare("", schema, record);
    for (const auto& [key, value] : record.items()) met.insert(key);
  }
  SchemaView view;
  view.unknown.assign(comparison.unknown.begin(), comparison.unknown.end());
  for (auto& [key, difference] : comparison.differences) {
    view.differences.push_back(std::move(difference));
  }
  for (const auto& [key, property] : schema.at("properties").items()) {
    ++view.known;
    if (!met.contains(key)) ++view.missing;
  }
  return view;
}

}  // namespace source_sentry
