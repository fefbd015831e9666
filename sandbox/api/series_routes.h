#pragma once

#include "sandbox/api/route.h"

namespace sandbox {

// Time series, whose rows are shelves with a row for each group and day. Other parameters than the
// connector's are refused by name rather than answered with something else.

/// Outcomes of the organization by days: all of them, without pages.
Answer show_outcomes(const Call& call);
/// Outcomes of each project, over all of the range.
Answer show_summary(const Call& call);
/// Sessions by days, in pages of groups.
Answer show_sessions(const Call& call);

}  // namespace sandbox
