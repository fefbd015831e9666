#include "sandbox/shelves/shelf.h"

#include <algorithm>
#include <charconv>

namespace sandbox {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Instant> as_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[10] != 'T') return std::nullopt;
  return source_sentry::parse_instant(text);
}

/// Whether `a` comes before `b`; what is not there comes first.
bool is_before(const Row& a, const Row& b) {
  if (!a.is_string() || !b.is_string()) return a < b;
  const auto& left = a.get_ref<const std::string&>();
  const auto& right = b.get_ref<const std::string&>();
  if (is_digits(left) && is_digits(right)) {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  }
  const auto first = as_time(left);
  const auto second = as_time(right);
  return first && second ? *first < *second : left < right;
}

const Row& member(const Row& row, std::string_view name) {
  static const Row kNothing;
  const auto found = row.find(std::string(name));
  return found == row.end() ? kNothing : *found;
}

void set_if_absent(Row& row, const char* name, Row value) {
  if (!row.contains(name)) row[name] = std::move(value);
}

ShelfOwner organization_owner(Index organization) {
  return {organization, organization, std::to_string(organization), {}};
}

ShelfOwner team_owner(const Scene& scene, Index organization, std::size_t team) {
  const auto& teams = scene.world.organization(organization).teams;
  return {organization, static_cast<Index>(team), std::to_string(teams[team].id), {}};
}

/// Of monitors, dashboards and workflows, which are rows themselves.
Rows owners_in(const Scene& scene, OwnerKind kind, Index organization) {
  const std::string_view shelf = kind == OwnerKind::kMonitor     ? "monitors"
                                 : kind == OwnerKind::kDashboard ? "dashboards"
                                                                 : "workflows";
  return rows_of(scene, *find_shelf(shelf), organization_owner(organization));
}

ShelfOwner row_owner(Index organization, Row row) {
  return {organization, 0, row.value("id", std::string()), std::move(row)};
}

bool is_listed(const World& world, const Release& release) {
  return std::any_of(release.projects.begin(), release.projects.end(),
                     [&](Index project) { return !world.project(project).deleted; });
}

}  // namespace

std::span<const ShelfSpec> all_shelves() {
  static const std::vector<ShelfSpec> kAll = [] {
    std::vector<ShelfSpec> all;
    for (const auto table :
         {people_shelves(), place_shelves(), issue_shelves(), release_shelves(), source_shelves(),
          artifact_shelves(), alert_shelves(), monitor_shelves(), usage_shelves(), app_shelves(),
          dashboard_shelves(), series_shelves()}) {
      all.insert(all.end(), table.begin(), table.end());
    }
    return all;
  }();
  return kAll;
}

const ShelfSpec* find_shelf(std::string_view name) {
  const auto all = all_shelves();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ShelfSpec& shelf) { return shelf.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string row_id(const ShelfSpec& shelf, const Row& row) {
  std::string id;
  std::string_view keys = shelf.keys;
  while (!keys.empty()) {
    const std::string_view key = keys.substr(0, keys.find(' '));
    keys.remove_prefix(std::min(key.size() + 1, keys.size()));
    const Row& value = member(row, key);
    if (!id.empty()) id += '/';
    if (!value.is_null()) id += value.is_string() ? value.get<std::string>() : value.dump();
  }
  return id;
}

void sort_rows(Rows& rows, std::string_view order) {
  const bool down = order.starts_with('-');
  if (down) order.remove_prefix(1);
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    const Row& left = member(a, order);
    const Row& right = member(b, order);
    return down ? is_before(right, left) : is_before(left, right);
  });
}

Rows rows_of(const Scene& scene, const ShelfSpec& shelf, const ShelfOwner& owner) {
  Rows rows = shelf.make(scene, owner);
  for (const Shelves::Change& change : scene.world.shelves().changes(shelf.name, owner.key)) {
    const auto found = std::find_if(
        rows.begin(), rows.end(), [&](const Row& row) { return row_id(shelf, row) == change.id; });
    if (change.row.empty()) {
      if (found != rows.end()) rows.erase(found);
    } else if (found != rows.end()) {
      *found = Row::parse(change.row);
    } else {
      rows.push_back(Row::parse(change.row));
    }
  }
  if (!shelf.order.empty()) sort_rows(rows, shelf.order);
  if (shelf.most != 0 && rows.size() > shelf.most) rows.resize(shelf.most);
  return rows;
}

