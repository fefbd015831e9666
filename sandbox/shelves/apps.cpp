#include <array>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

Rows integrations(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  constexpr std::array<std::string_view, 4> kKeys = {"slack", "github", "gitlab", "jira"};
  constexpr std::array<std::string_view, 4> kNames = {"Slack", "GitHub", "GitLab", "Jira"};
  Rows rows;
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    Row provider = {
        {"key", kKeys[i]},         {"slug", kKeys[i]},
        {"name", kNames[i]},       {"canAdd", true},
        {"canDisable", false},     {"features", {"alert-rule", "chat-unfurl", "issue-basic"}},
        {"aspects", Row::object()}};
    const std::string domain = organization.slug + "." + std::string(kKeys[i]) + ".example";
    rows.push_back(
        {{"id", std::to_string(24'817 + owner.organization * 100 + i)},
         {"name", organization.name + " on " + std::string(kNames[i])},
         {"icon", "https://avatars.example/" + std::string(kKeys[i])},
         {"domainName", domain},
         {"accountType", i == 1 ? Row("Organization") : Row()},
         {"scopes", i == 0 ? Row::array({"channels:read", "chat:write", "commands"}) : Row()},
         {"outOfDate", false},
         {"status", i == 3 ? "disabled" : "active"},
         {"provider", std::move(provider)},
         {"configOrganization", Row::array()},
         {"configData", {{"installationType", "born_as_bot"}}},
         {"externalId", std::to_string(7'252'394 + i)},
         {"organizationId", organization.id},
         {"organizationIntegrationStatus", i == 3 ? "disabled" : "active"},
         {"gracePeriodEnd", nullptr}});
  }
  return rows;
}

/// An app's identity, which its installation repeats.
struct App {
  std::string uuid;
  std::string slug;
  std::string secret;
  std::string client;
};

constexpr std::size_t kApps = 3;

App app_at(const Scene& scene, Index organization, std::size_t number) {
  Dice dice = dice_for(scene, "apps", organization * 10 + number);
  constexpr std::array<std::string_view, kApps> kSlugs = {"deploy-bot-75c19a", "ticket-sync-1b2c3d",
                                                          "on-call-9f8e7d"};
  return {uuid(dice), std::string(kSlugs[number]), hex_id(dice) + hex_id(dice),
          hex_id(dice) + hex_id(dice)};
}

Rows sentry_apps(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  for (std::size_t i = 0; i < kApps; ++i) {
    const App app = app_at(scene, owner.organization, i);
    rows.push_back({{"allowedOrigins", Row::array()},
                    {"author", organization.name},
                    {"avatars", Row::array()},
                    {"events", {"issue", "error", "comment"}},
                    {"webhookEvents", {"issue.assigned", "issue.created", "issue.resolved"}},
                    {"isAlertable", i == 2},
                    {"isDisabled", false},
                    {"metadata", Row::object()},
                    {"name", app.slug},
                    {"overview", nullptr},
                    {"popularity", 1},
                    {"redirectUrl", nullptr},
                    {"featureData", Row::array()},
                    {"schema", {{"elements", Row::array()}}},
                    {"scopes", {"event:read", "org:read", "project:read"}},
                    {"slug", app.slug},
                    {"status", i == 0 ? "internal" : "unpublished"},
                    {"uuid", app.uuid},
                    {"verifyInstall", i != 0},
                    {"webhookUrl", "https://apps.acme.example/" + app.slug},
                    {"webhookHeaders", {"X-Api-Key: " + app.secret.substr(0, 12)}},
                    {"clientId", app.client},
                    {"clientSecret", app.secret},
                    {"owner", {{"id", organization.id}, {"slug", organization.slug}}}});
  }
  return rows;
}

Rows installations(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  for (std::size_t i = 0; i < kApps; ++i) {
    const App app = app_at(scene, owner.organization, i);
    Dice dice = dice_for(scene, "installations", owner.organization * 10 + i);
    rows.push_back({{"app", {{"uuid", app.uuid}, {"slug", app.slug}, {"sentryAppId", 1000 + i}}},
                    {"organization", {{"slug", organization.slug}, {"id", organization.id}}},
                    {"uuid", uuid(dice)},
                    {"status", i == 1 ? "pending" : "installed"},
                    {"code", hex_id(dice)}});
  }
  return rows;
}

Rows audit_logs(const Scene& scene, const ShelfOwner& owner) {
  constexpr std::array<std::string_view, 6> kEvents = {
      "member.invite", "project.create", "team.edit", "rule.edit", "api-key.create", "org.edit"};
  Dice dice = dice_for(scene, "audit logs", owner.organization);
  Rows rows;
  for (std::uint64_t i = 0; i < 250; ++i) {
    const std::string event(dice.pick(kEvents));
    const User& actor = user_at(scene, owner.organization, dice.below(12));
    const Instant at = drawn_for(scene) - chrono::minutes(480 * (250 - i)) +
                       chrono::microseconds(dice.below(900'000'000));
    const bool by_nobody = dice.chance(5);
    rows.push_back(
        {{"id", std::to_string(840'000 + owner.organization * 1000 + i)},
         {"actor", by_nobody ? Row{{"id", nullptr}, {"name", "Sentry"}} : user_row(scene, actor)},
         // One that the server has no name for.
         {"event", i == 7 ? Row(120) : Row(event)},
         {"ipAddress", dice.chance(90) ? Row("198.51.100.23") : Row()},
         {"note", "did " + event + " with \"übung\""},
         {"targetObject", 4505000 + i},
         {"targetUser", nullptr},
         {"data", {{"slug", "web"}, {"old_value", nullptr}, {"n", dice.below(9)}}},
         {"dateCreated", sentry_time(at)}});
  }
  return rows;
}

constexpr ShelfSpec kAppShelves[] = {
    {"integrations", OwnerKind::kOrganization, integrations, "name"},
    {"sentry_apps", OwnerKind::kOrganization, sentry_apps, "slug", "uuid"},
    {"sentry_app_installations", OwnerKind::kOrganization, installations, "uuid", "uuid"},
    {"audit_logs", OwnerKind::kOrganization, audit_logs, "-dateCreated"},
};

}  // namespace

std::span<const ShelfSpec> app_shelves() { return kAppShelves; }

}  // namespace sandbox
