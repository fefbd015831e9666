#pragma once

#include <memory>
#include <vector>

#include "engine/plan/custom_plan.h"
#include "sentry/streams/custom/custom_chain.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// How `chain` is read in this run. `scopes`: of the parts in which the parents' own stream is
/// read; they are not used later.
std::shared_ptr<const CustomPlan> custom_plan(const CustomChain& chain, const Config& config,
                                              const std::vector<StreamScope>& scopes);

/// The secrets that headers may name, our own token by its usual names among them.
std::map<std::string, std::string> secrets_for_headers(const Config& config);

}  // namespace source_sentry
