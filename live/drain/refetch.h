#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/run/rows_by_id.h"
#include "engine/run/sync.h"
#include "sentry/source/source.h"
#include "sentry/webhooks/envelope.h"
#include "spool/delivery.h"

namespace source_sentry {

/// Asks Sentry for the issues that webhooks were about, and writes their rows as records of
/// `issues`, so that a destination has what a sync would have brought: a webhook holds less. What
/// comes within a second is one request. Moves no cursor. Thread-safe.
class Refetch {
 public:
  /// `context`: how to ask; its sinks are not used. The source must outlive it.
  Refetch(Source& source, SyncContext context);
  ~Refetch();

  /// The issue of a webhook, if it is about one, is to be asked for.
  void note(const Delivery& delivery, const Envelope& envelope);

  /// A stream that gets the rows: `issues`, or one that is made of it.
  struct Target {
    StreamSink* sink = nullptr;
    std::shared_ptr<RecordShaping> shaping{};  ///< as in PartitionPlan; may be null
  };

  /// Writes to these from now on, in a thread of its own, until end().
  void begin(std::vector<Target> targets);
  /// Lets go of them. What is yet to be asked for waits for the next begin().
  void end();

 private:
  using Ids = std::set<std::string>;
  void work(const std::stop_token& stop, const std::vector<Target>& targets);
  void ask(std::map<std::string, Ids>& wanted, Fetcher& fetcher,
           const std::vector<Target>& targets);

  Source& source_;
  const SyncContext context_;
  std::unique_ptr<const RowsById> rows_;  // used by the thread alone
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Ids> wanted_;  // by the project's slug
  std::jthread thread_;                // last: it ends before what it uses
};

}  // namespace source_sentry
