#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// Whether the members that a property of a schema describes hold times. Some officially have no
/// format though they hold times (docs/schemas.md); their descriptions say so.
bool holds_times(const nlohmann::ordered_json& property);

/// The columns of files whose records have this schema, as DuckDB's read_json takes them:
/// `columns = {'id': 'VARCHAR', ...}`. Texts are VARCHAR, so that ids stay as they are, times
/// TIMESTAMPTZ, and what is nested stays JSON. Named like this, no type is guessed from the first
/// records.
std::string duckdb_columns(const nlohmann::ordered_json& schema);

}  // namespace source_sentry
