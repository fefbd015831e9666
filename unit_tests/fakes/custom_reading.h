#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/plan/custom_plan.h"
#include "fakes/partition_reading.h"
#include "sentry/streams/custom/address.h"

namespace source_sentry {

/// A plan for the last of these custom streams.
inline PartitionPlan custom_plan_of(const std::string& entries) {
  const CustomSources sources{.parents = {"projects"},
                              .secrets = {{"k", "s3cret"}, {"auth_token", "t0ken"}},
                              .own_token = "t0ken"};
  const auto streams = read_custom_streams(nlohmann::ordered_json::parse(entries), sources);
  auto custom = std::make_shared<CustomPlan>();
  custom->streams = chain_of(streams.back());
  if (!custom->streams.front()->listed_parent.empty()) {
    custom->parents_name = custom->streams.front()->listed_parent;
    ParentList list{.routes = {Route{.path = "projects/",
                                     .query = "per_page=2",
                                     .rate_group = "default",
                                     .what = "the projects"}},
                    .shape = {.id_key = "id", .page_rows = 2}};
    custom->parents.push_back(std::move(list));
  }
  custom->target = [](const std::string& address, bool given) {
    return below_api(address, {"https", "sentry.example.com", ""}, given);
  };
  custom->secrets = sources.secrets;
  custom->own_token = sources.own_token;
  custom->organization = "acme";
  custom->route.rate_group = "default";
  PartitionPlan plan;
  plan.routes = {Route{.path = "x/", .rate_group = "default", .what = "x"}};
  plan.shape.cursor_key = streams.back()->cursor_field;
  plan.now = plan.until = kNow;
  plan.custom = std::move(custom);
  return plan;
}

/// A server that knows these targets; for any other it says 404.
struct KnownTargets {
  std::map<std::string, Response> answers;
  Response operator()(const std::string& target) const {
    const auto found = answers.find(target);
    return found == answers.end() ? answer(404, R"({"detail":"no"})") : found->second;
  }
};

/// The records' members `key`, in their order.
inline std::vector<std::string> members_of(const Outcome& got, const std::string& key) {
  std::vector<std::string> found;
  for (const auto& record : got.records) {
    const auto& value = record.at(key);
    found.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return found;
}

inline std::pair<std::string, std::string> link_to(const std::string& url,
                                                   const std::string& cursor, bool results = true) {
  return {"link", "<" + url + ">; rel=\"next\"; results=\"" + (results ? "true" : "false") +
                      "\"; cursor=\"" + cursor + "\""};
}

}  // namespace source_sentry
