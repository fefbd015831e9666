#include "sentry/streams/plans.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_member.h"
#include "sentry/limits.h"
#include "sentry/projects/project_list.h"
#include "sentry/projects/project_selection.h"
#include "sentry/streams/custom/custom_plan.h"
#include "sentry/streams/spec/by_contents.h"
#include "sentry/streams/spec/children.h"
#include "sentry/streams/spec/record_fields.h"

namespace source_sentry {
namespace {

/// How far back a time series is read at first, with the present day: the first of these days lies
/// within what sentry.io keeps whole.
constexpr std::chrono::days kFirstDays(90);

/// Ids have up to 19 digits, so the address stays below 2 KB. More would save little, and leave
/// fewer lists to read in parallel when much is new.
constexpr std::size_t kProjectsPerList = 50;

/// Gives a project's lists names in the state that outlive the project's: what is gone from a list
/// is told only by the same one.
void name_for_ever(const StreamSpec& spec, const StreamScope& scope, std::vector<Route>& routes) {
  ProjectFacts nameless = scope.facts;
  nameless.slug = "-";
  const StreamScope like{.config = scope.config,
                         .facts = nameless,
                         .now = scope.now,
                         .lookup = scope.lookup,
                         .fields = scope.fields,
                         .glitchtip = scope.glitchtip};
  const auto named = routes_of(spec, like);
  for (std::size_t i = 0; i < routes.size(); ++i) routes[i].short_name = named.at(i).name();
}

PartitionPlan plan_partition(const StreamSpec& spec, StreamScope scope, std::vector<Route> routes) {
  PartitionPlan plan;
  plan.routes = std::move(routes);
  for (Route& route : plan.routes) {
    route.shared = Shared::kList;
    for (const Route& other : plan.routes) {
      if (other.path != route.path) route.others.push_back(other.path);
    }
    if (route.failure_group.empty()) route.failure_group = spec.name;
  }
  if (spec.by_contents && spec.per_project()) name_for_ever(spec, scope, plan.routes);
  plan.shape.root = spec.root;
  plan.shape.id_key = spec.rows_id.empty() ? spec.id_key() : spec.rows_id;
  plan.shape.cursor_key = spec.row_cursor();
  plan.in_windows = spec.in_windows;
  plan.ids_prove_windows = spec.ids_prove_windows;
  plan.shape.page_rows = spec.page_rows;
  if (spec.expansion) {
    plan.comes_again = std::make_shared<std::atomic<bool>>(false);
    scope.comes_again = plan.comes_again;
    plan.expansion = spec.expansion(scope);
  }
  plan.visits_all_every = spec.visits_all_every;
  if (spec.children) plan.expansion = children_of(*spec.children, spec, scope);
  if (spec.grandchildren) {
    plan.expansion.deeper =
        std::make_shared<const Expansion>(children_of(*spec.grandchildren, spec, scope));
  }
  plan.expansion.split = spec.split;
  if (!spec.only_ids.empty() || !spec.objects.empty() || !spec.texts.empty()) {
    plan.transform = tidy_members(spec.only_ids, spec.objects, spec.texts);
  }
  if (spec.holds_secrets) {
    plan.transform = in_turn(std::move(plan.transform),
                             watch_secrets(scope.config.mask_secrets, scope.found_secret));
  }
  if (spec.detail) plan.detail = spec.detail(scope);
  if (spec.count) plan.count = spec.count(scope);
  if (spec.count_lost) plan.count_lost = spec.count_lost(scope);
  plan.owner = spec.per_project() ? project_route(scope.config, scope.facts.slug)
                                  : organization_route(scope.config);
  plan.owner_unseen = !spec.per_project();
  if (plan.owner_unseen) plan.lists_of_owner = project_list_routes(scope.config);
  plan.kept_for = spec.kept_for;
  plan.now = scope.now;
  plan.until = std::min(scope.now, scope.config.end_date.value_or(scope.now));
  plan.from = scope.config.start_date.value_or(kBeginningOfTime);
  if (spec.series) {
    plan.series = spec.series;
    const Instant first =
        std::chrono::floor<std::chrono::days>(scope.now) - kFirstDays + std::chrono::days(1);
    plan.from = scope.config.start_date.value_or(first);
    if (spec.kept_for) plan.from = std::max(plan.from, first);
  }
  plan.trust = scope.trust;
  plan.read_apart = scope.trust && spec.route_of_several;
  plan.lookback = std::max(scope.config.lookback_window, spec.least_lookback);
  if (!spec.project_key.empty() && !scope.config.single_project()) {
    plan.filled.push_back({spec.project_key, scope.facts.id});
  }
  for (const InjectedMember& member : spec.injected) {
    plan.filled.push_back({member.key, expand(member.value, scope, false)});
  }
  if (const auto& excluded = excluded_from(spec, scope.config); !excluded.empty()) {
    plan.transform = in_turn(std::move(plan.transform), leave_out(excluded));
    std::erase_if(plan.filled, [&](const FilledMember& member) {
      return std::find(excluded.begin(), excluded.end(), member.key) != excluded.end();
    });
  }
  plan.records_stay = spec.records_stay;
  plan.shape.received_key = spec.received_key;
  if (!spec.received_key.empty()) plan.late_window = scope.config.late_events_window;
  if (spec.by_contents) know_by_contents(spec, plan);
  if (spec.visits_changed) plan.fingerprint = spec.visits_changed;
  if (spec.refresh) spec.refresh(scope, plan);
  return plan;
}

PartitionPlan plan_partition(const StreamSpec& spec, const StreamScope& scope) {
  return plan_partition(spec, scope, routes_of(spec, scope));
}

PartitionPlan plan_batch(const StreamSpec& spec, const StreamScope& scope,
                         const std::vector<std::string>& ids) {
  PartitionPlan plan = plan_partition(spec, scope, {spec.route_of_several(scope, ids)});
  plan.name = std::to_string(ids.size()) + " projects";
  plan.partition_of = spec.project_of;
  plan.owner.reset();
  return plan;
}

/// The configured project's part under its old name too, and under its number.
Partition partition_of(const ProjectFacts& facts, const Config& config) {
  Partition partition;
  partition.names = {facts.slug};
  if (!facts.id.empty()) partition.names.push_back(facts.id);
  partition.number = facts.id;
  partition.origin = {config.organization, std::string(config.host.hostname()), facts.slug,
                      facts.id, facts.created};
  if (config.single_project()) {
    partition.names.push_back(config.project);
    return partition;
  }
  partition.key = {{"project", facts.slug}};
  // A number stays when the name changes.
  if (!facts.id.empty()) partition.key.emplace_back("id", facts.id);
  if (!facts.configured.empty()) partition.names.push_back(facts.configured);
  partition.owns_plain_state = !config.project.empty() &&
                               (facts.slug == config.project || facts.configured == config.project);
  return partition;
}

/// Selecting a stream is consent to read it, not to have Sentry write.
void check_writing(const StreamSpec& spec, const Config& config) {
  if (!spec.writes || config.allow_writing_reads) return;
  throw ConnectorError(FailureKind::kConfig,
                       "Sentry writes rows of its own when it is asked for " + spec.name +
                           ". Set allow_writing_reads to true to allow that, or leave the "
                           "stream out.");
}

}  // namespace

StreamPlan plan_stream(const StreamSpec& spec, const Config& config, const Selection& selection,
                       ProjectLookup& lookup, const std::vector<std::string>& fields,
                       const SecretListener& found, const std::shared_ptr<RecordShaping>& shaping) {
  check_excluded(spec, config);
  check_writing(spec, config);
  StreamPlan plan;
  plan.shaping = shaping;
  if (spec.children && spec.incremental()) {
    plan.budget = std::make_shared<VisitBudget>(config.child_budget);
  }
  const auto counts_refused = std::make_shared<std::atomic<std::size_t>>(0);
  const bool several = spec.per_project() && selection.projects.size() > 1;
  const auto trust = several ? std::make_shared<SearchTrust>() : nullptr;
  const bool glitchtip = std::any_of(selection.projects.begin(), selection.projects.end(),
                                     [](const ProjectFacts& facts) { return facts.glitchtip; });
  const ProjectFacts nobody;
  const auto scope_of = [&](const ProjectFacts& facts) {
    return StreamScope{config,         facts,     selection.now, lookup, fields,
                       counts_refused, glitchtip, trust,         {},     found};
  };
  if (!spec.per_project()) {
    // Only one of several shards reads what exists only once.
    if (!belongs_to(config.shard, spec.name)) return plan;
    plan.partitions.emplace_back();
    plan.partitions.back().origin = {config.organization, std::string(config.host.hostname())};
    PartitionPlan& whole = plan.plans.emplace_back(plan_partition(spec, scope_of(nobody)));
    // A project of the organization that the server has shown with its number.
    whole.owner_seen = std::any_of(selection.projects.begin(), selection.projects.end(),
                                   [](const ProjectFacts& facts) { return !facts.id.empty(); });
    whole.budget = plan.budget;
    whole.shaping = shaping;
    if (spec.custom) {
      const StreamSpec* parents = spec.custom->parents.get();
      std::vector<StreamScope> scopes;
      const bool by_project = parents != nullptr && parents->per_project();
      for (const ProjectFacts& facts : selection.projects) {
        if (by_project) scopes.push_back(scope_of(facts));
      }
      if (!by_project) scopes.push_back(scope_of(nobody));
      whole.custom = custom_plan(*spec.custom, config, scopes);
      if (by_project) plan.gap = selection.gap;
    }
    return plan;
  }
  plan.gap = selection.gap;
  if (!config.single_project() && !selection.list_failed && !selection.list_has_holes) {
    plan.wants = [&config](const nlohmann::json& entry) {
      const nlohmann::json* partition = member(entry, "partition");
      if (partition == nullptr) return false;
      const std::string slug = text_member(*partition, "project");
      const std::string id = text_member(*partition, "id");
      const bool ours = config.shard.count < 2 || (!id.empty() && belongs_to(config.shard, id));
      return !slug.empty() && is_chosen(config.projects, slug) && ours;
    };
  }
  for (const ProjectFacts& facts : selection.projects) {
    plan.partitions.push_back(partition_of(facts, config));
    plan.plans.push_back(plan_partition(spec, scope_of(facts)));
    plan.plans.back().budget = plan.budget;
    plan.plans.back().shaping = shaping;
    if (!config.single_project()) plan.plans.back().name = facts.slug;
  }
  // A sweep remembers the rows of its own project.
  const bool sweeps = std::any_of(plan.plans.begin(), plan.plans.end(),
                                  [](const PartitionPlan& of) { return of.sweep.has_value(); });
  if (spec.route_of_several && !config.single_project() && !sweeps && !glitchtip) {
    plan.batching = Batching{
        kProjectsPerList, kDefaultGroup,
        [&spec, &config, &lookup, &fields, now = selection.now, counts_refused, trust, found,
         shaping](const std::vector<std::string>& ids) {
          const ProjectFacts none;
          PartitionPlan batch = plan_batch(
              spec, {config, none, now, lookup, fields, counts_refused, false, trust, {}, found},
              ids);
          batch.shaping = shaping;
          return batch;
        }};
  }
  return plan;
}

}  // namespace source_sentry
