#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "engine/fetch/page_walk.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Why a list cannot be had, by any way.
struct Refusal {
  ConnectorError error;
  bool forbidden = false;  ///< the token lacks something
  std::string scopes{};    ///< for people: any of which it lacks, where that is known
};

Refusal refusal_of(const Verdict& verdict, int status);

/// Takes the walk at its first page. Another route than that of `walk` was refused before, if any.
using TakePage = std::function<void(PageWalk& walk, const Route& route)>;

/// Asks for the first page of a partition's list, in the way that a read prefers, or in the next
/// one where that is refused, and hands it to `take`. Where the whole range of time is too much for
/// the server, its newest part is asked for. `rows`: how many the page shall have; 0: as many as
/// those of a read. Returns why there is none. Throws what the walk and `take` throw.
std::optional<Refusal> with_first_page(PartitionPlan& plan, std::size_t rows, Fetcher& fetcher,
                                       const TakePage& take);

}  // namespace source_sentry
