#pragma once

#include <string>

namespace source_sentry {

/// The table of streams as the Markdown of docs/streams.md: a table for each group, and below it
/// what each of its streams costs and lacks.
std::string stream_docs();

/// The core streams as the Markdown of the table in docs/airbyte.md, below "Supported Streams".
std::string stream_table_of_page();

}  // namespace source_sentry