std::optional<ShelfOwner> find_owner(const Scene& scene, OwnerKind kind, Index organization,
                                     std::string_view name) {
  const World& world = scene.world;
  switch (kind) {
    case OwnerKind::kOrganization:
      return organization_owner(organization);
    case OwnerKind::kProject: {
      const auto project = world.find_project(organization, name);
      if (!project) return std::nullopt;
      return ShelfOwner{organization, *project, std::to_string(world.project(*project).id), {}};
    }
    case OwnerKind::kIssue: {
      std::uint64_t id = 0;
      const auto end = std::from_chars(name.data(), name.data() + name.size(), id).ptr;
      const auto issue = end == name.data() + name.size() ? world.find_issue(id)
                                                          : world.find_issue(organization, name);
      if (!issue) return std::nullopt;
      const Issue& found = world.issue(*issue);
      if (world.project(found.project).organization != organization) return std::nullopt;
      return ShelfOwner{organization, *issue, std::to_string(found.id), {}};
    }
    case OwnerKind::kRelease: {
      const auto release = world.find_release(organization, name);
      if (!release || !is_listed(world, world.release(*release))) return std::nullopt;
      return ShelfOwner{organization, *release, std::to_string(world.release(*release).id), {}};
    }
    case OwnerKind::kTeam: {
      const auto& teams = world.organization(organization).teams;
      for (std::size_t i = 0; i < teams.size(); ++i) {
        if (teams[i].slug == name || std::to_string(teams[i].id) == name) {
          return team_owner(scene, organization, i);
        }
      }
      return std::nullopt;
    }
    case OwnerKind::kMonitor:
    case OwnerKind::kDashboard:
    case OwnerKind::kWorkflow:
      for (Row& row : owners_in(scene, kind, organization)) {
        const bool named = row.value("slug", "") == name || row.value("id", "") == name;
        if (named) return row_owner(organization, std::move(row));
      }
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<ShelfOwner> owners_of(const Scene& scene, OwnerKind kind, Index organization,
                                  std::span<const Index> projects) {
  const World& world = scene.world;
  std::vector<ShelfOwner> owners;
  const auto add = [&](Index index, std::uint64_t id) {
    owners.push_back({organization, index, std::to_string(id), {}});
  };
  switch (kind) {
    case OwnerKind::kOrganization:
      owners.push_back(organization_owner(organization));
      break;
    case OwnerKind::kProject:
      for (const Index project : projects) add(project, world.project(project).id);
      break;
    case OwnerKind::kIssue:
      for (const Index project : projects) {
        for (const Index issue : world.project(project).issues) add(issue, world.issue(issue).id);
      }
      break;
    case OwnerKind::kRelease:
      for (const Index release : world.organization(organization).releases) {
        const auto& of = world.release(release).projects;
        const bool wanted = std::any_of(of.begin(), of.end(), [&](Index project) {
          return std::find(projects.begin(), projects.end(), project) != projects.end();
        });
        if (wanted) add(release, world.release(release).id);
      }
      break;
    case OwnerKind::kTeam:
      for (std::size_t i = 0; i < world.organization(organization).teams.size(); ++i) {
        owners.push_back(team_owner(scene, organization, i));
      }
      break;
    case OwnerKind::kMonitor:
    case OwnerKind::kDashboard:
    case OwnerKind::kWorkflow:
      for (Row& row : owners_in(scene, kind, organization)) {
        owners.push_back(row_owner(organization, std::move(row)));
      }
      break;
  }
  return owners;
}

Row true_row(const Scene& scene, const ShelfSpec& shelf, const ShelfOwner& owner, Row row) {
  const World& world = scene.world;
  std::string id = row_id(shelf, row);
  strip_hidden(row);
  if (shelf.owner != OwnerKind::kOrganization) {
    id = id.empty() ? owner.key : owner.key + "/" + id;
  }
  if (!row.contains("id") || row["id"].is_null()) row["id"] = id;
  switch (shelf.owner) {
    case OwnerKind::kOrganization:
      break;
    case OwnerKind::kProject:
      set_if_absent(row, "projectId", owner.key);
      set_if_absent(row, "projectSlug", world.project(owner.index).slug);
      break;
    case OwnerKind::kIssue:
      set_if_absent(row, "issueId", owner.key);
      break;
    case OwnerKind::kRelease:
      set_if_absent(row, "releaseVersion", world.release(owner.index).version);
      break;
    case OwnerKind::kTeam: {
      const Team& team = world.organization(owner.organization).teams[owner.index];
      set_if_absent(row, "teamId", owner.key);
      set_if_absent(row, "teamSlug", team.slug);
      break;
    }
    case OwnerKind::kMonitor:
      set_if_absent(row, "monitorId", owner.key);
      set_if_absent(row, "monitorSlug", owner.row.value("slug", std::string()));
      break;
    case OwnerKind::kWorkflow:
      set_if_absent(row, "workflowId", owner.key);
      break;
    case OwnerKind::kDashboard:
      set_if_absent(row, "dashboardId", owner.key);
      break;
  }
  return row;
}

void strip_hidden(Row& row) {
  if (!row.is_object()) return;
  for (auto member = row.begin(); member != row.end();) {
    if (member.key().starts_with('_')) {
      member = row.erase(member);
    } else {
      ++member;
    }
  }
}

}  // namespace sandbox
