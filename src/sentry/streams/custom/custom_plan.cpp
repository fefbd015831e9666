#include "sentry/streams/custom/custom_plan.h"

#include <algorithm>
#include <utility>

#include "sentry/limits.h"
#include "sentry/streams/custom/address.h"

namespace source_sentry {
namespace {

/// One part of the parents' list, as their own stream asks for it.
ParentList parent_list(const StreamSpec& spec, const StreamScope& scope) {
  ParentList list{.routes = routes_of(spec, scope), .shape = {}};
  for (Route& route : list.routes) {
    route.shared = Shared::kList;
    if (route.failure_group.empty()) route.failure_group = spec.name;
  }
  list.shape = {.root = spec.root, .id_key = "id", .page_rows = spec.page_rows};
  if (!spec.in_windows) return list;
  const Instant until =
      whole_seconds(std::min(scope.now, scope.config.end_date.value_or(scope.now)));
  Instant from = scope.config.start_date.value_or(kBeginningOfTime);
  for (const Route& route : list.routes) {
    if (route.horizon) from = std::max(from, until - *route.horizon);
  }
  list.window = Window{whole_seconds(from), until};
  return list;
}

}  // namespace

std::map<std::string, std::string> secrets_for_headers(const Config& config) {
  std::map<std::string, std::string> secrets = config.mapping.secrets;
  for (const char* name : {"sentry_api_token", "sentry_token", "auth_token"}) {
    secrets.emplace(name, config.auth_token);
  }
  return secrets;
}

std::shared_ptr<const CustomPlan> custom_plan(const CustomChain& chain, const Config& config,
                                              const std::vector<StreamScope>& scopes) {
  auto plan = std::make_shared<CustomPlan>();
  plan->streams = chain.streams;
  plan->push_kind = chain.push_kind;
  if (chain.parents) {
    plan->parents_name = chain.streams.front()->listed_parent;
    for (const StreamScope& scope : scopes) {
      plan->parents.push_back(parent_list(*chain.parents, scope));
    }
  }
  plan->target = [host = config.host](const std::string& address, bool given) {
    return below_api(address, host, given);
  };
  plan->secrets = secrets_for_headers(config);
  plan->own_token = config.auth_token;
  plan->organization = config.organization;
  plan->project = config.project;
  plan->route.rate_group = kDefaultGroup;
  plan->route.failure_group = chain.streams.back()->name;
  plan->route.scopes = kScopesOfCustom;
  plan->route.shared = Shared::kList;
  return plan;
}

}  // namespace source_sentry
