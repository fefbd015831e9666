#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "app/terminal/layout.h"

namespace source_sentry {

/// How fast streams are, by looking at their numbers now and then. Not thread-safe.
class Pace {
 public:
  /// Takes in the numbers of now, and adds what earlier ones say. `now`: by the steady clock.
  std::vector<StreamView> look(std::vector<StreamFigures> streams, Instant now);

 private:
  struct Sample {
    Instant when;
    std::uint64_t records = 0;
  };
  std::map<std::string, std::deque<Sample>> samples_;
};

}  // namespace source_sentry
