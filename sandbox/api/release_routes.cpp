#include <algorithm>
#include <array>

#include "sandbox/api/glitchtip.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/render/release_json.h"
#include "sandbox/world/release_version.h"

namespace sandbox {
namespace {

using std::string_view;

/// `1.2.*` stands for all that starts with `1.2.`.
bool matches_pattern(string_view text, string_view pattern) {
  if (!pattern.ends_with('*')) return text == pattern;
  return text.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool matches_query(const Release& release, string_view query) {
  const auto after = [&](string_view key) { return query.substr(key.size()); };
  const SemanticVersion version = parse_version(release.version);
  if (query.starts_with("release.package:")) return version.package == after("release.package:");
  if (query.starts_with("release.build:")) {
    return !version.build.empty() && matches_pattern(version.build, after("release.build:"));
  }
  if (query.starts_with("release.version:")) {
    if (version.numbers.empty()) return false;
    const std::string text = std::to_string(version.numbers[0]) + "." +
                             std::to_string(version.numbers[1]) + "." +
                             std::to_string(version.numbers[2]);
    return matches_pattern(text, after("release.version:"));
  }
  return contains_ignoring_case(release.version, query);
}

void check_stats_period(const Call& call, string_view name) {
  constexpr std::array<string_view, 8> kPeriods = {"1h", "24h", "1d",  "48h",
                                                   "2d", "7d",  "14d", "30d"};
  const string_view period = call.query.get(name).value_or("");
  if (period.empty() || period == "90d") return;
  if (std::find(kPeriods.begin(), kPeriods.end(), period) != kPeriods.end()) return;
  throw Refusal(detail_answer(400, "Invalid " + std::string(name) +
                                       ". Valid choices are '1h', '24h', '1d', '48h', '2d', '7d', "
                                       "'14d', '30d', '90d'"));
}

/// Takes out what `status` does not ask for: open ones by default, everything when it is empty.
void filter_status(const Call& call, std::vector<Index>& rows) {
  const string_view status = call.query.get("status").value_or("open");
  if (status.empty() || call.quirk(Quirk::kOldReleases)) return;
  if (status != "open" && status != "archived") {
    throw Refusal(detail_answer(400, "invalid value for status"));
  }
  std::erase_if(rows,
                [&](Index i) { return call.world.release(i).archived != (status == "archived"); });
}

Instant released_or_created(const Release& release) {
  return release.released.value_or(release.created);
}

/// The time that start and end are compared with, and that lists of an organization go by.
Instant listed_by(const Call& call, const Release& release) {
  return call.quirk(Quirk::kOldReleases) ? released_or_created(release) : release.created;
}

/// Both ends belong to the range here, fractions count (sentry-api.md 4.0).
void filter_range(const Call& call, std::vector<Index>& rows) {
  const auto given = request_range(call, std::nullopt);
  if (!given) return;
  std::erase_if(rows, [&](Index i) {
    const Instant when = listed_by(call, call.world.release(i));
    return when < given->start || when > given->end;
  });
}

void filter_environments(const Call& call, std::vector<Index>& rows) {
  const std::vector<int> wanted = request_environments(call);
  if (wanted.empty()) return;
  std::erase_if(rows, [&](Index i) {
    return std::none_of(wanted.begin(), wanted.end(), [&](int environment) {
      return environment >= 0 && seen_in(call.world, i, static_cast<std::size_t>(environment));
    });
  });
}

/// Brings releases, newest first, into the order of `sort`.
void sort_releases(const Call& call, std::vector<Index>& rows) {
  constexpr std::array<string_view, 6> kCrashSorts = {
      "crash_free_sessions", "crash_free_users", "sessions", "users", "sessions_24h", "users_24h"};
  const World& world = call.world;
  string_view sort = call.query.get("sort").value_or("date");
  if (sort.empty()) sort = "date";
  if (sort == "date") {
    if (!call.quirk(Quirk::kOldReleases)) return;
    std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) {
      return released_or_created(world.release(a)) > released_or_created(world.release(b));
    });
    return;
  }
  if (std::find(kCrashSorts.begin(), kCrashSorts.end(), sort) != kCrashSorts.end() &&
      !call.query.is("flatten", "1")) {
    throw Refusal(
        detail_answer(400, "sorting by crash statistics requires flattening (flatten=1)"));
  }
  if (sort != "semver" && sort != "build") throw bad_parameter(call, "invalid sort");
  const auto key = [&](Index i) {
    const SemanticVersion version = parse_version(world.release(i).version);
    return sort == "semver" ? version.numbers
                            : std::vector<std::uint32_t>(
                                  version.build.empty() ? 0 : 1,
                                  static_cast<std::uint32_t>(std::atoi(version.build.c_str())));
  };
  std::erase_if(rows, [&](Index i) { return key(i).empty(); });
  std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) { return key(a) > key(b); });
}

