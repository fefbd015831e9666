#include "app/settings/connection.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/settings/environment.h"
#include "app/settings/message_files.h"
#include "base/secrets/login.h"
#include "base/version.h"
#include "sentry/config_keys.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// The proxy of the configuration, or else the environment's.
std::optional<Proxy> proxy_of(const Config& config) {
  if (config.proxy) return config.proxy;
  const std::string named = proxy_from(environment, config.host);
  if (named.empty()) return std::nullopt;
  const auto proxy = parse_proxy(named);
  if (!proxy) {
    throw ConnectorError(FailureKind::kConfig,
                         "The environment names a proxy, " + without_login(named) +
                             ", which is not the address of a proxy. Correct it (a / ? # "
                             "or @ in its password as %2F %3F %23 %40), or "
                             "name one in the configuration's proxy.");
  }
  return proxy;
}

/// "organization from SENTRY_ORG": what neither flags nor the configuration file say.
std::string found_settings(const Settings& settings) {
  std::string list;
  for (const ConfigKey& key : config_keys()) {
    const Settings::Source* source = settings.source_of(key.name);
    if (source == nullptr || source->origin == Settings::Origin::kFlag ||
        source->origin == Settings::Origin::kConfig) {
      continue;
    }
    list.append(list.empty() ? "" : ", ").append(key.name).append(" from ").append(source->name);
  }
  return list;
}

}  // namespace

const nlohmann::json& open_config(const Settings& settings) {
  const nlohmann::json& document = settings.document();
  // The image sets this variable, and a container has no other users; its user cannot change how
  // the platform mounts the file.
  const bool in_image = !environment("AIRBYTE_ENTRYPOINT").empty();
  if (const auto warning = settings.config_file().exposure_warning(); warning && !in_image) {
    spdlog::warn("{}", *warning);
  }
  for (const std::string& warning : settings.warnings()) spdlog::warn("{}", warning);
  if (const std::string found = found_settings(settings); !found.empty()) {
    spdlog::info("Settings that were found: {}", found);
  }
  if (const auto warning = unknown_keys(document)) spdlog::warn("{}", *warning);
  return document;
}

Config load_config(const Settings& settings, bool for_person) {
  const nlohmann::json& document = open_config(settings);
  if (const auto mistyped = mistyped_keys(document); for_person && mistyped) {
    throw ConnectorError(FailureKind::kConfig, *mistyped + " Correct it, or remove it.");
  }
  try {
    return read_config(document, in_cloud());
  } catch (const ConnectorError& error) {
    if (!for_person || settings.source_of("auth_token") != nullptr) throw;
    throw error.with(
        "Give the token by the environment variable SENTRY_AUTH_TOKEN, or by auth_token in the "
        "file that --config names.");
  }
}

SavedStates load_states(const std::string& path) {
  if (path.empty()) return {};
  std::vector<std::string> warnings;
  SavedStates states = read_state_file(path, warnings);
  for (const std::string& warning : warnings) spdlog::warn("{}", warning);
  return states;
}

Secrets known_secrets(const Settings& settings) {
  Secrets secrets = settings.secrets();
  for (const char* name : kProxyVariables) {
    if (const std::string proxy = environment(name); !proxy.empty()) secrets.add_login_of(proxy);
  }
  return secrets;
}

nlohmann::json owner_of_records(const Config& config) {
  const auto& [index, count] = config.shard;
  nlohmann::json of{{"organization", config.organization},
                    {"host", std::string(config.host.hostname())}};
  if (count > 1) of["shard"] = std::to_string(index) + " of " + std::to_string(count);
  return of;
}

ConnectionOptions connection_options(const Config& config) {
  ConnectionOptions options;
  options.base = config.api_base();
  options.control_base = config.control_base();
  options.token = config.auth_token;
  options.user_agent = std::string("source-sentry/") + kVersion;
  // The same as OpenSSL's own tools, the official connector's library, and curl.
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    if (options.ca_file.empty()) options.ca_file = environment(name);
  }
  options.ca_certificates = config.ca_certificates;
  options.proxy = proxy_of(config);
  options.connect_timeout = seconds(30);
  // Sentry gives its own queries 30 seconds, and a proxy in front of it a minute.
  options.idle_timeout = seconds(120);
  // Native events of 5 MB, a hundred to a page on old servers.
  options.largest_body = std::size_t{1} << 30;
  return options;
}

}  // namespace source_sentry
