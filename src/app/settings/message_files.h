#pragma once

#include <string>
#include <vector>

#include "protocol/catalog.h"
#include "protocol/state.h"

namespace source_sentry {

/// Reads the file of a catalog: a document (see read_catalog), or an output of discover as it came,
/// of which the last CATALOG counts. Throws a ConnectorError that names the file or the place.
std::vector<ConfiguredStream> read_catalog_file(const std::string& path);

/// Reads the file of a state: a document (see read_saved_states), or an output of an earlier read
/// as it came, of which the last STATE of each stream counts. An output may be gigabytes long and
/// cut off anywhere: it is read once, in flat memory, and only its STATE lines are parsed.
/// `warnings` receives what was skipped. Throws a ConnectorError that names the file or the place.
SavedStates read_state_file(const std::string& path, std::vector<std::string>& warnings);

}  // namespace source_sentry
