#pragma once

#include <chrono>

namespace source_sentry {

/// For how long servers usually keep what comes in: sentry.io for 90 days at most, and so does a
/// self-hosted Sentry unless told otherwise. A guess to begin with, never a bound.
inline constexpr std::chrono::days kUsualRetention(90);

}  // namespace source_sentry
