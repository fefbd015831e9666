#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/fetch/fetcher.h"
#include "mapping/jq/watchdog.h"
#include "sentry/config.h"
#include "sentry/streams/table.h"

namespace source_sentry {

/// What `check` found out.
struct ProbeResult {
  bool succeeded = false;
  std::string message;     ///< one sentence what is wrong, one what to do; may be empty on success
  bool transient = false;  ///< it failed for lack of a connection, not because of the configuration
  std::size_t readable = 0;             ///< so many streams can be read
  std::size_t streams = 0;              ///< of so many; 0 where none was tried
  std::vector<std::string> projects{};  ///< those that will be read, by their slugs
};

/// What a check that has tried the streams found, for people: "Can read all 7 streams of 2
/// projects: api, web."
std::string sentence_of(const ProbeResult& result);

/// How long to keep trying: a person waits for the answer.
inline constexpr Fetcher::Patience kCheckPatience{.attempts = 2,
                                                  .attempts_before_other_route = 1,
                                                  .attempts_before_smaller_window = 2,
                                                  .attempts_before_successor = 1,
                                                  .attempts_when_busy = 2};

/// What is needed to ask.
struct ProbeContext {
  std::function<std::unique_ptr<HttpClient>()> make_client;  ///< called from several threads
  const Judge& judge;
  Pacer& pacer;
  Clock& clock;
  std::stop_token stop;
  StuckListener stuck{};  ///< may be empty
};

/// Asks the server what the streams need: first the project, or the list of projects, then each
/// stream's route for one row, all streams at once. The connection works if the organization and
/// the project are right and at least one stream can be read; what cannot is named, with the scope
/// that opens it; one that the configuration makes itself must not be refused, either. Of several
/// projects at most three are tried, the first, the middle and the last by name: enough to see what
/// the token lacks, however many there are. What each stream's route answered goes to the log.
ProbeResult probe(const Config& config, const StreamTable& streams, const ProbeContext& context);

}  // namespace source_sentry
