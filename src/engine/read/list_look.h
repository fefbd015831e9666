#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// What a look at a list has shown. Rows that were not asked for do not count, see Route::means.
struct ListLook {
  bool has_row = false;
  std::optional<Instant> newest{};   ///< the newest time of its rows, if they have times
  std::optional<Verdict> refusal{};  ///< set if the list was refused; it then shows nothing

  /// This look, or throws the ConnectorError of the refusal if there is one.
  const ListLook& or_throw() const {
    if (refusal) throw *refusal->error;
    return *this;
  }
};

/// How to look.
struct LookTerms {
  const std::string& query;        ///< fixed parameters: the route's own, or those of its probe
  const Window* window = nullptr;  ///< null: the list without a window
  bool to_end = false;             ///< page by page until one shows a row; false: one page only
};

/// Looks whether a list shows any rows. A refusal of its first page is part of the result. Throws
/// the ConnectorError of a later page that cannot be read, and Stopped.
ListLook look_at_list(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                      const LookTerms& terms);

}  // namespace source_sentry
