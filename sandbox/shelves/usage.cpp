#include <algorithm>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

/// So many of the events the world began with stand for something else that happened to visitors.
constexpr Index kMostSamples = 400;

/// The events of an organization that one list is made from, of all its projects. The same ones
/// whatever tests add later.
std::vector<Index> sampled_events(const Scene& scene, Index organization, Index every, Index rest) {
  const World& world = scene.world;
  every = std::max(every, world.drawn_events() / kMostSamples);
  std::vector<Index> found;
  for (Index serial = rest; serial < world.drawn_events(); serial += every) {
    const Issue& issue = world.issue(world.event(serial).issue);
    const Project& project = world.project(issue.project);
    const bool here = project.organization == organization && !project.deleted && !issue.deleted;
    if (here) found.push_back(serial);
  }
  return found;
}

/// They are seen all the time.
Rows relay_usage(const Scene& scene, const ShelfOwner& owner) {
  Dice dice = dice_for(scene, "relays", owner.organization);
  Rows rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back({{"relayId", uuid(dice)},
                    {"version", "26." + std::to_string(6 + i) + ".0"},
                    {"publicKey", i == 2 ? Row() : Row(hex_id(dice))},
                    {"firstSeen", sentry_time(drawn_for(scene) - chrono::hours(900 * (i + 1)))},
                    {"lastSeen", sentry_time(scene.now - chrono::minutes(i))}});
  }
  return rows;
}

Rows feedback(const Scene& scene, const ShelfOwner& owner) {
  const World& world = scene.world;
  Rows rows;
  for (const Index serial : sampled_events(scene, owner.organization, 13, 5)) {
    Dice dice = dice_for(scene, "feedback", serial);
    const std::string event = world.id_of(serial).text();
    const std::string number = std::to_string(dice.below(900));
    const Index issue = world.event(serial).issue;
    rows.push_back(
        {{"id", std::to_string(2'000'000 + serial)},
         {"eventID", event},
         {"event", {{"id", nullptr}, {"eventID", event}}},
         {"name", dice.chance(80) ? Row("Visitor №" + number) : Row()},
         {"email", "visitor" + number + "@customer.example"},
         {"comments", "Nach dem Klick auf «Kaufen» \"passierte\" nichts.\nOrder " + number},
         {"dateCreated", sentry_time(world.time_of(serial) + chrono::seconds(dice.below(900)))},
         {"user", nullptr},
         {"issue", issue_stub(scene, issue)},
         {"_projects", {std::to_string(world.project(world.issue(issue).project).id)}}});
  }
  return rows;
}

std::string replay_time(Instant when) {
  std::string text = sentry_time(chrono::floor<chrono::seconds>(when));
  text.replace(text.size() - 1, 1, "+00:00");
  return text;
}

Rows replays(const Scene& scene, const ShelfOwner& owner) {
  const World& world = scene.world;
  Rows rows;
  for (const Index serial : sampled_events(scene, owner.organization, 11, 3)) {
    Dice dice = dice_for(scene, "replays", serial);
    const std::string id = hex_id(dice);
    const Instant started = world.time_of(serial) - chrono::seconds(dice.below(600));
    const std::uint32_t duration = 10 + dice.below(3500);
    const Project& project = world.project(world.issue(world.event(serial).issue).project);
    const std::string project_id = std::to_string(project.id);
    if (dice.chance(4)) {  // of archived ones nothing is left but that
      rows.push_back({{"id", id},
                      {"is_archived", true},
                      {"_started_at", replay_time(started)},
                      {"_projects", {project_id}}});
      continue;
    }
    const std::string number = std::to_string(dice.below(900));
    const bool tagged = dice.chance(70);
    Row user = {{"id", number},
                {"username", nullptr},
                {"email", "visitor" + number + "@customer.example"},
                {"ip", "198.51.100.7"},
                {"display_name", "visitor" + number + "@customer.example"},
                {"geo", {{"city", "Zürich"}, {"country_code", "CH"}}}};
    rows.push_back(
        {{"id", id},
         {"project_id", project_id},
         {"started_at", replay_time(started)},
         {"finished_at", replay_time(started + chrono::seconds(duration))},
         {"duration", duration},
         {"environment", "production"},
         {"dist", nullptr},
         {"platform", "javascript"},
         {"replay_type", dice.chance(50) ? "session" : "buffer"},
         {"releases", Row::array()},
         {"urls", {"https://shop.acme.example/cart", "https://shop.acme.example/übung?q=1"}},
         {"trace_ids", {hex_id(dice)}},
         {"error_ids", {world.id_of(serial).text()}},
         {"info_ids", Row::array()},
         {"warning_ids", Row::array()},
         {"tags", tagged ? Row{{"plan", {"free", "trial"}}} : Row::array()},
         {"user", std::move(user)},
         {"sdk", {{"name", "sentry.javascript.react"}, {"version", "8.30.0"}}},
         {"os", {{"name", "macOS"}, {"version", "14.5"}}},
         {"browser", {{"name", "Chrome"}, {"version", "126.0.0"}}},
         {"device", {{"name", nullptr}, {"brand", nullptr}, {"family", "Mac"}, {"model", nullptr}}},
         {"ota_updates", {{"channel", nullptr}, {"runtime_version", nullptr}}},
         {"clicks", Row::array()},
         {"activity", dice.below(11)},
         {"count_dead_clicks", dice.below(4)},
         {"count_rage_clicks", 0},
         {"count_errors", 1},
         {"count_warnings", 0},
         {"count_infos", 0},
         {"count_segments", 1 + duration / 300},
         {"count_urls", 2},
         {"is_archived", false},
         {"has_viewed", scene.now.time_since_epoch().count() % 2 == 0},
         {"_started_at", replay_time(started)}});
  }
  return rows;
}

Rows saved_queries(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const Instant created = organization.created + chrono::hours(400 + i * 60);
    rows.push_back({{"id", std::to_string(1200 + owner.organization * 100 + i * 3)},
                    {"name", "Saved query " + std::to_string(i)},
                    {"projects", Row::array()},
                    {"version", 2},
                    {"queryDataset", i % 2 == 0 ? "error-events" : "transaction-like"},
                    {"datasetSource", "unknown"},
                    {"expired", false},
                    {"dateCreated", sentry_time(created)},
                    {"dateUpdated", sentry_time(drawn_for(scene) - chrono::hours(30 + i * 70))},
                    {"environment", Row::array()},
                    {"query", "transaction:\"/übung\""},
                    {"fields", {"id", "transaction", "timestamp"}},
                    {"widths", Row::array()},
                    {"range", "24h"},
                    {"orderby", "-timestamp"},
                    {"yAxis", {"count()"}},
                    {"createdBy", user_row(scene, user_at(scene, owner.organization, i + 2))}});
  }
  return rows;
}

constexpr ShelfSpec kUsageShelves[] = {
    {"relay_usage", OwnerKind::kOrganization, relay_usage, "relayId", "relayId"},
    {"user_feedback", OwnerKind::kOrganization, feedback, "-dateCreated"},
    {"replays", OwnerKind::kOrganization, replays, "-_started_at"},
    {"saved_queries", OwnerKind::kOrganization, saved_queries, "-id"},
};

}  // namespace

std::span<const ShelfSpec> usage_shelves() { return kUsageShelves; }

}  // namespace sandbox
