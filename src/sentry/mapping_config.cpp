#include "sentry/mapping_config.h"

#include <optional>
#include <utility>

#include "base/json_member.h"
#include "mapping/dialects/translation.h"
#include "sentry/config_values.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

nlohmann::ordered_json entries(const Json& document, const char* key) {
  const Json* value = member(document, key);
  if (value == nullptr) return nlohmann::ordered_json::array();
  if (!value->is_array()) {
    refuse_key(key, "must be a list of objects, one for each stream, not " + kind_of(*value) + ".");
  }
  return nlohmann::ordered_json(*value);
}

/// A dialect's text, or that of the file which it names.
std::string dialect_text(const Json& document, const char* key, bool in_cloud) {
  const Json* value = member(document, key);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse_key(key,
               "must be the definition's text, or a file's path, not " + kind_of(*value) + ".");
  }
  return text_or_file(value->get<std::string>(), key, !in_cloud);
}

/// Whether the key has the second of its two words; it is the first if the key is left out.
bool is_second(const Json& document, const char* key, const char* first, const char* second) {
  const std::string expected = std::string(first) + " or " + second;
  const auto value = text_value(document, key, expected);
  if (!value || value->empty() || *value == first) return false;
  if (*value == second) return true;
  refuse_key(key, "is \"" + *value + "\"; it can be " + expected + ".");
}

std::map<std::string, std::string> secrets(const Json& document) {
  constexpr const char* kKey = "secrets";
  const Json* value = member(document, kKey);
  std::map<std::string, std::string> named;
  if (value == nullptr) return named;
  const std::string expected = "must be a list of objects with name and value, both strings.";
  if (!value->is_array()) refuse_key(kKey, expected);
  for (const Json& entry : *value) {
    const Json* name = entry.is_object() ? member(entry, "name") : nullptr;
    const Json* secret = entry.is_object() ? member(entry, "value") : nullptr;
    if (name == nullptr || secret == nullptr || !name->is_string() || !secret->is_string() ||
        name->get<std::string>().empty()) {
      refuse_key(kKey, expected);
    }
    if (!named.emplace(name->get<std::string>(), secret->get<std::string>()).second) {
      refuse_key(kKey, "names \"" + name->get<std::string>() + "\" twice.");
    }
  }
  return named;
}

}  // namespace

MappingConfig read_mapping_config(const Json& document, bool in_cloud) {
  MappingConfig config;
  EveryMistake read;
  read([&] { config.mapped_streams = entries(document, "mapped_streams"); });
  read([&] { config.custom_streams = entries(document, "custom_streams"); });
  read([&] { config.port_app_config = dialect_text(document, "port_app_config", in_cloud); });
  read([&] { config.opslevel_extract = dialect_text(document, "opslevel_extract", in_cloud); });
  read([&] { config.opslevel_transform = dialect_text(document, "opslevel_transform", in_cloud); });
  read([&] { config.opslevel_push = is_second(document, "opslevel_output", "records", "push"); });
  read([&] { config.errors_are_fatal = is_second(document, "mapping_errors", "null", "fail"); });
  read([&] { config.secrets = secrets(document); });
  read.finish();
  return config;
}

}  // namespace source_sentry
