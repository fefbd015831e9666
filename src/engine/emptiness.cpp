#include "engine/emptiness.h"

#include <spdlog/spdlog.h>

#include "engine/page_walk.h"

namespace source_sentry {

bool question_emptiness(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                        const std::string& name, Instant held_until) {
  const std::string last = format_seconds(held_until) + "Z";
  if (plan.kept_for && held_until < plan.now - *plan.kept_for) {
    spdlog::info("{} has had nothing new since {}, longer than Sentry keeps it.", name, last);
    return true;
  }
  PageWalk walk(fetcher, plan, route, route.probe_query, nullptr, "");
  switch (walk.next(false)) {
    case PageWalk::Turn::kStopped:
      return false;
    case PageWalk::Turn::kPage:
      break;
    default:
      throw *walk.refusal().error;
  }
  if (!walk.records().records.empty()) {
    spdlog::info("What {} held of {} is gone from Sentry; there is nothing newer.", name, last);
    return true;
  }
  if (plan.owner) {
    Response response;
    const auto verdict = fetcher.fetch(plan.owner->path, *plan.owner, response, {});
    if (!verdict) return false;
    // A server that cannot show it proves nothing: the state stays as it is in any case.
    const bool refused = verdict->kind == Verdict::Kind::kRefuse;
    if (refused && verdict->error->kind() == FailureKind::kConfig) throw *verdict->error;
  }
  spdlog::warn(
      "{} held data up to {} and is empty now. It may have been deleted, or be older than Sentry "
      "keeps it; or the token may see less than before, if it has the scope {} no more. The saved "
      "state stays as it is.",
      name, last, route.scopes);
  return true;
}

}  // namespace source_sentry
