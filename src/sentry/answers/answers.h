#pragma once

#include "engine/fetch/verdict.h"
#include "http/base_url.h"

namespace source_sentry {

/// Explains Sentry's answers: what each status, header and body means for the request behind it,
/// and what to tell the person who has to fix it. `host` is named where the address may be the
/// mistake.
Judge make_judge(const BaseUrl& host);

}  // namespace source_sentry
