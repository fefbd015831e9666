#pragma once

#include <optional>

#include "base/time.h"

namespace source_sentry {

/// What the server's clock shows, according to the Date headers of its answers. They carry
/// whole seconds only, but each answer narrows down the offset to a clock of ours, to about one
/// round trip after a few answers. Ours may be any clock, best a steady one; if it jumps, what
/// was known is forgotten. A single answer from an earlier time comes from a cache, and is
/// ignored.
class ServerClock {
 public:
  /// Takes in the server's time, if any, in the answer to a request sent at `sent` and received at
  /// `received`, by that clock.
  void observe(std::optional<Instant> shown, Instant sent, Instant received);

  /// The server's time at our `local` time, at the earliest: waiting for a moment by this is never
  /// too short. Our own time while nothing is known.
  Instant at(Instant local) const { return local + earliest_.value_or(Duration::zero()); }

 private:
  std::optional<Duration> earliest_;  // the server's clock is ahead of ours by at least this
  std::optional<Duration> latest_;    // and by less than this
  int back_in_a_row_ = 0;
};

}  // namespace source_sentry
