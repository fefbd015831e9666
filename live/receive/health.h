#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "live/server/http_server.h"

namespace source_sentry {

/// What there is to know of the process. Called from the server's threads.
struct HealthSources {
  std::function<bool()> is_healthy;  ///< whether it works at all
  /// Why it should not be sent webhooks now; nothing where it should.
  std::function<std::optional<std::string>()> why_not_ready;
  std::function<std::string()> metrics;  ///< in Prometheus' text format
};

/// Answers /healthz, /readyz and /metrics, on a port that the internet does not see.
class HealthHandler final : public RequestHandler {
 public:
  explicit HealthHandler(HealthSources sources) : sources_(std::move(sources)) {}

  Admission admit(const RequestHead& head) override;
  void handle(HttpRequest request, Respond respond) override;

 private:
  const HealthSources sources_;
};

}  // namespace source_sentry
