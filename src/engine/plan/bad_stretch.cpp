#include "engine/plan/bad_stretch.h"

#include <algorithm>
#include <optional>

namespace source_sentry {

using std::chrono::seconds;

Instant end_of_bad_stretch(Instant from, Instant until,
                           const std::function<bool(Instant)>& answers) {
  constexpr int kShareOfSoFar = 16;
  constexpr Duration kOne = seconds(1);
  Instant bad = from;
  std::optional<Instant> good;
  while (!good) {
    const Duration so_far = bad + kOne - from;
    const Duration step = std::max<Duration>(
        kOne, std::chrono::floor<seconds>(Duration(so_far.count() / kShareOfSoFar)));
    if (bad + kOne >= until) return until;
    const Instant next = std::min(bad + step, until - kOne);
    if (answers(next)) {
      good = next;
    } else {
      bad = next;
    }
  }
  while (*good - bad > kOne) {
    const Instant middle =
        bad + std::max<Duration>(kOne, std::chrono::floor<seconds>((*good - bad) / 2));
    (answers(middle) ? *good : bad) = middle;
  }
  return *good;
}

}  // namespace source_sentry
