#include "sentry/config_keys.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_member.h"
#include "base/secrets/login.h"
#include "base/text.h"
#include "sentry/embedded.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// Parsed once: that takes longer than reading a page of records.
const Json& known_properties() {
  static const Json kProperties =
      Json::parse(embedded_schema("spec"))["connectionSpecification"]["properties"];
  return kProperties;
}

/// The keys that are unknown, each with the nearest known one that is at most so many letters off;
/// empty where none is.
std::vector<std::pair<std::string, std::string>> unknown_with_near(const Json& document,
                                                                   std::size_t farthest) {
  const Json& known = known_properties();
  std::vector<std::pair<std::string, std::string>> unknown;
  for (const auto& [key, value] : document.items()) {
    // The platform's own keys begin like this.
    if (known.contains(key) || key.starts_with('_')) continue;
    std::size_t nearest = farthest + 1;
    std::string meant;
    for (const auto& [name, about] : known.items()) {
      const std::size_t distance = edit_distance(lower(key), name);
      if (distance >= nearest) continue;
      nearest = distance;
      meant = name;
    }
    unknown.emplace_back(key, meant);
  }
  return unknown;
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> kKeys = [] {
    std::map<int, ConfigKey> ordered;
    for (const auto& [name, about] : known_properties().items()) {
      const Json* value = member(about, "default");
      const std::string text = value == nullptr     ? ""
                               : value->is_string() ? value->get<std::string>()
                                                    : value->dump();
      ordered[about.value("order", 0)] = {
          name, about.value("type", ""),
          about.contains("items") ? about["items"].value("type", "") : "", text};
    }
    std::vector<ConfigKey> keys;
    for (auto& [order, key] : ordered) keys.push_back(std::move(key));
    return keys;
  }();
  return kKeys;
}

std::optional<std::string> unknown_keys(const Json& document) {
  constexpr std::size_t kFarthest = 2;
  std::string list;
  for (const auto& [key, meant] : unknown_with_near(document, kFarthest)) {
    list += (list.empty() ? "" : ", ") + key;
    if (!meant.empty()) list += " (did you mean " + meant + "?)";
  }
  if (list.empty()) return std::nullopt;
  return "Unknown keys in the configuration are ignored: " + list + ".";
}

std::optional<std::string> mistyped_keys(const Json& document) {
  std::string text;
  for (const auto& [key, meant] : unknown_with_near(document, 1)) {
    if (meant.empty()) continue;
    text.append(text.empty() ? "" : " ")
        .append("The configuration's key " + key + " is unknown and has no effect. Did you mean ")
        .append(meant + "?");
  }
  if (text.empty()) return std::nullopt;
  return text;
}

Secrets secrets_of(const Json& document) {
  Secrets secrets;
  const Json& known = known_properties();
  for (const auto& [key, about] : known.items()) {
    if (!about.value("airbyte_secret", false)) continue;
    const std::string secret = text_member(document, key.c_str());
    // Only the login in an address is secret, if it can be told which part that is.
    if (secret.find("://") == std::string::npos || secret.find('@') != std::string::npos) {
      secrets.add(trim(secret));
    }
    secrets.add_login_of(trim(secret));
  }
  if (const Json* named = member(document, "secrets"); named != nullptr && named->is_array()) {
    for (const Json& one : *named) secrets.add(trim(text_member(one, "value")));
  }
  if (const std::string host = text_member(document, "hostname"); !login_of(host).empty()) {
    secrets.add_login_of(host);
  }
  return secrets;
}

}  // namespace source_sentry
