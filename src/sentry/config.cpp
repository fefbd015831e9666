#include "sentry/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/json_member.h"
#include "base/percent.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

/// The prefix is what users of the official connector know, and what its tests look for.
[[noreturn]] void refuse(const std::string& key, const std::string& wrong) {
  throw ConnectorError(FailureKind::kConfig, "Config validation error: '" + key + "' " + wrong);
}

std::string kind_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string:
      return "a text";
    case Json::value_t::boolean:
      return "true or false";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::number_float:
      return "a number with a fraction";
    default:
      return "a number";
  }
}

std::optional<std::string> text(const Json& document, const char* key,
                                const std::string& expected) {
  const Json* value = member(document, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse(key, "must be a text, " + expected + ", not " + kind_of(*value) + ".");
  }
  return std::string(trim(value->get<std::string>()));  // pasted, often with a line end
}

std::string required_text(const Json& document, const char* key, const std::string& expected) {
  const auto value = text(document, key, expected);
  if (!value) refuse(key, "is a required property: " + expected + ".");
  if (value->empty()) refuse(key, "is empty: put " + expected + " there.");
  return *value;
}

std::string slug(const Json& document, const char* key, const std::string& expected) {
  std::string value = required_text(document, key, expected);
  if (value.find('/') != std::string::npos) {
    refuse(key, "must be only " + expected + ", not an address with slashes.");
  }
  return value;
}

BaseUrl host(const Json& document) {
  const std::string pasted =
      text(document, "hostname", "the address of your Sentry such as sentry.io").value_or("");
  const auto url = parse_base_url(pasted.empty() ? "sentry.io" : pasted);
  if (!url) {
    refuse("hostname", "is \"" + pasted +
                           "\", which is no address. Leave it empty for sentry.io, or put the "
                           "address of your Sentry there, such as https://sentry.example.com.");
  }
  return *url;
}

/// What Airbyte Cloud's own connectors refuse too: plain http, and addresses inside its network.
void require_public(const BaseUrl& url) {
  if (url.scheme != "https") refuse("hostname", "must be an https address on Airbyte Cloud.");
  const std::string_view name = url.hostname();
  const auto begins = [&](std::string_view with) { return name.starts_with(with); };
  bool is_private = name == "localhost" || begins("127.") || begins("10.") || begins("192.168.") ||
                    begins("169.254.") || begins("[") || begins("0.");
  for (int second = 16; second < 32; ++second) {
    is_private = is_private || begins("172." + std::to_string(second) + ".");
  }
  if (is_private) refuse("hostname", "must be a public address on Airbyte Cloud.");
}

std::size_t workers(const Json& document) {
  constexpr int kMost = 20;
  const Json* value = member(document, "num_workers");
  if (value == nullptr) return Config().num_workers;
  const std::string expected = "must be a whole number from 1 to 20";
  if (!value->is_number_integer()) {
    refuse("num_workers", expected + ", not " + kind_of(*value) + ".");
  }
  if (*value < 1 || *value > kMost)
    refuse("num_workers", expected + ", not " + value->dump() + ".");
  return value->get<std::size_t>();
}

}  // namespace

std::string Config::organization_path() const {
  return "organizations/" + percent_encode(organization) + "/";
}

std::string Config::project_path(const std::string& slug) const {
  return "projects/" + percent_encode(organization) + "/" + percent_encode(slug) + "/";
}

Config read_config(const Json& document, bool in_cloud) {
  if (!document.is_object()) {
    throw ConnectorError(FailureKind::kConfig,
                         "Config validation error: the configuration must be a JSON object.");
  }
  Config config;
  config.auth_token = required_text(document, "auth_token", "an auth token made in Sentry");
  const bool breaks_header = std::any_of(config.auth_token.begin(), config.auth_token.end(),
                                         [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
  if (breaks_header) {
    refuse("auth_token", "holds spaces or characters that no token has. Paste it once more.");
  }
  config.organization = slug(document, "organization", "the organization's slug");
  config.project = slug(document, "project", "the project's slug");
  config.host = host(document);
  if (in_cloud) require_public(config.host);
  if (const Json* fields = member(document, "discover_fields"); fields != nullptr) {
    // Never used by the official connector either; only its form is looked at.
    if (!fields->is_array()) {
      refuse("discover_fields", "must be a list of texts, not " + kind_of(*fields) + ".");
    }
  }
  config.num_workers = workers(document);
  return config;
}

Secrets secrets_of(const Json& document) {
  Secrets secrets;
  secrets.add(trim(text_member(document, "auth_token")));
  return secrets;
}

}  // namespace source_sentry
