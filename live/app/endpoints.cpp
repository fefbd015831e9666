#include "live/app/endpoints.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "app/settings/environment.h"
#include "app/settings/json_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr const char* kSecretVariable = "SENTRY_CLIENT_SECRET";
/// Errors and alerts bring whole events, which may have megabytes.
constexpr std::size_t kMostBody = std::size_t{10} << 20;

[[noreturn]] void refuse(const std::string& why) {
  throw ConnectorError(FailureKind::kConfig, why);
}

/// The lines of a text that are not empty, without the blanks around them.
void add_lines(std::string_view text, std::vector<std::string>& lines) {
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\n,");
    if (const auto line = trim(text.substr(0, end)); !line.empty()) lines.emplace_back(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
}

void add_file(const std::string& path, std::vector<std::string>& secrets) {
  std::string reason = "it is too large";
  const auto text = read_file(path, reason);
  if (!text) refuse("The file of secrets " + path + " cannot be read: " + reason + ".");
  const std::size_t before = secrets.size();
  add_lines(*text, secrets);
  if (secrets.size() == before) {
    refuse("The file of secrets " + path +
           " is empty. Put the integration's client secret into it.");
  }
}

std::optional<Delivery::Kind> kind_named(const std::string& name) {
  if (name.empty() || name == "integration") return Delivery::Kind::kIntegration;
  if (name == "service_hook") return Delivery::Kind::kServiceHook;
  if (name == "legacy") return Delivery::Kind::kLegacy;
  return std::nullopt;
}

Endpoint read_endpoint(const Json& entry, const std::string& place) {
  if (!entry.is_object()) refuse(place + " must be an object.");
  for (const auto& [key, value] : entry.items()) {
    static const std::vector<std::string> kKeys = {
        "name", "path", "kind", "secret_file", "secret_variable", "most_mib"};
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      refuse(place + " has the unknown key \"" + excerpt(key, 40) + "\". There are name, path, " +
             "kind, secret_file, secret_variable and most_mib.");
    }
  }
  Endpoint endpoint;
  endpoint.path = text_member(entry, "path");
  if (!endpoint.path.starts_with('/')) refuse(place + ".path must be a text that begins with /.");
  endpoint.name = text_member(entry, "name");
  if (endpoint.name.empty()) endpoint.name = endpoint.path;
  const auto kind = kind_named(text_member(entry, "kind"));
  if (!kind) refuse(place + ".kind must be integration, service_hook or legacy.");
  endpoint.kind = *kind;
  if (const auto file = text_member(entry, "secret_file"); !file.empty()) {
    add_file(file, endpoint.secrets);
  }
  if (const auto name = text_member(entry, "secret_variable"); !name.empty()) {
    add_lines(environment(name.c_str()), endpoint.secrets);
  }
  if (endpoint.secrets.empty()) {
    refuse(place +
           " has no secret. Name a file in secret_file, or a variable of the environment "
           "in secret_variable.");
  }
  if (const Json* most = member(entry, "most_mib")) {
    constexpr std::uint64_t kMost = 64;
    if (!most->is_number_unsigned() || most->get<std::uint64_t>() < 1 ||
        most->get<std::uint64_t>() > kMost) {
      refuse(place + ".most_mib must be a whole number from 1 to 64.");
    }
    endpoint.most_body = most->get<std::size_t>() << 20;
  }
  return endpoint;
}

}  // namespace

std::vector<Endpoint> endpoints_of(const ListenOptions& options) {
  std::vector<Endpoint> endpoints;
  Endpoint main;
  main.name = "main";
  main.path = options.path;
  main.most_body = kMostBody;
  for (const std::string& file : options.secret_files) add_file(file, main.secrets);
  if (main.secrets.empty()) add_lines(environment(kSecretVariable), main.secrets);
  if (main.secrets.empty() && options.notion) {
    add_lines(environment("SENTRY_NOTION_INTEGRATION_CLIENT_SECRET"), main.secrets);
  }
  const bool is_open = main.secrets.empty() && options.allow_unsigned;
  if (is_open) main.kind = Delivery::Kind::kUnsigned;
  if (is_open || !main.secrets.empty()) endpoints.push_back(std::move(main));
  if (!options.endpoints_file.empty()) {
    const Json entries = read_json_file(options.endpoints_file, "endpoints");
    if (!entries.is_array()) {
      refuse("The file of endpoints " + options.endpoints_file + " must hold a list.");
    }
    for (std::size_t at = 0; at < entries.size(); ++at) {
      endpoints.push_back(read_endpoint(
          entries[at], options.endpoints_file + ": the entry " + std::to_string(at + 1)));
    }
  }
  if (endpoints.empty()) {
    refuse(std::string("There is no client secret, so anybody could send webhooks. Put that of "
                       "the integration into the environment variable ") +
           kSecretVariable + ", or name a file with --secret-file.");
  }
  require_usable(endpoints);
  return endpoints;
}

std::vector<std::string> secrets_of(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> all;
  for (const Endpoint& one : endpoints) {
    all.insert(all.end(), one.secrets.begin(), one.secrets.end());
  }
  return all;
}

}  // namespace source_sentry
