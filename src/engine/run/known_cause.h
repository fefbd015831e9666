#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/state/partition.h"

namespace source_sentry {

/// A text without the partition's names and without ids: what it has in common with those of other
/// partitions. `of`: null where it is not about one.
std::string without_names(std::string_view text, const Partition* of);

/// The error in place of one whose cause was told. `told_by`: the stream that told it, if another.
ConnectorError of_known_cause(const ConnectorError& error, const std::string& told_by);

}  // namespace source_sentry
