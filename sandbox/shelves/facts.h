#pragma once

#include <string>
#include <string_view>

#include "sandbox/shelves/shelf.h"
#include "sandbox/world/random.h"

namespace sandbox {

/// Numbers for one purpose and one thing, the same in every world of that seed.
Dice dice_for(const Scene& scene, std::string_view purpose, std::uint64_t id);

/// The moment the world was drawn for: what is made on request happened before it.
Instant drawn_for(const Scene& scene);

/// A user of Sentry as others' rows embed them. When they were last there moves with the clock.
Row user_row(const Scene& scene, const User& user);
/// One of the organization's users, the same for the same number.
const User& user_at(const Scene& scene, Index organization, std::uint64_t number);

/// A project as the organization's list of them shows it.
Row project_row(const Scene& scene, Index project);
Row team_stub(const Team& team);

/// An issue as rows of other lists embed it.
Row issue_stub(const Scene& scene, Index issue);

/// Ten thousand ids for the children of an issue begin here.
std::uint64_t first_child_id(std::uint64_t issue);

/// 32 hexadecimal digits; with dashes as a UUID has them.
std::string hex_id(Dice& dice);
std::string uuid(Dice& dice);
/// 40 digits, as commits and checksums have.
std::string sha(Dice& dice);

std::vector<Index> present_projects_of(const World& world, Index organization);

}  // namespace sandbox
