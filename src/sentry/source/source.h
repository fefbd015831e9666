#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/plan/stream_job.h"
#include "sentry/config.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/source/list_times.h"
#include "sentry/source/probe.h"
#include "sentry/streams/mapped/shaping.h"
#include "sentry/streams/spec/record_secrets.h"
#include "sentry/streams/table.h"
#include "sentry/webhooks/live_read.h"

namespace source_sentry {

/// What the caller wants of one stream.
struct WantedStream {
  std::string name;
  bool full_refresh = false;
  nlohmann::json saved_state{};                ///< what came in for it; null for nothing
  std::vector<std::string> fields{};           ///< its top-level fields; empty: all
  std::vector<std::string> deduplicated_by{};  ///< the keys that duplicates are removed by, if any
};

/// One configured organization as a source: what it has, what of that is to be read, and whether it
/// can be. All three come from one table of streams. Thread-safe once its jobs are made.
class Source {
 public:
  /// `found_secret` receives every secret that a record holds, from any thread; `stuck` is told of
  /// an expression without an end; both may be empty. The clock must outlive the source. Logs what
  /// there is to know of the configuration's own streams. Throws a ConnectorError as StreamTable
  /// does.
  Source(Config config, Clock& clock, SecretListener found_secret, StuckListener stuck = {});

  /// All of its streams.
  const StreamTable& streams() const { return streams_; }

  /// Whether the server is asked when they are listed.
  bool asks_for_catalog() const;

  /// The streams as `discover` lists them. Throws Mistakes where jq cannot take expressions. Asks
  /// for nothing but the types of those whose types only the server knows; where it does not
  /// answer, a warning says so and their types stay open.
  nlohmann::ordered_json catalog(const ProbeContext& context) const;

  /// One stream as it is to be read; the source must outlive the job. One that does not exist fails
  /// when it is read, so that the others are still read. Logs a warning where the wanted key is not
  /// the stream's.
  StreamJob job(WantedStream wanted);

  /// Whether the stream is one of received webhooks, or made of them.
  bool is_live(const std::string& stream) const;

  /// The same as job() for a stream of received webhooks, which is read from the spool and asks no
  /// server.
  LiveJob live_job(WantedStream wanted);

  /// What makes the records of a mapped stream; null where the stream is none.
  std::shared_ptr<RecordShaping> shaping(const std::string& stream) const;

  /// The records that a mapped stream, one of its own, is made of: all of them, in full.
  StreamJob job_of_source(const StreamSpec& mapped);

  /// Whether the streams can be read, see probe.h.
  ProbeResult probe(const ProbeContext& context) const;

 private:
  void compile_all() const;
  void warn_of_key(const WantedStream& wanted, const StreamSpec& spec) const;

  const Config config_;
  const StreamTable streams_;
  const SecretListener found_secret_;
  const StuckListener stuck_;
  ProjectLookup lookup_;
  ListTimes times_;
};

}  // namespace source_sentry
