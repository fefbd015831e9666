#include "sentry/source/learned_schema.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "engine/plan/route_choice.h"

namespace source_sentry {
namespace {

/// Logs, metrics and spans of an hour may be none, and those of a month are many to look through.
constexpr std::chrono::days kLookedAt(1);

}  // namespace

StreamSpec with_learned_schema(StreamSpec spec, const Config& config, const ProbeContext& context) {
  std::string why = "its answer says nothing of types";
  try {
    const auto client = context.make_client();
    Fetcher fetcher(*client, context.judge, context.pacer, context.clock, context.stop);
    ProjectLookup lookup(config, context.clock);
    const ProjectFacts nobody;
    const std::vector<std::string> all_fields;
    const Instant now = context.clock.now();
    const StreamScope scope{config, nobody, now, lookup, all_fields};
    const Window window{whole_seconds(now) - kLookedAt, whole_seconds(now)};
    std::vector<ConnectorError> refusals;
    for (const Route& route : routes_of(spec, scope)) {
      Response response;
      const Verdict verdict = fetcher.fetch(route.target(route.probe_query, &window, ""), route,
                                            response, kCheckPatience);
      if (verdict.kind == Verdict::Kind::kAccept) {
        if (auto learned = spec.learn_schema(response.body)) {
          spec.schema = *std::move(learned);
          return spec;
        }
        continue;
      }
      refusals.push_back(*verdict.error);
      if (!verdict.other_route_may_help) break;
    }
    if (!refusals.empty()) why = of_all_ways(refusals).message();
  } catch (const ConnectorError& error) {
    why = error.message();
  }
  spdlog::warn(
      "Which types the fields of {} have could not be asked ({}), so its schema leaves them open: "
      "each may be a string, a number or true or false. Discover again once Sentry answers.",
      spec.name, why);
  return spec;
}

}  // namespace source_sentry
