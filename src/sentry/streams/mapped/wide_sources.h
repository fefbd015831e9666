#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// One of the sources that exist for mapped streams only, see kProjectsWithTag; nothing for any
/// other name. `rows`: the streams of the table. `tag`: whose values are wanted, where the source
/// has some. By port-labs/ocean
/// 607beada, integrations/sentry/clients/sentry.py; but all pages of values, and issues of every
/// status.
std::optional<StreamSpec> wide_source(std::string_view name, const std::string& tag,
                                      const std::vector<StreamSpec>& rows);

}  // namespace source_sentry
