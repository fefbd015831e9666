#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/terminal/board.h"

namespace source_sentry {

/// What there is to say at the end of a read besides the numbers.
struct ReadEnd {
  std::map<std::string, std::string> failures;  ///< by stream: what went wrong
  std::string folder;                           ///< where the files are; empty: on stdout
};

/// The end of a read in lines: one for each stream with its records, bytes, time, and whether all
/// of it was read and why not; and one for all, with what to do next. Pure. `width`: where a line
/// with a reason is cut, as each reason was told before; 0: nowhere.
std::vector<std::string> summary_of(const std::vector<StreamFigures>& streams, const ReadEnd& end,
                                    Duration time, std::size_t width);

}  // namespace source_sentry
