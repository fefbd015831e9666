#include "sandbox/shelves/monitors.h"

#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 3> kJobs = {"nightly-backup", "send-invoices",
                                                   "refresh-search"};

/// How often a job checks in, by its place among its project's.
chrono::minutes step_of(std::size_t job) {
  constexpr std::array<int, 3> kMinutes = {1440, 60, 5};
  return chrono::minutes(kMinutes[job]);
}

/// When the newest check-in of a monitor was, those before it a step apart.
Instant last_check_in(const Scene& scene, std::size_t job) {
  return drawn_for(scene) - chrono::seconds(90 + 13 * job) + chrono::microseconds(123'456);
}

Row config_of(std::size_t job) {
  Row schedule = job == 1 ? Row::array({1, "hour"}) : Row(job == 0 ? "30 2 * * *" : "*/5 * * * *");
  return {{"schedule_type", job == 1 ? "interval" : "crontab"},
          {"schedule", std::move(schedule)},
          {"checkin_margin", job == 0 ? Row(10) : Row()},
          {"max_runtime", job == 0 ? Row(60) : Row()},
          {"timezone", job == 0 ? Row("Europe/Zurich") : Row()},
          {"failure_issue_threshold", 2},
          {"recovery_threshold", nullptr},
          {"alert_rule_id", nullptr}};
}

Row environment_row(const Scene& scene, const Project& project, std::size_t job,
                    std::string_view name) {
  const Instant last = last_check_in(scene, job);
  return {{"name", name},
          {"status", job == 2 ? "error" : "ok"},
          {"isMuted", false},
          {"dateCreated", sentry_time(project.created + chrono::hours(30))},
          {"lastCheckIn", sentry_time(last)},
          {"nextCheckIn", sentry_time(last + step_of(job))},
          {"nextCheckInLatest", sentry_time(last + step_of(job) + chrono::minutes(1))},
          {"activeIncident", nullptr}};
}

Rows monitors(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const Index project : present_projects_of(scene.world, owner.organization)) {
    for (Row& row : crons_of(scene, project)) rows.push_back(std::move(row));
  }
  return rows;
}

std::size_t job_of(const Row& monitor) { return monitor.value("_job", std::size_t{0}); }

Rows check_ins(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  if (!owner.row.contains("_job")) return rows;  // one that a test added
  const std::size_t job = job_of(owner.row);
  const chrono::minutes step = step_of(job);
  Dice dice = dice_for(scene, "check-ins", hash_text(owner.key));
  const std::size_t count = job == 2 ? 230 : 20 + dice.below(40);
  for (std::size_t i = 0; i < count; ++i) {
    const Instant at = last_check_in(scene, job) - i * step;
    const bool failed = dice.chance(8);
    const bool missed = !failed && dice.chance(5);
    const bool running = i == 0 && job == 0;
    const Instant ended = at + chrono::seconds(dice.below(50));
    rows.push_back({{"id", uuid(dice)},
                    {"environment", "production"},
                    {"status", running  ? "in_progress"
                               : failed ? "error"
                               : missed ? "missed"
                                        : "ok"},
                    {"duration", missed || running ? Row() : Row(dice.below(50'000))},
                    {"dateCreated", sentry_time(at)},
                    {"dateAdded", sentry_time(at)},
                    {"dateUpdated", sentry_time(ended)},
                    {"dateInProgress", missed ? Row() : Row(sentry_time(at))},
                    {"dateClock", sentry_time(chrono::floor<chrono::minutes>(at))},
                    {"expectedTime", sentry_time(chrono::floor<chrono::minutes>(at))},
                    {"monitorConfig", config_of(job)}});
  }
  return rows;
}

Rows uptime_monitors(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const Index project : present_projects_of(scene.world, owner.organization)) {
    for (Row& row : uptime_of(scene, project)) rows.push_back(std::move(row));
  }
  return rows;
}

constexpr ShelfSpec kMonitorShelves[] = {
    {"monitors", OwnerKind::kOrganization, monitors, "name"},
    {"monitor_checkins", OwnerKind::kMonitor, check_ins, "-dateAdded"},
    {"uptime_monitors", OwnerKind::kOrganization, uptime_monitors, "id"},
};

}  // namespace

Rows crons_of(const Scene& scene, Index index) {
  const Project& project = scene.world.project(index);
  Dice dice = dice_for(scene, "monitors", project.id);
  Rows rows;
  // Every fourth project has none.
  for (std::size_t job = 0; job < (index + 3) % 4; ++job) {
    const std::string name = std::string(kJobs[job]) + "-" + std::to_string(project.id % 1000);
    Row environments = Row::array();
    environments.push_back(environment_row(scene, project, job, "production"));
    if (job == 1) environments.push_back(environment_row(scene, project, job, "staging"));
    const Organization& organization = scene.world.organization(project.organization);
    Row owner = {{"type", "team"},
                 {"id", std::to_string(organization.teams[0].id)},
                 {"name", organization.teams[0].slug}};
    rows.push_back({{"id", uuid(dice)},
                    {"slug", name},
                    {"name", name},
                    {"status", job == 2 ? "disabled" : "active"},
                    {"isMuted", false},
                    {"isUpserting", false},
                    {"config", config_of(job)},
                    {"dateCreated", sentry_time(project.created + chrono::hours(30))},
                    {"project", project_row(scene, index)},
                    {"environments", std::move(environments)},
                    {"owner", job == 0 ? std::move(owner) : Row()},
                    {"_job", job}});
  }
  return rows;
}

Rows uptime_of(const Scene& scene, Index index) {
  const Project& project = scene.world.project(index);
  Rows rows;
  for (std::size_t i = 0; i < 1 + index % 2; ++i) {
    Row headers = Row::array();
    headers.push_back(Row::array({"authorization", "Bearer uptime-secret-" + project.slug}));
    rows.push_back({{"id", std::to_string(880'000 + index * 10 + i)},
                    {"projectSlug", project.slug},
                    {"environment", "production"},
                    {"name", "Uptime of " + project.slug + (i == 0 ? "" : " (API)")},
                    {"status", "active"},
                    {"uptimeStatus", i == 0 ? 1 : 2},
                    {"mode", 1},
                    {"url", "https://" + project.slug + ".acme.example/health"},
                    {"method", i == 0 ? "GET" : "POST"},
                    {"body", i == 0 ? Row() : Row("{\"probe\": true}")},
                    {"headers", std::move(headers)},
                    {"intervalSeconds", 60},
                    {"timeoutMs", 5000},
                    {"owner", nullptr},
                    {"traceSampling", false},
                    {"recoveryThreshold", 1},
                    {"downtimeThreshold", 3},
                    {"assertion", nullptr},
                    {"responseCaptureEnabled", false}});
  }
  return rows;
}

std::span<const ShelfSpec> monitor_shelves() { return kMonitorShelves; }

}  // namespace sandbox
