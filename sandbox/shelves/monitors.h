#pragma once

#include "sandbox/shelves/shelf.h"

namespace sandbox {

/// The cron and uptime monitors of one project, which detectors watch as well.
Rows crons_of(const Scene& scene, Index project);
Rows uptime_of(const Scene& scene, Index project);

}  // namespace sandbox
