#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/settings/invocation.h"
#include "app/settings/settings.h"
#include "protocol/catalog.h"
#include "sentry/config.h"
#include "sentry/streams/table.h"

namespace source_sentry {

/// The streams of a run with these settings. Of a configuration only what adds streams is looked
/// at. Throws a ConnectorError where that cannot be used.
StreamTable streams_of(const Settings& settings);

/// What is wrong with the patterns of --streams, with names that may have been meant; nothing where
/// each of them stands for one of the streams.
std::optional<std::string> unknown_streams(const std::vector<std::string>& patterns,
                                           const StreamTable& streams = StreamTable());

/// The streams to read: those of the catalog's file, or those that the patterns choose, or the
/// suggested ones, of `streams`, in the table's order. Patterns are those of projects: the last
/// match wins, and where all of them exclude, every stream is chosen first. A pattern that is no
/// stream's whole name means those of the configuration's groups. Each is as incremental as the
/// catalog says or as it can be, unless everything is to be read whole. Throws a ConnectorError
/// where the file cannot be used.
std::vector<ConfiguredStream> wanted_streams(const Invocation& invocation,
                                             const Config& config = {},
                                             const StreamTable& streams = StreamTable());

}  // namespace source_sentry
