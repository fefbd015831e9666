#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/survey.h"
#include "http/rate_headers.h"
#include "sentry/streams/table.h"

namespace source_sentry {

/// What a read of one stream would cost.
struct StreamForecast {
  Counted records;
  Counted requests;
  std::optional<std::uint64_t> bytes{};  ///< of records; as certain as their number
  std::optional<Duration> time{};        ///< with nothing else read at the same time
};

/// What all of them would together.
struct ReadForecast {
  std::vector<StreamForecast> streams;  ///< in the order of the surveys
  StreamForecast total;                 ///< without those of which nothing can be read
};

/// How the read would be made.
struct ForecastTerms {
  std::size_t workers = 1;
  double share = 1.0;                        ///< of the server's limits
  std::map<std::string, RateLimit> usual{};  ///< the windows that limits are counted in, by group
};

/// Works out what a read would cost from what the server says about its streams, which are those of
/// `streams`. Pure.
ReadForecast forecast_of(const std::vector<StreamSurvey>& surveys, const ForecastTerms& terms,
                         const StreamTable& streams = StreamTable());

}  // namespace source_sentry
