#include "sandbox/render/project_json.h"

#include <array>

#include "sandbox/render/series.h"
#include "sandbox/render/time_text.h"
#include "sandbox/world/random.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

using std::string_view;

/// `words` as a JSON array that starts somewhere in the middle: Sentry's order of scopes and
/// features is that of a set (sentry-api.md 4.1).
void append_set(JsonWriter& json, string_view name, std::span<const string_view> words,
                std::size_t first) {
  json.key(name);
  json.begin_array();
  for (std::size_t i = 0; i < words.size(); ++i) json.text(words[(first + i) % words.size()]);
  json.end_array();
}

void append_teams(JsonWriter& json, const World& world, const Project& project) {
  const std::vector<Team>& teams = world.organization(project.organization).teams;
  json.key("team");
  append_team(json, teams[project.teams.front()]);
  json.key("teams");
  json.begin_array();
  for (const std::uint8_t team : project.teams) append_team(json, teams[team]);
  json.end_array();
}

/// The fields that every form of a project has.
void append_base(JsonWriter& json, const World& world, const Project& project,
                 const Viewer& viewer) {
  constexpr std::array<string_view, 6> kAccess = {"org:read",  "project:read", "project:releases",
                                                  "team:read", "event:read",   "member:read"};
  constexpr std::array<string_view, 6> kFeatures = {
      "alert-filters", "minidump", "rate-limits", "servicehooks", "similarity-view", "releases"};
  const std::size_t turn = project.id / 65536;
  json.id("id", project.id);
  json.text("slug", project.slug);
  json.text("name", project.name);
  json.text("platform", vocabulary(project.platform).platform);
  time_field(json, "dateCreated", project.created);
  json.flag("isBookmarked", viewer.bookmarks && project.bookmarked);
  json.flag("isMember", is_member(project, viewer));
  append_set(json, "features", kFeatures, turn);
  if (project.events.empty()) {
    json.null("firstEvent");
  } else {
    time_field(json, "firstEvent", world.time_of(project.events.front()));
  }
  json.flag("firstTransactionEvent", project.platform != Platform::kCocoa);
  append_set(json, "access", kAccess, turn);
  json.raw(
      R"("hasAccess":true,"hasFeedbacks":false,"hasFlags":false,"hasMinifiedStackTrace":false,)"
      R"("hasMonitors":false,"hasNewFeedbacks":false,"hasProfiles":false,"hasReplays":false,)"
      R"("hasSessions":true,"hasInsightsHttp":true,"hasInsightsDb":false,"hasInsightsAssets":true,)"
      R"("hasInsightsAppStart":false,"hasInsightsScreenLoad":false,"hasInsightsVitals":false,)"
      R"("hasInsightsCaches":false,"hasInsightsQueues":false,"hasInsightsAgentMonitoring":false,)"
      R"("hasInsightsMCP":false,"hasLogs":false,"hasTraceMetrics":false)");
}

void append_latest_release(JsonWriter& json, const World& world, const Project& project) {
  json.key("latestRelease");
  if (project.releases.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  json.text("version", world.release(project.releases.back()).version);
  json.end_object();
}

void append_platforms(JsonWriter& json, const Project& project) {
  json.key("platforms");
  json.begin_array();
  if (!project.events.empty()) json.text(vocabulary(project.platform).platform);
  json.end_array();
}

void append_appearance(JsonWriter& json, const Project& project) {
  constexpr std::array<string_view, 4> kColors = {"#3f70bf", "#bf6e3f", "#3fbf7f", "#6e3fbf"};
  json.raw(R"("isInternal":false,"isPublic":false,)"
           R"("avatar":{"avatarType":"letter_avatar","avatarUuid":null,"avatarUrl":null})");
  json.text("color", kColors[project.id / 65536 % kColors.size()]);
  json.text("status", "active");
}

void append_deploys(JsonWriter& json, const World& world, const Project& project) {
  json.key("latestDeploys");
  if (project.releases.empty()) {
    json.null();
    return;
  }
  const Release& latest = world.release(project.releases.back());
  json.begin_object();
  json.key("production");
  json.begin_object();
  json.text("version", latest.version);
  time_field(json, "dateFinished", latest.created + std::chrono::seconds(931));
  json.end_object();
  json.end_object();
}

}  // namespace

bool is_member(const Project& project, const Viewer& viewer) {
  return viewer.member_of_all || project.member;
}

