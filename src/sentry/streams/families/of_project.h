#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// What records that are listed project by project, and do not say so themselves, are given.
inline std::vector<InjectedMember> of_project() {
  return {{"projectId", "{project_id}"}, {"projectSlug", "{project}"}};
}

}  // namespace source_sentry
