#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The table of streams, in the order in which `discover` lists them: the only list of them that
/// there is. Its rows are in the files of their families, next to what only they need.
const std::vector<StreamSpec>& stream_table();

/// The row with that name; null when there is none.
const StreamSpec* find_stream(std::string_view name);

/// Whether the configuration's groups have the stream. One that is named is read in any case.
bool is_offered(const StreamSpec& spec, const Config& config);

}  // namespace source_sentry
