#include "live/receive/pending_answer.h"

#include <utility>

#include "live/server/answer_text.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

WebhookResult result_of(SpoolWriter::Result stored) {
  switch (stored) {
    case SpoolWriter::Result::kStored:
      return WebhookResult::kStored;
    case SpoolWriter::Result::kDuplicate:
      return WebhookResult::kDuplicate;
    case SpoolWriter::Result::kFull:
      return WebhookResult::kFull;
    case SpoolWriter::Result::kFailed:
      break;
  }
  return WebhookResult::kFailed;
}

/// What people are told of a webhook that was refused for this.
std::string_view trouble(WebhookResult result) {
  switch (result) {
    case WebhookResult::kFull:
      return "A webhook was refused: the spool has no room left. Sentry does not send it again; "
             "the next resync brings what it was about.";
    case WebhookResult::kFailed:
      return "A webhook was refused: the spool's disk has failed. Nothing more is taken in.";
    default:
      return "A webhook was refused: the spool's disk was too slow. It may be stored all the same.";
  }
}

}  // namespace

PendingAnswer::PendingAnswer(std::string label, RequestHandler::Respond respond,
                             std::shared_ptr<ReceiverMetrics> metrics,
                             std::shared_ptr<LimitedLog> log, Clock& clock)
    : label_(std::move(label)),
      respond_(std::move(respond)),
      metrics_(std::move(metrics)),
      log_(std::move(log)),
      clock_(clock),
      begin_(clock.steady_now()) {}

void PendingAnswer::on_stored(SpoolWriter::Result result) {
  if (!answered_.exchange(true)) return answer(result_of(result));
  if (result == SpoolWriter::Result::kStored) metrics_->count_late_store();
}

void PendingAnswer::on_time_over() {
  if (!answered_.exchange(true)) answer(WebhookResult::kLate);
}

void PendingAnswer::answer(WebhookResult result) {
  metrics_->count(label_, result);
  if (result == WebhookResult::kStored || result == WebhookResult::kDuplicate) {
    metrics_->count_ack(clock_.steady_now() - begin_);
    return respond_({});
  }
  respond_(plain_answer(status::kUnavailable));
  const std::string line(trouble(result));
  log_->warn(line, line);
}

}  // namespace source_sentry
