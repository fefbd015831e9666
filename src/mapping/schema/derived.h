#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mapping/shape/mapped_stream.h"

namespace source_sentry {

/// What the catalog says of a mapped stream.
struct DerivedStream {
  std::vector<std::string> primary_key;  ///< empty: none
  std::string cursor_field;              ///< empty: its records do not hold the source's cursor
};

/// Whether the records hold the source's member of that name as it came.
bool keeps_member(const MappedStream& stream, const std::string& name);

/// The key and the cursor of `stream`: as declared; else the source's, where the records hold it as
/// it came. Rows made of items have no key but a declared one.
DerivedStream derive_stream(const MappedStream& stream, const std::vector<std::string>& source_key,
                            const std::string& source_cursor);

/// The JSON schema (draft-07) of the records: as declared; else of each plain path what
/// `source_schema` says there, of literals their type, and of jq's results what the expression
/// tells. Everything but key members may be null, and other members may come.
nlohmann::ordered_json derive_schema(const MappedStream& stream,
                                     const std::vector<std::string>& primary_key,
                                     const nlohmann::ordered_json& source_schema);

}  // namespace source_sentry
