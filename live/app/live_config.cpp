#include "live/app/live_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/settings/connection.h"
#include "app/settings/environment.h"
#include "app/settings/stream_choice.h"

namespace source_sentry {
namespace {

constexpr const char* kIssues = "issues";

bool is_made_of_issues(const StreamSpec& spec) {
  return spec.name == kIssues || (spec.mapped && spec.mapped->from == kIssues);
}

}  // namespace

Config live_config(const Settings& settings, const ListenOptions& options) {
  nlohmann::json document = open_config(settings);
  const bool has_token = document.is_object() && document.contains("auth_token");
  if (document.is_object() && !has_token) {
    // A configuration has both. These are taken out again.
    document["auth_token"] = "none";
    if (!document.contains("organization")) document["organization"] = "none";
  }
  Config config = read_config(document, in_cloud());
  if (!has_token) {
    config.auth_token.clear();
    if (settings.source_of("organization") == nullptr) config.organization.clear();
  }
  config.live_spool = options.spool;
  return config;
}

CyclePlan cycle_plan(const ListenOptions& options, const Config& config, const Source& source) {
  CyclePlan plan;
  plan.spool = options.spool;
  plan.resync_every = options.resync;
  plan.refetches = options.refetch.value_or(!config.auth_token.empty());
  if (config.auth_token.empty() && (plan.refetches || options.resync > Duration::zero())) {
    throw ConnectorError(FailureKind::kConfig,
                         "Asking Sentry (--refetch, --resync) needs a token. Put one into the "
                         "environment variable SENTRY_AUTH_TOKEN, and name the organization with "
                         "--org.");
  }
  if (const auto wrong = unknown_streams(options.invocation.streams, source.streams())) {
    throw ConnectorError(FailureKind::kConfig, "--streams: " + *wrong);
  }
  const bool all = options.invocation.streams.empty();
  const auto chosen = wanted_streams(options.invocation, config, source.streams());
  const auto is_chosen = [&](const std::string& name) {
    return std::any_of(chosen.begin(), chosen.end(),
                       [&](const ConfiguredStream& one) { return one.name == name; });
  };
  for (const StreamSpec& spec : source.streams()) {
    const bool is_live = spec.webhooks != nullptr;
    if (is_live && (all || is_chosen(spec.name))) plan.live.push_back({.name = spec.name});
    if (is_made_of_issues(spec) && (all || is_chosen(spec.name))) {
      plan.issue_streams.push_back(spec.name);
    }
  }
  for (const ConfiguredStream& one : chosen) {
    if (!source.is_live(one.name)) plan.resynced.push_back({.name = one.name});
  }
  plan.refetches = plan.refetches && !plan.issue_streams.empty();
  return plan;
}

}  // namespace source_sentry
