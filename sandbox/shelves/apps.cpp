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

/// One names the address that takes a project's releases, whose last part is a secret.
Rows plugins(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Dice dice = dice_for(scene, "plugins", project.id);
  constexpr std::array<std::string_view, 3> kSlugs = {"webhooks", "heroku", "mail"};
  constexpr std::array<std::string_view, 3> kNames = {"WebHooks", "Heroku", "Mail"};
  Rows rows;
  for (std::size_t i = 0; i < kSlugs.size(); ++i) {
    const std::string address = "https://sentry.acme.example/api/hooks/release/heroku/" +
                                std::to_string(project.id) + "/" + hex_id(dice) + hex_id(dice);
    Row author = {{"name", "Sentry Team"}, {"url", "https://github.com/getsentry/sentry"}};
    Row assets = Row::array();
    if (i == 0) assets.push_back({{"url", "https://s1.acme.example/webhooks.js"}});
    rows.push_back(
        {{"id", kSlugs[i]},
         {"name", kNames[i]},
         {"slug", kSlugs[i]},
         {"shortName", kNames[i]},
         {"type", i == 1 ? "release-tracking" : "notification"},
         {"canDisable", i != 2},
         {"isTestable", i == 0},
         {"hasConfiguration", i == 0},
         {"metadata", Row::object()},
         {"contexts", Row::array()},
         {"status", "unknown"},
         {"assets", std::move(assets)},
         {"doc",
          i == 1 ? "<pre>heroku addons:create deployhooks:http --url=" + address + "/</pre>" : ""},
         {"firstPartyAlternative", nullptr},
         {"deprecationDate", nullptr},
         {"altIsSentryApp", nullptr},
         {"enabled", (owner.index + i) % 2 == 0},
         {"version", "23.7.1"},
         {"author", std::move(author)},
         {"isDeprecated", false},
         {"isHidden", i == 2},
         {"description", "Sends «" + std::string(kNames[i]) + "»"},
         {"features", {"alert-rule", "webhook"}},
         {"featureDescriptions", Row::array()}});
  }
  return rows;
}

Rows forwarders(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  constexpr std::array<std::string_view, 3> kProviders = {"sqs", "segment", "splunk"};
  constexpr std::array<std::string_view, 3> kSecrets = {"secret_key", "write_key", "token"};
  Dice dice = dice_for(scene, "forwarders", owner.organization);
  Rows rows;
  for (std::size_t i = 0; i < kProviders.size(); ++i) {
    const std::string id = std::to_string(7100 + owner.organization * 100 + i);
    const std::string date = sentry_time(organization.created + chrono::hours(1100 + i));
    Row config = {{"index", "main"}, {kSecrets[i], hex_id(dice)}};
    Row enrolled = Row::array();
    Row configs = Row::array();
    for (const Index index : present_projects_of(scene.world, owner.organization)) {
      const Project& project = scene.world.project(index);
      if (index % 3 != i) continue;
      Row stub = {
          {"id", std::to_string(project.id)}, {"slug", project.slug}, {"platform", nullptr}};
      enrolled.push_back(stub);
      configs.push_back({{"id", id + std::to_string(index)},
                         {"isEnabled", true},
                         {"dataForwarderId", id},
                         {"project", std::move(stub)},
                         {"overrides", {{"index", project.slug}}},
                         {"effectiveConfig", config},
                         {"dateAdded", date},
                         {"dateUpdated", date}});
    }
    rows.push_back({{"id", id},
                    {"organizationId", std::to_string(organization.id)},
                    {"isEnabled", i != 1},
                    {"enrollNewProjects", i == 0},
                    {"enrolledProjects", std::move(enrolled)},
                    {"provider", kProviders[i]},
                    {"config", std::move(config)},
                    {"projectConfigs", std::move(configs)},
                    {"dateAdded", date},
                    {"dateUpdated", date}});
  }
  return rows;
}

Rows api_keys(const Scene& scene, const ShelfOwner& owner) {
  Dice dice = dice_for(scene, "api keys", owner.organization);
  Rows rows;
  for (std::size_t i = 0; i < 3; ++i) {
    rows.push_back({{"id", std::to_string(310 + owner.organization * 10 + i)},
                    {"label", i == 0 ? "Default" : "Schlüssel " + std::to_string(i)},
                    {"key", hex_id(dice)},
                    {"scope_list", {"project:read", "event:read", "team:read", "org:read"}},
                    {"status", i == 2 ? 1 : 0},
                    {"allowed_origins", i == 1 ? "*.acme.example" : ""}});
  }
  return rows;
}

constexpr ShelfSpec kAppShelves[] = {
    {"integrations", OwnerKind::kOrganization, integrations, "name"},
    {"sentry_apps", OwnerKind::kOrganization, sentry_apps, "slug", "uuid"},
    {"sentry_app_installations", OwnerKind::kOrganization, installations, "uuid", "uuid"},
    {"plugins", OwnerKind::kProject, plugins},
    {"forwarders", OwnerKind::kOrganization, forwarders},
    {"api_keys", OwnerKind::kOrganization, api_keys, "label"},
    {"audit_logs", OwnerKind::kOrganization, audit_logs, "-dateCreated"},
};

}  // namespace

std::span<const ShelfSpec> app_shelves() { return kAppShelves; }

}  // namespace sandbox
