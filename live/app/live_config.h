#pragma once

#include "app/settings/settings.h"
#include "live/app/options.h"
#include "live/drain/cycles.h"
#include "sentry/config.h"
#include "sentry/source/source.h"

namespace source_sentry {

/// The connector's configuration of a listener. Without a token there is one, too, which can ask
/// Sentry nothing. Throws a ConnectorError where it is wrong.
Config live_config(const Settings& settings, const ListenOptions& options);

/// Which streams leave, and how: what the options choose among those of the source. Throws a
/// ConnectorError where they want what needs a token, and there is none.
CyclePlan cycle_plan(const ListenOptions& options, const Config& config, const Source& source);

}  // namespace source_sentry
