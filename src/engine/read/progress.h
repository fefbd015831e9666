#pragma once

namespace source_sentry {

/// How far a piece of work has come that is done step by step.
enum class Progress {
  kMore,   ///< another step is to follow
  kDone,   ///< it has come to its end
  kWaits,  ///< it has found nothing, and may know more of that once the others have come so far
};

}  // namespace source_sentry
