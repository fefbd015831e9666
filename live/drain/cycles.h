#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/run/sync.h"
#include "live/drain/outlet.h"
#include "live/drain/refetch.h"
#include "sentry/source/source.h"

namespace source_sentry {

/// What the cycles are made of. All of it outlives them.
struct CyclePlan {
  std::string spool;                       ///< the folder
  std::vector<WantedStream> live;          ///< of received webhooks
  std::vector<WantedStream> resynced;      ///< read as `read` would
  Duration resync_every{};                 ///< zero: never
  bool refetches = false;                  ///< issues of webhooks are asked for
  std::vector<std::string> issue_streams;  ///< `issues`, and those made of it
};

/// Has the records of webhooks leave as they come, and reads the other streams now and then. One
/// after the other: while a resync runs, webhooks wait in the spool, so nothing that it brings is
/// older than what was written before.
class Cycles {
 public:
  /// `sync`: how to ask Sentry; its sinks are not used. `rows`: the same source as far as it knows
  /// how to ask for single issues; may be null where the plan refetches none.
  Cycles(const CyclePlan& plan, Source& source, Source* rows, Outlet& outlet,
         const SyncContext& sync);

  /// Until a stop is requested. Throws a ConnectorError where records cannot leave.
  void run(const std::stop_token& stop);

  /// The time since the last resync that was read to its end, or since the start; for people.
  Duration since_resync() const;
  /// How long the latest webhook was here before its record left.
  Duration lag() const { return Duration(lag_.load()); }

 private:
  void follow(const std::stop_token& stop);
  void resync(const std::stop_token& stop);
  bool resync_is_due() const;

  const CyclePlan& plan_;
  Source& source_;
  Outlet& outlet_;
  const SyncContext& sync_;
  std::unique_ptr<Refetch> refetch_;   // null: there is none
  Instant next_resync_;                // by the steady clock
  std::atomic<Instant> last_resync_;   // the same
  std::atomic<std::int64_t> lag_ = 0;  // in microseconds
};

}  // namespace source_sentry
