#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/commands/connection.h"
#include "app/commands/guarded.h"
#include "sentry/source/source.h"

namespace source_sentry {

int run_discover(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    const Config config =
        load_config(context.settings);  // Airbyte expects a bad one to be refused here too
    emitter.catalog(Source(config, emitter.clock(), {}).catalog());
    return 0;
  });
}

}  // namespace source_sentry
