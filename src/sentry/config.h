#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "http/base_url.h"
#include "http/proxy.h"
#include "sentry/explore_config.h"
#include "sentry/mapping_config.h"
#include "sentry/stream_groups.h"

namespace source_sentry {

/// A part of an organization's projects, assigned without coordination.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// Where whole events come from.
enum class EventBodies {
  kList,    ///< the list of a project's events, ten to a page
  kDetail,  ///< a list of their ids, and then each by itself
};

/// The key of Config::live_spool.
inline constexpr char kLiveSpoolKey[] = "live_spool";

/// The configuration, checked. Keys as in schemas/spec.json: the official connector's and ours.
struct Config {
  std::string auth_token;
  std::string organization;
  std::string project;                ///< slug; empty: see `projects`
  std::vector<std::string> projects;  ///< patterns of slugs; empty: every project
  BaseUrl host;
  std::optional<Instant> start_date;
  std::optional<Instant> end_date;
  Duration lookback_window = std::chrono::minutes(10);
  Duration late_events_window{};  ///< how far back late events are looked for; zero: not further
  /// How often issues are searched for changes without an event; zero: never.
  Duration issues_refresh{};
  /// How far back releases are read again for their changes; zero: not at all.
  Duration releases_refresh{};
  EventBodies event_bodies = EventBodies::kList;
  std::size_t num_workers = 5;
  std::size_t child_budget = 20'000;  ///< requests for lists of children, of a stream in a run
  double max_rate_share = 1.0;        ///< part of the server's limits that may be used
  Shard shard;
  std::string ca_certificates;  ///< PEM; empty: the system's
  std::optional<Proxy> proxy;   ///< not set: as the environment says
  bool mask_secrets = false;    ///< whether records hold `****` in place of secrets
  /// Which streams `discover` lists, see stream_groups.h. One that is named is read in any case.
  std::vector<std::string> stream_groups = {kCoreGroup};
  /// Top-level fields that are left out of the records of a stream, by its name.
  std::map<std::string, std::vector<std::string>> excluded_fields{};
  /// The tags whose values are read, by their keys; "*" for all.
  std::vector<std::string> tag_keys = {"environment"};
  /// Whether streams may be read for which Sentry writes something of its own when asked.
  bool allow_writing_reads = false;
  std::string live_spool;  ///< the folder of received webhooks; empty: there is none
  /// Streams of Explore that the user has put together.
  std::vector<ExploreStream> explore_streams{};
  /// Streams that expressions and templates of the user's make.
  MappingConfig mapping{};

  /// Whether one project is read, as the official connector does, with its form of state.
  bool single_project() const { return !project.empty() && projects.empty(); }

  /// Whether the host is sentry.io, or one of a region or an organization there.
  bool on_sentry_io() const;

  /// The root of the API: "https://sentry.io/api/0/".
  std::string api_base() const { return host.text() + "/api/0/"; }
  /// The same where what belongs to no region answers. On sentry.io that is sentry.io itself,
  /// whichever of its hosts is configured, and no other host ever sees the token; elsewhere it is
  /// the host.
  std::string control_base() const;
  /// The organization's and the project's root below that, percent-encoded.
  std::string organization_path() const;
  std::string project_path(const std::string& slug) const;
};

/// Checks a configuration document. Unknown keys are accepted, null counts as absent. `in_cloud`:
/// we run on Airbyte Cloud, where only https to public hosts is allowed. Throws a ConnectorError
/// that names every key that is wrong and what was expected.
Config read_config(const nlohmann::json& document, bool in_cloud);

}  // namespace source_sentry
