#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "live/receive/answer_timer.h"
#include "live/receive/endpoint.h"
#include "live/receive/failure_limit.h"
#include "live/receive/limited_log.h"
#include "live/receive/metrics.h"
#include "live/server/http_server.h"
#include "sentry/webhooks/envelope.h"
#include "spool/spool_writer.h"

namespace source_sentry {

/// Where deliveries are kept: a SpoolWriter, see its functions of these names.
struct DeliveryStore {
  std::function<void(Delivery, SpoolWriter::Done)> append;
  std::function<double()> fill;
};

struct ReceiverOptions {
  std::vector<Endpoint> endpoints{};
  /// A webhook whose time is further from ours is refused; zero: none is. The time is not signed:
  /// it is the store that knows a body again, for as long as it does.
  std::chrono::seconds most_distance{300};
  std::chrono::milliseconds store_time{900};  ///< Sentry waits for a second
  double nearly_full = 0.9;                   ///< of the store: from there on errors are dropped
  std::size_t failures_a_minute = 30;         ///< of one client, before it is held up
  std::vector<std::string> proxies{"127.0.0.1", "::1"};  ///< our own, which name their clients
};

/// Takes webhooks in: those that are signed are stored, and answered once they are. Thread-safe.
class WebhookReceiver final : public RequestHandler {
 public:
  /// `clock` outlives it, and the last call of the store. No line of `log` holds a body, a header
  /// or a secret. Throws a ConnectorError, see require_usable.
  WebhookReceiver(ReceiverOptions options, DeliveryStore store,
                  std::shared_ptr<ReceiverMetrics> metrics, ReceiverLog log, Clock& clock);

  /// Whether one of its endpoints is there.
  bool serves(std::string_view path) const;

  Admission admit(const RequestHead& head) override;
  void handle(HttpRequest request, Respond respond) override;
  void refused(const std::string& peer, int status) override;

  /// Takes others instead, for all requests from now on. Throws as the constructor does, and then
  /// those before stay in use.
  void use(std::vector<Endpoint> endpoints);

  /// Takes nothing more: what comes is answered with 503.
  void shut() { is_shut_ = true; }

 private:
  using Endpoints = std::shared_ptr<const std::vector<Endpoint>>;
  class Pending;

  Endpoints endpoints() const;
  HttpAnswer refuse(const RequestHead& head, int status, const std::string& why);
  bool is_signed(const HttpRequest& request, const Endpoint& endpoint);
  /// What speaks against a delivery whose signature is good.
  std::optional<WebhookResult> objection(const HttpRequest& request, const Delivery& delivery,
                                         const std::optional<Envelope>& envelope);
  bool has_no_room_for(const Delivery& delivery);
  void store(Delivery delivery, const std::string& label, Respond respond);

  const ReceiverOptions options_;
  const DeliveryStore store_;
  const std::shared_ptr<ReceiverMetrics> metrics_;
  const std::shared_ptr<LimitedLog> log_;
  Clock& clock_;
  mutable std::mutex mutex_;
  Endpoints endpoints_;
  FailureLimit failures_;
  std::atomic<bool> is_shut_ = false;
  std::atomic<bool> has_seen_app_header_ = false;
  AnswerTimer timer_;
};

}  // namespace source_sentry
