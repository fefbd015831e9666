#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "live/receive/limited_log.h"
#include "live/receive/metrics.h"
#include "live/server/http_server.h"
#include "spool/spool_writer.h"

namespace source_sentry {

/// A webhook that waits for its place on the disk. Whatever is known first answers it: that it has
/// one, or that it takes too long. It outlives the receiver where the store does. Thread-safe.
class PendingAnswer {
 public:
  /// `label`: what metrics call its resource. `clock` outlives it.
  PendingAnswer(std::string label, RequestHandler::Respond respond,
                std::shared_ptr<ReceiverMetrics> metrics, std::shared_ptr<LimitedLog> log,
                Clock& clock);

  void on_stored(SpoolWriter::Result result);
  void on_time_over();

 private:
  void answer(WebhookResult result);

  const std::string label_;
  const RequestHandler::Respond respond_;
  const std::shared_ptr<ReceiverMetrics> metrics_;
  const std::shared_ptr<LimitedLog> log_;
  Clock& clock_;
  const Instant begin_;
  std::atomic<bool> answered_ = false;
};

}  // namespace source_sentry
