#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/secrets.h"
#include "http/base_url.h"

namespace source_sentry {

/// The configuration, checked. Keys as in schemas/spec.json, which are the official connector's.
struct Config {
  std::string auth_token;
  std::string organization;
  std::string project;
  BaseUrl host;
  std::size_t num_workers = 5;

  /// The root of the API: "https://sentry.io/api/0/".
  std::string api_base() const { return host.text() + "/api/0/"; }
  /// The organization's and the project's root below that, percent-encoded.
  std::string organization_path() const;
  std::string project_path(const std::string& slug) const;
};

/// Checks a configuration document. Unknown keys are accepted, null counts as absent. `in_cloud`:
/// we run on Airbyte Cloud, where only https to public hosts is allowed. Throws a ConnectorError
/// that names the key and what was expected.
Config read_config(const nlohmann::json& document, bool in_cloud);

/// The texts of a configuration that must never be printed, also of one that is not valid.
Secrets secrets_of(const nlohmann::json& document);

}  // namespace source_sentry
