#include "sandbox/shelves/issue_links.h"

#include <algorithm>

#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

Rows integrations_of(const Scene& scene, Index organization) {
  const std::string key = std::to_string(organization);
  return rows_of(scene, *find_shelf("integrations"), {organization, organization, key, {}});
}

bool tracks_issues(const Row& integration) {
  const auto provider = integration.find("provider");
  return provider != integration.end() && provider->value("key", "") != "slack";
}

Row app_link(const std::string& number) {
  return {{"kind", "app"},
          {"id", number},
          {"serviceType", "ticket-sync-1b2c3d"},
          {"displayName", "Tickets#" + number},
          {"webUrl", "https://tickets.example/browse/" + number + "?from=sentry"}};
}

Row integration_link(const Row& integration, const std::string& number) {
  const std::string key = "ACME-" + number;
  const std::string domain = integration.value("domainName", std::string());
  return {{"kind", "integration"},
          {"id", number},
          {"integrationId", integration["id"]},
          {"key", key},
          {"url", "https://" + domain + "/browse/" + key},
          {"title", "Kasse «hängt» \"manchmal\""},
          {"description", "Sentry Issue:\n[" + key + "](https://acme.example/)"},
          {"displayName", key}};
}

/// The members of a row that its lists show: what tells kinds and owners apart is said otherwise.
Row shown(const Row& link) {
  Row row = link;
  row.erase("kind");
  row.erase("integrationId");
  strip_hidden(row);
  return row;
}

/// An integration with those of the links that are its own; nothing if there are none.
Row integration_row(const Row& integration, const Rows& links) {
  Row linked = Row::array();
  for (const Row& link : links) {
    const bool own = link.value("kind", "") == "integration" && link.contains("integrationId") &&
                     link["integrationId"] == integration["id"];
    if (own) linked.push_back(shown(link));
  }
  if (linked.empty()) return {};
  Row row;
  for (const char* name :
       {"id", "name", "icon", "domainName", "accountType", "status", "provider"}) {
    row[name] = integration.contains(name) ? integration[name] : Row();
  }
  row["icon"] = nullptr;
  row["externalIssues"] = std::move(linked);
  return row;
}

}  // namespace

Rows issue_external_links(const Scene& scene, const ShelfOwner& owner) {
  const Issue& issue = scene.world.issue(owner.index);
  Dice dice = dice_for(scene, "external links", issue.id);
  const std::uint64_t number = first_child_id(issue.id) + 9000;
  Rows rows;
  if (dice.chance(25)) rows.push_back(app_link(std::to_string(number)));
  if (!dice.chance(20)) return rows;
  Rows integrations = integrations_of(scene, owner.organization);
  std::erase_if(integrations, [](const Row& one) { return !tracks_issues(one); });
  if (integrations.empty()) return rows;
  const std::uint32_t links = dice.chance(30) ? 2 : 1;
  // The same number as that of the app's link: only the kind tells them apart.
  for (std::uint32_t i = 0; i < links; ++i) {
    rows.push_back(integration_link(dice.pick(integrations), std::to_string(number + i)));
  }
  return rows;
}

IssueLinks links_of(const IssueView& view, const Issue& issue) {
  const Scene scene{view.world, view.addresses, view.now};
  const Index organization = view.world.project(issue.project).organization;
  const auto owner = find_owner(scene, OwnerKind::kIssue, organization, std::to_string(issue.id));
  if (!owner) return {};
  const Rows links = rows_of(scene, *find_shelf("issue_external_links"), *owner);
  if (links.empty()) return {};
  Row apps = Row::array();
  for (const Row& link : links) {
    if (link.value("kind", "") != "app") continue;
    Row app = shown(link);
    app["issueId"] = owner->key;
    apps.push_back(std::move(app));
  }
  Row integrations = Row::array();
  if (apps.size() < links.size()) {
    for (const Row& integration : integrations_of(scene, organization)) {
      Row row = integration_row(integration, links);
      if (!row.is_null()) integrations.push_back(std::move(row));
    }
  }
  return {apps.dump(), integrations.dump()};
}

}  // namespace sandbox
