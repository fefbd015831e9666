#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/connection.h"
#include "app/commands/guarded.h"
#include "app/settings/environment.h"
#include "http/curl_client.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"

namespace source_sentry {

int run_check(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    // A file that cannot be read is a failure of the call; what it says is what is being checked.
    const nlohmann::json& document = open_config(context.config);
    Config config;
    ConnectionOptions options;
    try {
      config = read_config(document, in_cloud());
      options = connection_options(config);
    } catch (const ConnectorError& error) {
      emitter.connection_status(false, error.message());
      return 0;
    }
    CurlClientFactory clients(options);
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits());
    const ProbeResult result =
        Source(config, emitter.clock(), {})
            .probe({[&] { return clients.make(); }, judge, pacer, emitter.clock(), context.stop});
    if (result.transient) {
      emitter.error(ConnectorError(FailureKind::kTransient, result.message));
    } else if (result.succeeded && !result.message.empty()) {
      spdlog::warn("{}", result.message);
    } else if (result.succeeded) {
      spdlog::info("Check succeeded");
    }
    emitter.connection_status(result.succeeded, result.message);
    return 0;
  });
}

}  // namespace source_sentry
