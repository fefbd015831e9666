#include <algorithm>
#include <numeric>

#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/shelf_list.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

/// The projects of one of the organization's teams.
void append_projects_of(JsonWriter& json, const Call& call, std::size_t team) {
  json.key("projects");
  json.begin_array();
  for (const Index i : call.world.organization(call.organization).projects) {
    const Project& project = call.world.project(i);
    const auto& of = project.teams;
    if (project.deleted || std::find(of.begin(), of.end(), team) == of.end()) continue;
    append_project(json, call.world, i, call.viewer(), {});
  }
  json.end_array();
}

std::size_t member_count(const Call& call, const Team& team) {
  const Scene scene = scene_of(call);
  const auto owner = find_owner(scene, OwnerKind::kTeam, call.organization, team.slug);
  return rows_of(scene, *find_shelf("team_members"), *owner).size();
}

}  // namespace

Answer show_api(const Call& call) {
  Answer answer;
  JsonWriter json(answer.body);
  json.begin_object();
  json.text("version", "0");
  json.key("auth");
  if (call.caller.scopes.empty()) {
    json.null();
    json.null("user");
  } else {
    json.begin_object();
    json.key("scopes");
    json.begin_array();
    for (const std::string& scope : call.caller.scopes) json.text(scope);
    json.end_array();
    json.end_object();
    json.key("user");
    if (call.caller.is_user()) {
      append_user(json, call.world.organization(0).users[0]);
    } else {
      json.null();
    }
  }
  json.end_object();
  return answer;
}

Answer list_organizations(const Call& call) {
  const auto& all = call.world.organizations();
  std::vector<Index> order;
  for (Index i = 0; i < all.size(); ++i) {
    // An integration lives in one organization.
    if (call.caller.is_user() || i == 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return all[a].created > all[b].created; });
  const Keyset keys{order.size(), 1000, [&](std::size_t row) {
                      return all[order[row]].created.time_since_epoch().count();
                    }};
  const Page page = keyset_page(keys, request_page_size(call), request_cursor(call));
  return list_answer(page, [&](JsonWriter& json, std::size_t row) {
    append_organization(json, all[order[row]], call.settings.addresses);
  });
}

Answer show_organization(const Call& call) {
  const Organization& organization = call.world.organization(call.organization);
  Answer answer;
  JsonWriter json(answer.body);
  json.begin_object();
  append_organization_fields(json, organization, call.settings.addresses);
  json.raw(R"("extraOptions":{"traces":{"checkSpanExtractionDate":false}},"access":["org:read",)"
           R"("project:read","event:read"],"onboardingTasks":[])");
  if (!call.query.is("detailed", "0")) {
    json.key("teams");
    json.begin_array();
    for (const Team& team : organization.teams) append_team(json, team);
    json.end_array();
    json.key("projects");
    json.begin_array();
    for (const Index i : organization.projects) {
      const Project& project = call.world.project(i);
      if (project.deleted || !is_member(project, call.viewer())) continue;
      append_project(json, call.world, i, call.viewer(), {});
    }
    json.end_array();
  }
  json.end_object();
  return answer;
}

Answer list_teams(const Call& call) {
  const Organization& organization = call.world.organization(call.organization);
  const auto& teams = organization.teams;
  const bool glitchtip = call.quirk(Quirk::kGlitchtip);
  std::vector<std::size_t> order(teams.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return teams[a].slug < teams[b].slug; });
  return list_answer(request_page(call, order.size()), [&](JsonWriter& json, std::size_t row) {
    const Team& team = teams[order[row]];
    json.begin_object();
    json.id("id", team.id);
    json.text("slug", team.slug);
    if (!glitchtip) json.text("name", team.name);
    time_field(json, "dateCreated", organization.created);
    json.flag("isMember", call.caller.is_user());
    json.number("memberCount", member_count(call, team));
    if (!glitchtip) {
      json.raw(R"("teamRole":null,"flags":{"idp:provisioned":false},"access":["team:read",)"
               R"("project:read"],"hasAccess":true,"isPending":false,)"
               R"("avatar":{"avatarType":"letter_avatar","avatarUuid":null})");
    }
    if (glitchtip || !call.query.is("detailed", "0")) append_projects_of(json, call, order[row]);
    json.end_object();
  });
}

}  // namespace sandbox
