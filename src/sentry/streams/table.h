#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sentry/streams/stream_spec.h"

namespace source_sentry {

/// The table of streams, in the order in which `discover` lists them: the only list of them that
/// there is. Its rows are in the files of their families, next to what only they need.
const std::vector<StreamSpec>& stream_table();

/// The row with that name; null when there is none.
const StreamSpec* find_stream(std::string_view name);

/// The table as the Markdown of docs/streams.md.
std::string stream_docs();

/// The same as the Markdown of the table in docs/airbyte.md, below "Supported Streams".
std::string stream_table_of_page();

}  // namespace source_sentry
