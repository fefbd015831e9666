#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/fetch/route.h"

namespace source_sentry {

// What the answers of time series hold, see SeriesPlan: a record for each of the days asked for and
// each group. Each takes an object that RecordSplitter has checked, passes values on as they were
// sent, and throws a ConnectorError where that is not such an answer.

/// `intervals` and `groups`: the record has the interval as `date`, the members of the group's `by`
/// and the value of each series. Totals depend on what was asked for, and are left out.
std::vector<std::string> series_records(std::string_view answer, const Window& span);

/// `projects` with `stats` of each category, which are of one day only.
std::vector<std::string> summary_records(std::string_view answer, const Window& span);

}  // namespace source_sentry
