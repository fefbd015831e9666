#pragma once

#include <stop_token>

#include "app/cli.h"
#include "app/config_file.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// The four commands of the protocol. Each returns the process's exit code and reports whatever
/// goes wrong through `emitter`, so none throws.
int run_spec(Emitter& emitter);
int run_check(const ConfigFile& file, Emitter& emitter, std::stop_token stop);
int run_discover(const ConfigFile& file, Emitter& emitter);
int run_read(const Invocation& invocation, const ConfigFile& file, Emitter& emitter,
             std::stop_token stop);

}  // namespace source_sentry