void append_project(JsonWriter& json, const World& world, Index project, const Viewer& viewer,
                    const ProjectExtras& extras) {
  const Project& row = world.project(project);
  json.begin_object();
  if (extras.throttled) json.raw(R"("eventThrottleRate":0,"scrubIPAddresses":true)");
  append_teams(json, world, row);
  append_base(json, world, row, viewer);
  append_platforms(json, row);
  json.raw(R"("hasUserReports":false)");
  json.key("environments");
  json.begin_array();
  if (!row.events.empty()) {
    for (const string_view name : environments()) json.text(name);
  }
  json.end_array();
  append_latest_release(json, world, row);
  if (extras.latest_deploys) append_deploys(json, world, row);
  if (!extras.stats_period.empty()) {
    json.key("stats");
    append_series(json, world, row.events, buckets_of(extras.stats_period, extras.now));
  }
  json.end_object();
}

void append_project_of_any(JsonWriter& json, const World& world, Index project,
                           const Viewer& viewer, const Addresses& addresses) {
  const Project& row = world.project(project);
  json.begin_object();
  append_base(json, world, row, viewer);
  append_appearance(json, row);
  json.key("organization");
  append_organization(json, world.organization(row.organization), addresses);
  json.end_object();
}

void append_project_detail(JsonWriter& json, const World& world, Index project,
                           const Viewer& viewer, const Addresses& addresses) {
  const Project& row = world.project(project);
  const std::string token = EventId{mix(row.id), mix(row.id + 1)}.text();
  json.begin_object();
  append_base(json, world, row, viewer);
  append_appearance(json, row);
  append_teams(json, world, row);
  append_latest_release(json, world, row);
  json.raw(
      R"("options":{"sentry:csp_ignored_sources_defaults":true,"sentry:csp_ignored_sources":"",)"
      R"("sentry:reprocessing_active":false,"filters:blacklisted_ips":"","filters:releases":"",)"
      R"("filters:error_messages":"*ResizeObserver*\nNetworkError: *",)"
      R"("filters:react-hydration-errors":true,"filters:chunk-load-error":true,)"
      R"("feedback:branding":true,"quotas:spike-protection-disabled":false,)"
      R"("mail:subject_prefix":"[\u00dcber] ","sentry:replay_hydration_error_issues":true},)"
      R"("digestsMinDelay":300,"digestsMaxDelay":1800,"subjectPrefix":"[\u00dcber] ",)"
      R"("allowedDomains":["*","shop.acme.example","*.z\u00fcrich.example"])");
  json.number("resolveAge", row.resolve_age);
  json.raw(R"("dataScrubber":true,"dataScrubberDefaults":true,"safeFields":["order_id"],)"
           R"("storeCrashReports":null,"sensitiveFields":["password","iban"],)"
           R"("subjectTemplate":"$shortID - $title")");
  json.text("securityToken", token);
  json.raw(R"("securityTokenHeader":null,"verifySSL":false,"scrubIPAddresses":false,)"
           R"("scrapeJavaScript":true,"enableAutoReleaseCreation":true,"highlightTags":["handled",)"
           R"("level","release"],"highlightContext":{"browser":["name"],"user":["email"]},)"
           R"("highlightPreset":{"tags":["handled","level"],"context":{"trace":["trace_id"]}},)"
           R"("groupingConfig":"newstyle:2023-01-11","derivedGroupingEnhancements":"",)"
           R"("groupingEnhancements":"stack.abs_path:**/node_modules/** -group\nfamily:native)"
           R"( max-frames=3",)"
           R"("secondaryGroupingExpiry":0,"secondaryGroupingConfig":null,)"
           R"("fingerprintingRules":"type:ChunkLoadError -> chunk-load, {{ default }}")");
  json.key("organization");
  append_organization(json, world.organization(row.organization), addresses);
  append_platforms(json, row);
  json.raw(
      R"("processingIssues":0,"defaultEnvironment":"production",)"
      R"("relayPiiConfig":"{\"rules\":{\"iban\":{\"type\":\"pattern\",)"
      R"(\"pattern\":\"CH\\\\d{19}\"}}}",)"
      R"("builtinSymbolSources":["ios","microsoft","android"],)"
      R"("dynamicSamplingBiases":[{"id":"boostEnvironments","active":true},)"
      R"({"id":"boostLatestRelease","active":true},{"id":"ignoreHealthChecks","active":true},)"
      R"({"id":"boostKeyTransactions","active":true},)"
      R"({"id":"boostLowVolumeTransactions","active":true},)"
      R"({"id":"boostReplayId","active":true},{"id":"recalibrationRule","active":true}],)"
      R"("symbolSources":"[]","isDynamicallySampled":true,"tempestFetchScreenshots":false,)"
      R"("autofixAutomationTuning":"off","seerScannerAutomation":true,"seerNightshiftTweaks":null,)"
      R"("scmSourceContextEnabled":false,"debugFilesRole":null)");
  json.end_object();
}

}  // namespace sandbox
