#include <algorithm>
#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

/// Outcomes and sessions of a day keep arriving for so long after it began.
constexpr std::chrono::hours kComesIn(60);
/// So many days are kept, with the present one. Sessions take a row for each of very many groups.
constexpr chrono::days kOutcomeDays(90);
constexpr chrono::days kSessionDays(16);

struct OutcomeKind {
  const char* category;
  const char* outcome;
  const char* reason;
  std::uint32_t most;
};
constexpr std::array<OutcomeKind, 12> kOutcomeKinds = {
    {{"error", "accepted", "none", 5000},
     {"error", "filtered", "browser-extensions", 900},
     {"error", "filtered", "legacy-browsers", 3},  // none at all on most days
     {"error", "rate_limited", "key_quota", 400},
     {"error", "invalid", "invalid_json", 20},
     {"error", "client_discard", "sample_rate", 800},
     {"transaction", "accepted", "none", 90'000},
     {"transaction", "filtered", "Sampled:3000", 70'000},
     {"attachment", "accepted", "none", 900'000'000},  // bytes
     {"session", "accepted", "none", 40'000},
     {"replay", "accepted", "none", 600},
     {"profile_duration", "accepted", "none", 7'000'000}}};  // milliseconds

struct DayOfSeries {
  Instant begin;
  std::uint64_t number;  ///< since 1970
  double come_in;        ///< the part of it that has arrived
};

std::vector<DayOfSeries> days_of(const Scene& scene, chrono::days kept) {
  const Instant today = std::chrono::floor<chrono::days>(scene.now);
  std::vector<DayOfSeries> all;
  for (Instant day = today - kept + chrono::days(1); day <= today; day += chrono::days(1)) {
    const auto age = std::chrono::floor<std::chrono::hours>(scene.now - day);
    const double part =
        static_cast<double>(age.count() + 1) / static_cast<double>(kComesIn.count());
    const auto number = std::chrono::floor<chrono::days>(day.time_since_epoch()).count();
    all.push_back({day, static_cast<std::uint64_t>(number), std::min(part, 1.0)});
  }
  return all;
}

std::uint64_t so_far(std::uint64_t whole, const DayOfSeries& day) {
  return static_cast<std::uint64_t>(static_cast<double>(whole) * day.come_in);
}

Rows outcomes_by_day(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const DayOfSeries& day : days_of(scene, kOutcomeDays)) {
    Dice dice = dice_for(scene, "outcomes", combine(day.number, owner.organization));
    for (const OutcomeKind& kind : kOutcomeKinds) {
      const std::uint32_t whole = kind.most < 10 ? dice.chance(20) : dice.below(kind.most);
      rows.push_back({{"date", sentry_time(day.begin)},
                      {"category", kind.category},
                      {"outcome", kind.outcome},
                      {"reason", kind.reason},
                      {"sum(quantity)", so_far(whole, day)}});
    }
  }
  return rows;
}

Rows outcomes_by_project(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const DayOfSeries& day : days_of(scene, kOutcomeDays)) {
    for (const Index index : present_projects_of(scene.world, owner.organization)) {
      const Project& project = scene.world.project(index);
      Dice dice = dice_for(scene, "summary", combine(day.number, project.id));
      for (const char* category : {"error", "transaction"}) {
        const std::uint64_t accepted = so_far(dice.below(4000), day);
        const std::uint64_t limited = so_far(dice.below(60), day);
        rows.push_back({{"date", sentry_time(day.begin)},
                        {"projectId", std::to_string(project.id)},
                        {"projectSlug", project.slug},
                        {"category", category},
                        {"outcomes",
                         {{"accepted", accepted},
                          {"filtered", 0},
                          {"rate_limited", limited},
                          {"invalid", 0},
                          {"abuse", 0},
                          {"client_discard", 0},
                          {"cardinality_limited", 0}}},
                        {"totals", {{"dropped", limited}, {"sum(quantity)", accepted + limited}}},
                        {"_projects", {std::to_string(project.id)}}});
      }
    }
  }
  return rows;
}

Row rate_of(std::uint64_t crashed, std::uint64_t all) {
  if (all == 0) return nullptr;
  return 1.0 - static_cast<double>(crashed) / static_cast<double>(all);
}

Rows sessions_by_day(const Scene& scene, const ShelfOwner& owner) {
  constexpr std::size_t kMostReleases = 16;
  constexpr std::array<const char*, 3> kWhere = {"production", "staging", ""};
  Rows rows;
  for (const DayOfSeries& day : days_of(scene, kSessionDays)) {
    for (const Index index : present_projects_of(scene.world, owner.organization)) {
      const Project& project = scene.world.project(index);
      const std::size_t count = std::min(project.releases.size(), kMostReleases);
      for (std::size_t i = project.releases.size() - count; i < project.releases.size(); ++i) {
        for (const char* where : kWhere) {
          Dice dice = dice_for(scene, "sessions",
                               combine(combine(day.number, project.id), combine(i, where[0])));
          if (dice.chance(10)) continue;  // nobody was there
          const std::uint64_t sessions = so_far(dice.chance(15) ? 0 : dice.below(900), day);
          const std::uint64_t users = sessions - sessions / 3;
          rows.push_back({{"date", sentry_time(day.begin)},
                          {"project", project.id},
                          {"release", scene.world.release(project.releases[i]).version},
                          {"environment", where},
                          {"sum(session)", sessions},
                          {"count_unique(user)", users},
                          {"crash_free_rate(session)", rate_of(sessions / 40, sessions)},
                          {"crash_free_rate(user)", rate_of(sessions / 50, users)}});
        }
      }
    }
  }
  return rows;
}

constexpr std::array<ShelfSpec, 3> kSeriesShelves = {{{.name = "org_stats",
                                                       .owner = OwnerKind::kOrganization,
                                                       .make = outcomes_by_day,
                                                       .order = "date",
                                                       .keys = "date category outcome reason",
                                                       .is_costly = true},
                                                      {.name = "stats_summary",
                                                       .owner = OwnerKind::kOrganization,
                                                       .make = outcomes_by_project,
                                                       .order = "date",
                                                       .keys = "date projectId category",
                                                       .is_costly = true},
                                                      {.name = "release_health",
                                                       .owner = OwnerKind::kOrganization,
                                                       .make = sessions_by_day,
                                                       .order = "date",
                                                       .keys = "date project release environment",
                                                       .is_costly = true}}};

}  // namespace

std::span<const ShelfSpec> series_shelves() { return kSeriesShelves; }

}  // namespace sandbox
