#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

/// A membership of someone, or an invitation that nobody has accepted yet.
Row member_row(const Scene& scene, Index organization, std::size_t number) {
  const Organization& owner = scene.world.organization(organization);
  const bool invited = number >= owner.users.size();
  const std::string email = invited
                                ? "invited" + std::to_string(number) + "@" + owner.slug + ".example"
                                : owner.users[number].email;
  const std::string role = number == 0 ? "owner" : number % 5 == 1 ? "manager" : "member";
  const auto id = 57'377'900'000U + organization * 1'000U + number * 7U;
  return {{"id", std::to_string(id)},
          {"email", email},
          {"name", invited ? email : owner.users[number].name},
          {"user", invited ? Row() : user_row(scene, owner.users[number])},
          {"orgRole", role},
          {"role", role},
          {"roleName", role == "owner"     ? "Owner"
                       : role == "manager" ? "Manager"
                                           : "Member"},
          {"pending", invited},
          {"expired", invited && number % 2 == 0},
          {"flags",
           {{"idp:provisioned", false},
            {"idp:role-restricted", false},
            {"sso:linked", number % 3 == 0},
            {"sso:invalid", false},
            {"member-limit:restricted", false},
            {"partnership:restricted", false}}},
          {"dateCreated", sentry_time(owner.created + chrono::hours(24 * number + 1))},
          {"inviteStatus", "approved"},
          {"inviterName", number == 0 ? Row() : Row(owner.users[0].email)}};
}

constexpr std::size_t kInvitations = 2;

Rows members(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  const std::size_t count = scene.world.organization(owner.organization).users.size();
  for (std::size_t i = 0; i < count + kInvitations; ++i) {
    rows.push_back(member_row(scene, owner.organization, i));
  }
  return rows;
}

Rows team_members(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  const Team& team = organization.teams[owner.index];
  Rows rows;
  // One invitation goes to the first team, and the last one has nobody.
  const std::size_t count = organization.users.size() + (owner.index == 0 ? 1 : 0);
  for (std::size_t i = 0; i < count && owner.index + 1 < organization.teams.size(); ++i) {
    if ((i + owner.index) % 3 == 2) continue;
    Row row = member_row(scene, owner.organization, i);
    row["teamRole"] = i % 4 == 0 ? Row("admin") : Row();
    row["teamSlug"] = team.slug;
    rows.push_back(std::move(row));
  }
  return rows;
}

bool is_in_project(std::size_t user, Index project) { return (user + project) % 4 != 3; }

/// Of the project's teams; who is only invited is left out.
Rows project_members(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  const std::size_t count = scene.world.organization(owner.organization).users.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (is_in_project(i, owner.index)) rows.push_back(member_row(scene, owner.organization, i));
  }
  return rows;
}

/// Who is in a team of a project, with those projects.
Rows organization_users(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  const std::size_t count = scene.world.organization(owner.organization).users.size();
  for (std::size_t i = 0; i < count; ++i) {
    Row projects = Row::array();
    for (const Index project : present_projects_of(scene.world, owner.organization)) {
      if (is_in_project(i, project)) projects.push_back(scene.world.project(project).slug);
    }
    if (projects.empty()) continue;
    Row row = member_row(scene, owner.organization, i);
    row["projects"] = std::move(projects);
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows project_teams(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (const auto team : scene.world.project(owner.index).teams) {
    const Organization& organization = scene.world.organization(owner.organization);
    Row row = team_stub(organization.teams[team]);
    row["dateCreated"] = sentry_time(organization.created);
    row["isMember"] = true;
    row["teamRole"] = nullptr;
    row["flags"] = {{"idp:provisioned", false}};
    row["access"] = {"team:read", "project:read", "event:read"};
    row["hasAccess"] = true;
    row["isPending"] = false;
    row["memberCount"] = organization.users.size();
    row["avatar"] = {{"avatarType", "letter_avatar"}, {"avatarUuid", nullptr}};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The people whose browsers sent events. Only the first projects have seen many.
Rows project_users(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Dice dice = dice_for(scene, "project users", project.id);
  const std::uint32_t count = owner.index == 0 ? 230 : dice.below(60);
  Rows rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i + 1);
    const bool named = i % 4 != 3;
    const std::string email = "visitor" + number + "@customer.example";
    rows.push_back({{"id", nullptr},
                    {"tagValue", named ? "id:" + number : "ip:198.51.100." + number},
                    {"identifier", named ? Row(number) : Row()},
                    {"username", i % 5 == 0 ? Row("visitor" + number) : Row()},
                    {"email", named ? Row(email) : Row()},
                    {"name", i % 6 == 1 ? Row("Visitor №" + number) : Row()},
                    {"ipAddress", "198.51.100." + std::to_string(i % 250 + 1)},
                    {"avatarUrl", "https://gravatar.com/avatar/" + number + "?s=32&d=mm"},
                    {"hash", hex_id(dice)},
                    {"dateCreated", nullptr}});
  }
  return rows;
}

constexpr ShelfSpec kPeopleShelves[] = {
    {"organization_members", OwnerKind::kOrganization, members, "id"},
    {"team_members", OwnerKind::kTeam, team_members, "email"},
    {"project_members", OwnerKind::kProject, project_members, "email"},
    {"organization_users", OwnerKind::kOrganization, organization_users, "email"},
    {"project_teams", OwnerKind::kProject, project_teams, "slug"},
    {"project_users", OwnerKind::kProject, project_users, "", "hash"},
};

}  // namespace

std::span<const ShelfSpec> people_shelves() { return kPeopleShelves; }

}  // namespace sandbox
