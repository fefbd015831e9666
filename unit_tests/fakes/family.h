#pragma once

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "fakes/partition_reading.h"

namespace source_sentry {

/// A list of parents, each with a list of children in pages of two.
struct Family {
  static constexpr std::size_t kPage = 2;

  explicit Family(std::size_t count, Duration over = std::chrono::hours(6))
      : parents(make_list(count, over, 5)) {
    std::stable_sort(parents.rows.begin(), parents.rows.end(), FakeList::newer);
    for (const auto& parent : parents.rows) children[parent.id] = 0;
    std::size_t size = 0;
    for (auto& [id, number] : children) number = size++ % 6;  // none to five
  }

  /// The parent that an address asks the children of; empty: the list of parents.
  static std::string parent_of(const std::string& target) {
    if (!target.starts_with("children/")) return {};
    const std::string rest = target.substr(9);
    return rest.substr(0, rest.find('/'));
  }

  Response operator()(const std::string& target) const {
    const std::string parent = parent_of(target);
    if (parent.empty()) return list(target);
    if (const auto bad = answers.find(parent); bad != answers.end()) return bad->second;
    const std::size_t count = children.at(parent);
    const std::string cursor = FakeList::parameters(target)["cursor"];
    const std::size_t first = cursor.empty() ? 0 : std::stoul(cursor.substr(2));
    std::string body;
    for (std::size_t i = first; i < std::min(first + kPage, count); ++i) {
      body += (body.empty() ? "" : ",") + std::string(R"({"id":")") + parent + "." +
              std::to_string(i) + "\"}";
    }
    const bool more = first + kPage < count;
    return answer(200, "[" + body + "]",
                  {{"link", "<u>; rel=\"next\"; results=\"" + std::string(more ? "true" : "false") +
                                "\"; cursor=\"0:" + std::to_string(first + kPage) + ":0\""}});
  }

  /// The list of parents, each with the number of its children.
  Response list(const std::string& target) const {
    Response page = parents(target);
    auto rows = nlohmann::json::parse(page.body);
    for (auto& row : rows) row["count"] = children.at(row["id"]);
    page.body = rows.dump();
    return page;
  }

  /// `by_count`: what says that a parent has news is the number of its children, and its cursor
  /// stays as it is.
  PartitionPlan plan(bool by_count = false) const {
    PartitionPlan plan = parents.plan(kNow);
    plan.routes.front().what = "the parents";
    plan.expansion.list.emplace();
    plan.expansion.list->shape = {.id_key = "id", .page_rows = kPage};
    plan.expansion.list->record = [](std::string_view row, std::string_view child) {
      auto record = nlohmann::json::parse(child);
      record["parent"] = nlohmann::json::parse(row)["id"];
      return record.dump();
    };
    plan.expansion.route = [](std::string_view row) -> std::optional<Route> {
      const auto parent = nlohmann::json::parse(row);
      if (parent["count"] == 0) return std::nullopt;
      const std::string id = parent["id"];
      return Route{
          .path = "children/" + id + "/", .rate_group = "default", .what = "the children of " + id};
    };
    if (!by_count) return plan;
    plan.in_windows = false;
    plan.fingerprint = [](std::string_view row, Instant /*now*/) {
      return static_cast<std::uint32_t>(nlohmann::json::parse(row)["count"].get<unsigned>()) << 1U;
    };
    return plan;
  }

  std::set<std::string> all() const {
    std::set<std::string> ids;
    for (const auto& [parent, count] : children) {
      for (std::size_t i = 0; i < count; ++i) ids.insert(parent + "." + std::to_string(i));
    }
    return ids;
  }

  FakeList parents;
  std::map<std::string, std::size_t> children;
  std::map<std::string, Response> answers;  // to requests for their children
};

inline std::set<std::string> ids_of(const Outcome& got) {
  std::set<std::string> ids;
  for (const auto& [id, count] : got.ids) ids.insert(id);
  return ids;
}

inline std::set<std::string> visited(const Outcome& got) {
  std::set<std::string> parents;
  for (const std::string& target : got.targets) parents.insert(Family::parent_of(target));
  parents.erase("");
  return parents;
}

}  // namespace source_sentry
