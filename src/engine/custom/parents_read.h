#pragma once

#include <functional>
#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/plan/custom_plan.h"

namespace source_sentry {

/// Hands the rows of a list of parents to `take`, each once. What is too much for the server is
/// asked for in narrower windows, where the list knows time. Returns why that cannot be had;
/// nothing where it was read to its end. Throws a ConnectorError where it breaks off.
std::optional<Verdict> read_parent_list(const ParentList& list, Fetcher& fetcher,
                                        const std::function<void(const RecordView&)>& take,
                                        bool only_first_page = false);

}  // namespace source_sentry
