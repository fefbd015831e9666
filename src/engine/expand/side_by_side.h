#pragma once

#include <cstddef>

namespace source_sentry {

/// How many requests are under way at a time. Eight at 200 ms each are the 40 a second that
/// sentry.io allows.
inline constexpr std::size_t kSideBySide = 8;

/// Hands out `rows` rows in their order, each begun up to `lanes` rows before its turn: row i has
/// the lane i % lanes. `begin(i)` sends the row's request, `waits(i)` says that a request that was
/// begun has not been sent yet, `take(i, begun)` waits for the answer; rows before `begun` have
/// begun. What `take` throws ends it.
template <typename Begin, typename Waits, typename Take>
void side_by_side(std::size_t rows, std::size_t lanes, const Begin& begin, const Waits& waits,
                  const Take& take) {
  std::size_t begun = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    // None is sent while an earlier one waits for its turn: it might take the place that the
    // earlier one needs, and its answer would be read only after that.
    while (begun < rows && begun < i + lanes) {
      if (begun > i && waits(begun - 1)) break;
      begin(begun++);
    }
    take(i, begun);
  }
}

}  // namespace source_sentry
