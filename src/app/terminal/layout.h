#pragma once

#include <string>
#include <vector>

#include "app/terminal/board.h"
#include "app/terminal/live_area.h"

namespace source_sentry {

/// What is shown of a stream at a moment.
struct StreamView {
  StreamFigures figures;
  double pace = 0;                 ///< records a second, lately
  std::optional<Duration> left{};  ///< until its end, an estimate
};

/// The lines that change, each narrower than the terminal, and fewer than it has: one for each
/// stream that is read, and one for all. What does not fit is left out: the bytes first, then the
/// pace. Pure. `now`: the time of day.
std::vector<std::string> live_lines(const std::vector<StreamView>& streams,
                                    const TerminalSize& size, Instant now);

/// The same for where nothing can be changed afterwards: whole lines.
std::vector<std::string> plain_lines(const std::vector<StreamView>& streams, Instant now);

/// The same for programs: one object.
std::string json_line(const std::vector<StreamView>& streams, Instant now, bool done);

}  // namespace source_sentry
