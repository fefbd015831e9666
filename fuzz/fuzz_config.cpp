// Any configuration document.

#include <string>

#include "base/percent.h"
#include "base/text.h"
#include "json_text.h"
#include "sentry/config.h"
#include "sentry/config_keys.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPrefix = "Config validation error: ";
constexpr std::size_t kShortestSecret = 3;

/// Below the API's root, whatever the slugs are.
void check_path(const std::string& path, std::string_view root) {
  require(path.starts_with(root) && path.ends_with('/'), "a path lies below its root");
  require(path.find_first_of("?#\\ ") == std::string::npos, "a path has no query of its own");
  require((path.find("/./") & path.find("/../") & path.find("//")) == std::string::npos,
          "a path does not climb");
}

void check_values(const Config& config, bool in_cloud) {
  require(!config.auth_token.empty(), "there is a token");
  require(is_plain(config.auth_token), "a token fits into a header");
  require(!config.organization.empty() && !config.api_base().empty(), "there is an organization");
  check_path(config.organization_path(), "organizations/");
  if (!config.project.empty()) check_path(config.project_path(config.project), "projects/");
  require(!in_cloud || config.host.scheme == "https", "on Airbyte Cloud it is https");
  require(!config.start_date || !config.end_date || *config.start_date < *config.end_date,
          "the start comes before the end");
  require(config.lookback_window >= Duration::zero(), "looking back does not lead ahead");
  require(config.num_workers >= 1 && config.num_workers <= 20, "workers are few");
  require(config.max_rate_share > 0 && config.max_rate_share <= 1, "a share is a part");
  require(config.shard.index < config.shard.count, "a shard is one of all");
  for (const std::string& pattern : config.projects)
    require(!pattern.empty(), "patterns say something");
}

/// No refusal quotes the token, unless it was put where it does not belong: a marked one is in its
/// place here alone, and appears in no message.
void check_unquoted(Json document, bool in_cloud) {
  const std::string mark = "sntrys_q9z_";
  if (!document.is_object() || document.dump().find(mark) != std::string::npos) return;
  const auto token = document.find("auth_token");
  if (token == document.end()) return;
  *token = token->is_string() ? Json(mark + token->get<std::string>()) : Json(Json::array({mark}));
  try {
    read_config(document, in_cloud);
  } catch (const ConnectorError& error) {
    require(error.message().find(mark) == std::string::npos, "no message quotes the token");
    require(error.detail().find(mark) == std::string::npos, "no detail quotes the token");
  }
}

/// Wherever the token was put, what is printed does not show it.
void check_redacted(const Json& document, const std::string& message) {
  const auto token = document.is_object() ? document.find("auth_token") : document.end();
  if (token == document.end() || !token->is_string()) return;
  const std::string secret(trim(token->get_ref<const std::string&>()));
  if (secret.size() < kShortestSecret || secret.find('*') != std::string::npos) return;
  const std::string shown = secrets_of(document).redact(message);
  require(shown.find(secret) == std::string::npos, "nothing printed shows the token");
  require(shown.find(percent_encode(secret)) == std::string::npos, "nor its encoded form");
}

}  // namespace

void fuzz(std::string_view input) {
  const auto document = document_of(input);
  if (!document) return;
  for (const bool in_cloud : {false, true}) {
    const auto config = unless_refused(kPrefix, [&] {
      try {
        return read_config(*document, in_cloud);
      } catch (const ConnectorError& error) {
        check_redacted(*document, error.message() + error.detail());
        throw;
      }
    });
    if (config) check_values(*config, in_cloud);
    check_unquoted(*document, in_cloud);
  }
}

}  // namespace source_sentry
