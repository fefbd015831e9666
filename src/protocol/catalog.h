#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

enum class SyncMode { kFullRefresh, kIncremental };

/// One stream that the caller wants, as far as a source cares.
struct ConfiguredStream {
  std::string name;
  SyncMode sync_mode = SyncMode::kFullRefresh;
  std::vector<std::string> fields;  ///< top-level properties of its schema; empty: unknown
  /// Top-level keys by which the destination removes duplicates; empty: it does not, or not only by
  /// such keys.
  std::vector<std::string> deduplicated_by{};
};

/// Reads a configured catalog, or one as discover prints it, with or without its envelope: of such
/// a one each stream is as incremental as it can be. Unknown keys and nulls are ignored; a catalog
/// that breaks the protocol (no streams, no name, a sync mode that does not exist) throws a
/// ConnectorError that names the place. Whether a stream exists is not checked here.
std::vector<ConfiguredStream> read_catalog(const nlohmann::json& document);

}  // namespace source_sentry
