#include "app/commands/commands.h"
#include "app/commands/guarded.h"
#include "sentry/embedded.h"

namespace source_sentry {

int run_spec(const CommandContext& context) {
  Emitter& emitter = context.emitter;
  return guarded(emitter, [&] {
    emitter.spec(embedded_schema("spec"));
    return 0;
  });
}

}  // namespace source_sentry
