#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "sentry/config.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/streams/spec/record_secrets.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The plan of a stream for this run. `fields`: the top-level fields that the caller asked for.
/// `found` receives every secret that a record holds. `shaping`: of a stream that is made of
/// another one. All but the selection must outlive the plan.
StreamPlan plan_stream(const StreamSpec& spec, const Config& config, const Selection& selection,
                       ProjectLookup& lookup, const std::vector<std::string>& fields,
                       const SecretListener& found = {},
                       const std::shared_ptr<RecordShaping>& shaping = nullptr);

}  // namespace source_sentry
