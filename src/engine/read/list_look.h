#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// What a look at a list came to. Rows of what was not asked for show nothing, see Route::means.
struct ListLook {
  bool has_row = false;
  std::optional<Instant> newest{};   ///< of its rows' times, where they have one
  std::optional<Verdict> refusal{};  ///< the list is refused, and shows nothing

  /// The look, of a list that is not refused; throws the ConnectorError of one that is.
  const ListLook& or_throw() const {
    if (refusal) throw *refusal->error;
    return *this;
  }
};

/// How to look.
struct LookTerms {
  const std::string& query;        ///< fixed parameters: the route's own, or those of its probe
  const Window* window = nullptr;  ///< null: the list without a search
  bool to_end = false;             ///< on until a row is shown; otherwise at the first page alone
};

/// Looks whether a list of the plan's rows shows any. Throws the ConnectorError of a later page
/// that cannot be had.
ListLook look_at_list(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                      const LookTerms& terms);

}  // namespace source_sentry
