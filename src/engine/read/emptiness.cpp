#include "engine/read/emptiness.h"

#include <spdlog/spdlog.h>

#include "engine/read/list_look.h"

namespace source_sentry {

void question_emptiness(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                        const std::string& name, Instant held_until,
                        std::optional<bool> holds_more) {
  const std::string last = format_seconds(held_until) + "Z";
  if (plan.kept_for && held_until < plan.now - *plan.kept_for) {
    spdlog::info("{} has had nothing new since {}, longer than Sentry keeps it.", name, last);
    return;
  }
  if (!holds_more) {
    holds_more =
        look_at_list(fetcher, plan, route, {.query = route.probe_query}).or_throw().has_row;
  }
  if (*holds_more) {
    spdlog::info("What {} held of {} is gone from Sentry; there is nothing newer.", name, last);
    return;
  }
  if (plan.owner) {
    Response response;
    const Verdict verdict = fetcher.fetch(plan.owner->path, *plan.owner, response, {});
    // Any other failure proves nothing. The state stays as it is in any case.
    const bool refused = verdict.kind == Verdict::Kind::kRefuse;
    if (refused && verdict.error->kind() == FailureKind::kConfig) throw *verdict.error;
  }
  spdlog::warn(
      "{} held data up to {} and is empty now. It may have been deleted, or be older than Sentry "
      "keeps it; or the token may see less than before, if it no longer has the scope {}. The "
      "saved state is kept.",
      name, last, route.scopes);
}

void make_sure_of_owner(Fetcher& fetcher, const PartitionPlan& plan) {
  constexpr int kForbidden = 403, kNotFound = 404;
  const Route& owner = *plan.owner;
  Response response;
  const Verdict verdict = fetcher.fetch(owner.path, owner, response, {});
  if (verdict.kind == Verdict::Kind::kAccept) return;
  if (response.status == kNotFound) throw *verdict.error;
  bool shown_nothing = false;
  if (response.status == kForbidden) {
    for (const Route& list : plan.lists_of_owner) {
      try {
        // Some lists also show rows of other owners, so a first page without ours is not enough.
        const LookTerms all{.query = list.query, .to_end = true};
        if (look_at_list(fetcher, plan, list, all).or_throw().has_row) return;
        shown_nothing = true;
      } catch (const ConnectorError& error) {
        spdlog::info("{}", error.message());
      }
    }
  }
  if (shown_nothing) {
    throw ConnectorError(FailureKind::kConfig,
                         "Nothing is listed for " + owner.what +
                             ", and the token may not see whether it exists. Correct its "
                             "name, or give the token the scope " +
                             owner.scopes + ".",
                         verdict.error->detail());
  }
  spdlog::warn("Nothing is listed, and it cannot be checked whether that is everything: {}",
               verdict.error->message());
}

ConnectorError of_seen_owner(Fetcher& fetcher, const PartitionPlan& plan,
                             const ConnectorError& error) {
  // The server's own words follow the status; where it has no such route, there are none.
  constexpr std::string_view kUnknown = "HTTP 404: ";
  const std::size_t at = error.detail().find(kUnknown);
  if (at == std::string::npos || error.kind() != FailureKind::kConfig) return error;
  if (!plan.owner || !(plan.owner_unseen || plan.owner_seen)) return error;
  if (!plan.owner_seen) {
    Response response;
    const Verdict verdict = fetcher.fetch(plan.owner->path, *plan.owner, response, {});
    if (verdict.kind != Verdict::Kind::kAccept) return error;
  }
  return {FailureKind::kConfig,
          "This server does not offer " + plan.routes.front().what + " (" +
              error.detail().substr(at) + "), though it answers for " + plan.owner->what +
              ". The feature may be switched off there, or this kind of token may not see it. "
              "Leave this stream out.",
          error.detail()};
}

}  // namespace source_sentry
