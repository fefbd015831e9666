#include "sandbox/server/shelf_changes.h"

#include <stdexcept>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"
#include "sandbox/world/release_facts.h"
#include "sandbox/world/traits.h"

namespace sandbox {

ShelfChanger::Place ShelfChanger::place(Index organization, const nlohmann::json& value) const {
  const std::string name = value.at("shelf").get<std::string>();
  const ShelfSpec* shelf = find_shelf(name);
  if (shelf == nullptr) throw std::invalid_argument("no such shelf: " + name);
  const std::string whose = value.value("owner", std::string());
  auto owner = find_owner(scene(), shelf->owner, organization, whose);
  if (!owner) throw std::invalid_argument("no such owner of " + name + ": " + whose);
  return {*shelf, std::move(*owner)};
}

ShelfChanger::Place ShelfChanger::place_of_issue(Index issue, std::string_view shelf) const {
  const Index organization = world_.project(world_.issue(issue).project).organization;
  const std::string id = std::to_string(world_.issue(issue).id);
  return {*find_shelf(shelf), *find_owner(scene(), OwnerKind::kIssue, organization, id)};
}

/// An id for a row of an issue that no other has.
std::string ShelfChanger::added_id(Index issue, std::string_view shelf) const {
  const std::uint64_t id = world_.issue(issue).id;
  const std::size_t before = world_.shelves().changes(shelf, std::to_string(id)).size();
  const std::uint64_t first = shelf == "issue_comments" ? 1000 : 5000;
  return std::to_string(first_child_id(id) + first + before);
}

void ShelfChanger::comment(Index issue) {
  change_row(place_of_issue(issue, "issue_comments"),
             {{"id", added_id(issue, "issue_comments")},
              {"type", "note"},
              {"user", user_row(scene(), user_at(scene(), 0, 1))},
              {"sentry_app", nullptr},
              {"data", {{"text", "One more note"}}},
              {"dateCreated", sentry_time(now_)}});
}

void ShelfChanger::record(Index issue, std::string_view type, Row data) {
  change_row(place_of_issue(issue, "issue_activity"),
             {{"id", added_id(issue, "issue_activity")},
              {"user", user_row(scene(), user_at(scene(), 0, 0))},
              {"sentry_app", nullptr},
              {"type", type},
              {"data", data.is_null() ? Row::object() : std::move(data)},
              {"dateCreated", sentry_time(now_)}});
}

void ShelfChanger::count_deploys(Index release) {
  const Release& deployed = world_.release(release);
  const Index organization = world_.project(deployed.projects.front()).organization;
  auto owner = find_owner(scene(), OwnerKind::kRelease, organization, deployed.version);
  if (owner) count_again({*find_shelf("release_deploys"), std::move(*owner)});
}

void ShelfChanger::change_row(const Place& there, const Row& row) {
  world_.shelves().change(there.shelf.name, there.owner.key, row_id(there.shelf, row), row.dump());
  count_again(there);
}

/// Parents say how many children they have, and show the newest.
void ShelfChanger::count_again(const Place& there) {
  const Index owner = there.owner.index;
  const bool commits = there.shelf.name == "release_commits";
  const bool deploys = there.shelf.name == "release_deploys";
  const bool comments = there.shelf.name == "issue_comments";
  if (!commits && !deploys && !comments) return;
  const Rows rows = rows_at(there);
  const auto beyond = [&](std::size_t drawn) {
    return static_cast<std::int32_t>(rows.size()) - static_cast<std::int32_t>(drawn);
  };
  if (comments) {
    world_.set_comments(owner, beyond(drawn_comments(world_, world_.issue(owner))));
    return;
  }
  const Release& release = world_.release(owner);
  const ReleaseFacts facts = release_facts(world_, release);
  const std::string last = rows.empty() ? "" : rows.front().dump();
  if (commits) world_.set_commits(owner, beyond(facts.drawn_commits), last);
  if (deploys) {
    world_.set_deploys(owner, beyond(facts.drawn_deploys + release.deploys.size()), last);
  }
}

std::string ShelfChanger::put_row(Index organization, const nlohmann::json& value) {
  const Place there = place(organization, value);
  Row row = value.at("row");
  if (!row.is_object()) throw std::invalid_argument("a row is an object");
  const std::string id = row_id(there.shelf, row);
  // What is not said stays as it was.
  Rows rows = rows_at(there);
  for (Row& old : rows) {
    if (row_id(there.shelf, old) != id) continue;
    old.update(row);
    row = std::move(old);
    break;
  }
  change_row(there, row);
  return id;
}

std::string ShelfChanger::remove_row(Index organization, const nlohmann::json& value) {
  const Place there = place(organization, value);
  const std::string id = value.at("id").get<std::string>();
  world_.shelves().change(there.shelf.name, there.owner.key, id, "");
  count_again(there);
  return id;
}

}  // namespace sandbox
