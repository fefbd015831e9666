#pragma once

namespace source_sentry {

/// From here on a crash of this process writes no core dump, which would hold the token, and other
/// processes of the same user cannot look into its memory. Call this first.
void forbid_core_dumps();

}  // namespace source_sentry
