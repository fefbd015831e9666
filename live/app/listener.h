#pragma once

#include <stop_token>

#include "app/settings/settings.h"
#include "live/app/options.h"
#include "live/app/signal_loop.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// Takes webhooks in and has their records leave until a signal, or a failure, ends it. Returns the
/// exit code. `stdout_ends` is requested where stdout takes no more: webhooks are taken in all the
/// same, and their records leave when it is started again. Throws a ConnectorError where it cannot
/// start.
int run_listener(const ListenOptions& options, const Settings& settings, Emitter& emitter,
                 const SignalLoop& signals, const std::stop_token& stdout_ends);

/// Says whether Sentry's webhooks come here. Returns the exit code. Throws a ConnectorError.
int run_doctor(const ListenOptions& options, const Settings& settings, Emitter& emitter,
               const std::stop_token& stop);

}  // namespace source_sentry