/// By the time of creation alone, which many may share.
Answer glitchtip_releases(const Call& call, std::vector<Index> rows) {
  const World& world = call.world;
  const auto created = [&](std::size_t row) { return world.release(rows[row]).created; };
  std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) {
    return world.release(a).created > world.release(b).created;
  });
  return glitchtip_list(call, rows.size(), created, [&](JsonWriter& json, std::size_t row) {
    append_release(json, world, rows[row], {false, false, true});
  });
}

}  // namespace

Answer list_organization_releases(const Call& call) {
  const World& world = call.world;
  const ReleaseExtras extras{call.query.is("health", "1"), call.query.is("adoptionStages", "1"),
                             call.quirk(Quirk::kOldReleases)};
  check_stats_period(call, "summaryStatsPeriod");
  check_stats_period(call, "healthStatsPeriod");
  // Unlike elsewhere, no project means all that can be seen.
  const std::vector<Index> projects = request_projects(call, true);
  if (projects.empty()) return whole_list_answer(0, [](JsonWriter&, std::size_t) {});
  const auto& all = world.organization(call.organization).releases;
  std::vector<Index> rows(all.rbegin(), all.rend());  // newest first
  std::vector<bool> selected(world.project_count());
  for (const Index p : projects) selected[p] = true;
  std::erase_if(rows, [&](Index i) {
    const auto& of = world.release(i).projects;
    return std::none_of(of.begin(), of.end(), [&](Index p) { return selected[p]; });
  });
  if (call.quirk(Quirk::kGlitchtip)) return glitchtip_releases(call, std::move(rows));
  filter_status(call, rows);
  filter_range(call, rows);
  filter_environments(call, rows);
  if (const auto query = request_search(call, ""); !query.empty()) {
    std::erase_if(rows, [&](Index i) { return !matches_query(world.release(i), query); });
  }
  sort_releases(call, rows);
  return list_answer(request_page(call, rows.size()), [&](JsonWriter& json, std::size_t row) {
    append_release(json, world, rows[row], extras);
  });
}

Answer list_project_releases(const Call& call) {
  const World& world = call.world;
  std::vector<Index> rows = world.project(call.project).releases;
  if (call.quirk(Quirk::kGlitchtip)) return glitchtip_releases(call, std::move(rows));
  filter_environments(call, rows);
  if (const auto query = request_search(call, ""); !query.empty()) {
    std::erase_if(
        rows, [&](Index i) { return !contains_ignoring_case(world.release(i).version, query); });
  }
  // Archived ones are in it, and a release moves when its date is set.
  const auto date = [&](Index i) { return released_or_created(world.release(i)); };
  std::sort(rows.begin(), rows.end(), [&](Index a, Index b) { return date(a) > date(b); });
  return list_answer(request_page(call, rows.size()), [&](JsonWriter& json, std::size_t row) {
    append_release(json, world, rows[row], {false, false, call.quirk(Quirk::kOldReleases)});
  });
}

}  // namespace sandbox
