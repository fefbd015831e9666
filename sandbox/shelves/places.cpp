#include <algorithm>
#include <array>

#include "sandbox/shelves/facts.h"
#include "sandbox/shelves/project_tags.h"
#include "sandbox/world/traits.h"
#include "sandbox/world/vocabulary.h"

namespace sandbox {
namespace {

/// Environments beyond those that events name: one is seen by a single project, one is hidden
/// everywhere and one in every second project.
constexpr std::array<std::string_view, 3> kRareEnvironments = {"legacy", "load-test", "qa"};

std::size_t environment_count() { return environments().size() + kRareEnvironments.size(); }

std::string_view environment_name(std::size_t number) {
  return number < environments().size() ? environments()[number]
                                        : kRareEnvironments[number - environments().size()];
}

/// `place` counts the projects of an organization.
bool has_environment(std::size_t place, std::size_t number) {
  const std::string_view name = environment_name(number);
  if (name == "legacy") return place == 2;
  return number == 0 || name == "load-test" || (place + number) % 4 != 0;
}

bool is_hidden(std::size_t place, std::size_t number) {
  const std::string_view name = environment_name(number);
  return name == "load-test" || (name == "qa" && place % 2 == 1);
}

std::size_t place_of(const Scene& scene, Index organization, Index project) {
  const auto& all = scene.world.organization(organization).projects;
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), project) - all.begin());
}

Rows all_environments(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (std::size_t number = 0; number < environment_count(); ++number) {
    Row projects = Row::array();
    bool hidden = true;
    for (const Index project : present_projects_of(scene.world, owner.organization)) {
      const std::size_t place = place_of(scene, owner.organization, project);
      if (!has_environment(place, number)) continue;
      projects.push_back(std::to_string(scene.world.project(project).id));
      hidden = hidden && is_hidden(place, number);
    }
    if (projects.empty()) continue;
    const auto id = 700'000 + owner.organization * 100 + number * 3;
    rows.push_back({{"id", std::to_string(id)},
                    {"name", environment_name(number)},
                    {"_hidden", hidden},
                    {"_projects", std::move(projects)}});
  }
  return rows;
}

Rows project_environments(const Scene& scene, const ShelfOwner& owner) {
  const std::size_t place = place_of(scene, owner.organization, owner.index);
  Rows rows;
  for (std::size_t number = 0; number < environment_count(); ++number) {
    if (!has_environment(place, number)) continue;
    // Of the link between both, not of the environment.
    const auto id = 16'000'000 + owner.index * 10 + number;
    rows.push_back({{"id", std::to_string(id)},
                    {"name", environment_name(number)},
                    {"isHidden", is_hidden(place, number)}});
  }
  return rows;
}

constexpr ShelfSpec kPlaceShelves[] = {
    {"environments", OwnerKind::kOrganization, all_environments, "name"},
    {"project_environments", OwnerKind::kProject, project_environments, "name"},
    {"project_tags", OwnerKind::kProject, project_tags, "key", "key"},
    {"project_tag_values", OwnerKind::kProject, project_tag_values, "-lastSeen", "key value", 0,
     true},
};

}  // namespace

std::span<const ShelfSpec> place_shelves() { return kPlaceShelves; }

}  // namespace sandbox
