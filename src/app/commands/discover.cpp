#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "app/settings/connection.h"
#include "http/curl_client.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"
#include "sentry/source/source.h"

namespace source_sentry {

int run_discover(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Config config =
        load_config(context.settings);  // Airbyte expects a bad one to be refused here too
    const Source source(config, emitter.clock(), {});
    CurlClientFactory clients(source.asks_for_catalog() ? connection_options(config)
                                                        : ConnectionOptions());
    const Judge judge = make_judge(config.host);
    Pacer pacer(starting_limits(), config.max_rate_share);
    emitter.catalog(source.catalog(
        {[&] { return clients.make(); }, judge, pacer, emitter.clock(), context.stop}));
    return 0;
  });
}

}  // namespace source_sentry
