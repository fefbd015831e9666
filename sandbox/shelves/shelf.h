#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/render/organization_json.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// A row of a list. Members whose names begin with `_` are for filters alone and never shown.
using Row = nlohmann::ordered_json;
using Rows = std::vector<Row>;

/// What rows are made from.
struct Scene {
  const World& world;
  const Addresses& addresses;
  Instant now;
};

/// What a list belongs to.
enum class OwnerKind : std::uint8_t {
  kOrganization,
  kProject,
  kIssue,
  kRelease,
  kTeam,
  kMonitor,
  kDashboard,
  kWorkflow
};

struct ShelfOwner {
  Index organization = 0;
  Index index = 0;  ///< of the project, issue or release; of a team, within its organization
  std::string key;  ///< what `Shelves` files its changes under
  Row row = {};     ///< a monitor's, dashboard's or workflow's own row
};

/// A family of lists of one kind: everything the sandbox knows about it but its routes
/// (api/shelf_routes.cpp). A new stream is a new row in one of the tables below.
struct ShelfSpec {
  std::string_view name;  ///< the stream's
  OwnerKind owner;
  Rows (*make)(const Scene& scene, const ShelfOwner& owner);
  std::string_view order = {};   ///< the member its lists go by, after a `-` when downwards
  std::string_view keys = "id";  ///< the members that tell its rows apart, a space between
  std::size_t most = 0;          ///< so many of its first rows can be seen; 0 for all
  bool is_costly = false;        ///< in truth only for who asks for it by name
};

std::span<const ShelfSpec> people_shelves();
std::span<const ShelfSpec> place_shelves();
std::span<const ShelfSpec> issue_shelves();
std::span<const ShelfSpec> release_shelves();
std::span<const ShelfSpec> source_shelves();
std::span<const ShelfSpec> artifact_shelves();
std::span<const ShelfSpec> alert_shelves();
std::span<const ShelfSpec> monitor_shelves();
std::span<const ShelfSpec> usage_shelves();
std::span<const ShelfSpec> series_shelves();
std::span<const ShelfSpec> app_shelves();
std::span<const ShelfSpec> dashboard_shelves();

/// All of them.
std::span<const ShelfSpec> all_shelves();
const ShelfSpec* find_shelf(std::string_view name);

/// One owner's rows with what tests changed in them, in order.
Rows rows_of(const Scene& scene, const ShelfSpec& shelf, const ShelfOwner& owner);

/// What tells a row from its owner's others: the values of its key members, a slash between.
std::string row_id(const ShelfSpec& shelf, const Row& row);

/// The owner that a part of a path, or a test, names: by id, slug or version. An organization's
/// shelf has only one, whatever the name.
std::optional<ShelfOwner> find_owner(const Scene& scene, OwnerKind kind, Index organization,
                                     std::string_view name);

/// All owners in an organization, of which only these projects are looked at.
std::vector<ShelfOwner> owners_of(const Scene& scene, OwnerKind kind, Index organization,
                                  std::span<const Index> projects);

/// A row as a complete read must find it: with its owner's names, and an id if it has none.
Row true_row(const Scene& scene, const ShelfSpec& shelf, const ShelfOwner& owner, Row row);

/// Takes out the members that are not shown.
void strip_hidden(Row& row);

/// Sorts by a member: times, numbers and ids by their value, all else as text. A `-` in front of
/// the member's name is the other way round.
void sort_rows(Rows& rows, std::string_view order);

}  // namespace sandbox
