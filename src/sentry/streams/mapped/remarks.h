#pragma once

#include <string>
#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// What is worth knowing of a mapped stream before it is read, since a destination may do something
/// else than its owner expects: for people, a line each.
std::vector<std::string> remarks_on(const StreamSpec& mapped, const Config& config);

}  // namespace source_sentry
