#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings/invocation.h"
#include "protocol/catalog.h"

namespace source_sentry {

/// What is wrong with the patterns of --streams, with names that may have been meant; nothing where
/// each of them stands for a stream.
std::optional<std::string> unknown_streams(const std::vector<std::string>& patterns);

/// The streams to read: those of the catalog's file, or those that the patterns choose, or the
/// suggested ones, in the table's order. Patterns are those of projects: the last match wins, and
/// where all of them exclude, every stream is chosen first. Each is as incremental as the catalog
/// says or as it can be, unless everything is to be read whole. Throws a ConnectorError where the
/// file cannot be used.
std::vector<ConfiguredStream> wanted_streams(const Invocation& invocation);

}  // namespace source_sentry
