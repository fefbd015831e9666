#pragma once

#include <chrono>

namespace source_sentry {

/// How long servers usually keep what comes in: sentry.io for 90 days at most, and so does a
/// self-hosted Sentry unless configured otherwise. An initial guess, never a bound.
inline constexpr std::chrono::days kUsualRetention(90);

}  // namespace source_sentry
