#include "sandbox/shelves/facts.h"

#include "sandbox/render/issue_base.h"
#include "sandbox/render/project_json.h"
#include "sandbox/render/time_text.h"
#include "sandbox/world/ids.h"

namespace sandbox {

Dice dice_for(const Scene& scene, std::string_view purpose, std::uint64_t id) {
  return Dice(combine(scene.world.seed() ^ hash_text(purpose), id));
}

Instant drawn_for(const Scene& scene) { return to_instant(scene.world.drawn_for()); }

Row user_row(const Scene& scene, const User& user) {
  std::string text;
  JsonWriter json(text);
  append_user(json, user);
  Row row = Row::parse(text);
  row["lastLogin"] = sentry_time(scene.now - std::chrono::minutes(user.id % 2000));
  row["lastActive"] = sentry_time(scene.now - std::chrono::seconds(user.id % 600));
  row["canReset2fa"] = true;
  return row;
}

const User& user_at(const Scene& scene, Index organization, std::uint64_t number) {
  const auto& users = scene.world.organization(organization).users;
  return users[number % users.size()];
}

Row project_row(const Scene& scene, Index project) {
  std::string text;
  JsonWriter json(text);
  append_project(json, scene.world, project, {}, {});
  return Row::parse(text);
}

Row team_stub(const Team& team) {
  return {{"id", std::to_string(team.id)}, {"slug", team.slug}, {"name", team.name}};
}

Row issue_stub(const Scene& scene, Index issue) {
  const Issue& found = scene.world.issue(issue);
  const IssueView view{
      scene.world, scene.addresses, scene.now, "", buckets_of("24h", scene.now), false, {}};
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.id("id", found.id);
  append_issue_base(json, view, found);
  json.end_object();
  return Row::parse(text);
}

std::uint64_t first_child_id(std::uint64_t issue) { return issue % 1'000'000'000'000 * 10'000; }

std::string hex_id(Dice& dice) { return random_hex(dice); }

std::string uuid(Dice& dice) {
  std::string text = random_hex(dice);
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
  return text;
}

std::string sha(Dice& dice) { return random_hex(dice) + random_hex(dice).substr(24); }

std::vector<Index> present_projects_of(const World& world, Index organization) {
  std::vector<Index> present;
  for (const Index p : world.organization(organization).projects) {
    if (!world.project(p).deleted) present.push_back(p);
  }
  return present;
}

}  // namespace sandbox
